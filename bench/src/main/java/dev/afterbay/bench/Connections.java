package dev.afterbay.bench;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntFunction;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** Connections to one server, kept alive and served by the calling thread. */
final class Connections {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double SHARE_P99 = 0.99;

  /** A server that says nothing for so long is stuck. */
  private static final Duration SILENCE_MAX = Duration.ofSeconds(60);

  private final InetSocketAddress server;
  private final @Nullable SSLContext tls;
  private double[] millis = new double[1 << 16];
  private int timed;
  private long items;

  /**
   * @param tls null: in clear text
   */
  Connections(InetSocketAddress server, @Nullable SSLContext tls) {
    this.server = server;
    this.tls = tls;
  }

  /**
   * Runs scripts to their end, each on a connection of its own.
   *
   * @throws IOException if a connection is lost or the server is silent
   */
  Task.Result run(int count, IntFunction<Script> scripts) throws IOException {
    List<Connection> connections = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < count; i++) {
        connections.add(Connection.open(server, tls, selector, scripts.apply(i)));
      }
      long began = System.nanoTime();
      int busy = 0;
      for (Connection connection : connections) {
        busy += connection.sendNext() ? 1 : 0;
      }
      while (busy > 0) {
        busy -= serve(selector);
      }
      return result(System.nanoTime() - began);
    } finally {
      for (Connection connection : connections) {
        connection.close();
      }
    }
  }

  /** Answers how many connections came to their end. */
  private int serve(Selector selector) throws IOException {
    if (selector.select(SILENCE_MAX.toMillis()) == 0) {
      throw new IOException("the server said nothing for " + SILENCE_MAX);
    }
    int ended = 0;
    for (SelectionKey key : selector.selectedKeys()) {
      ended += proceed((Connection) key.attachment()) ? 0 : 1;
    }
    selector.selectedKeys().clear();
    return ended;
  }

  private boolean proceed(Connection connection) throws IOException {
    Reply reply = connection.proceed();
    if (reply == null) {
      return true;
    }
    Script script = connection.script();
    if (script.isTimed()) {
      time(System.nanoTime() - connection.sentAt());
    }
    items += script.answered(reply);
    return connection.sendNext();
  }

  private void time(long nanos) {
    if (timed == millis.length) {
      millis = Arrays.copyOf(millis, 2 * timed);
    }
    millis[timed++] = nanos / NANOS_PER_MILLI;
  }

  private Task.Result result(long nanos) {
    Numbers times = new Numbers(Arrays.copyOf(millis, Math.max(1, timed)));
    return new Task.Result(
        items, Numbers.seconds(nanos), times.median(), times.percentile(SHARE_P99));
  }
}
