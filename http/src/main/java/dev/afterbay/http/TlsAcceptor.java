package dev.afterbay.http;

import io.netty.channel.Channel;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** TLS for the connections of one listener, and the threads that do the work of its handshakes. */
final class TlsAcceptor implements AutoCloseable {
  /*
   * A handshake takes a millisecond or more of a processor. On the event loop a flood of them would
   * hold up all other connections, on all listeners; so it has threads of its own, for half of the
   * processors. What waits there is limited, as clients may be gone long before it is their turn.
   */

  private static final int WAITING_MAX = 1_000;
  private static final long IDLE_SECONDS_MAX = 10;

  private final ListenerTls tls;
  private final ThreadPoolExecutor threads;
  private final Set<TlsHandler> unfinished = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  TlsAcceptor(ListenerTls tls) {
    this.tls = tls;
    int count = Math.max(1, Runtime.getRuntime().availableProcessors() / 2);
    threads =
        new ThreadPoolExecutor(
            count,
            count,
            IDLE_SECONDS_MAX,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("afterbay-tls-", 0).factory());
    threads.allowCoreThreadTimeOut(true);
  }

  TlsHandler handler(Channel channel) {
    TlsHandler handler = new TlsHandler(tls.engine(), tasks(channel));
    unfinished.add(handler);
    handler.handshakeFuture().addListener(_ -> unfinished.remove(handler));
    channel.closeFuture().addListener(_ -> unfinished.remove(handler));
    if (closed) { // Whoever closed may not have seen it.
      handler.abandon();
    }
    return handler;
  }

  /** Does what is expensive in a handshake, or refuses it if too much waits. */
  Executor tasks() {
    return threads;
  }

  /** Those of a client that has left meanwhile are not done. */
  private Executor tasks(Channel channel) {
    return task ->
        threads.execute(() -> {
          if (channel.isOpen()) {
            task.run();
          }
        });
  }

  ListenerTls listener() {
    return tls;
  }

  void look() {
    tls.look();
  }

  /** Also ends the handshakes that are under way, as nothing else would. */
  @Override
  public void close() {
    closed = true;
    threads.shutdownNow();
    unfinished.forEach(TlsHandler::abandon);
  }
}
