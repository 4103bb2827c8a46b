package dev.afterbay.contract;

import dev.afterbay.contract.Fault.Way;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A TCP proxy on loopback that breaks, stalls or delays a connection at the byte that a test names.
 *
 * <p>At most one {@link Fault} is set at a time. Its bytes are counted over all connections from
 * when it is set; the connection that carries the one at which it happens suffers it, and it is
 * over. {@link #down()} is an outage: nobody listens, and what was connected is reset.
 */
public final class FaultyProxy implements AutoCloseable {

  private static final int CHUNK_BYTES = 1 << 16;
  private static final int BACKLOG = 1_000;
  private static final long PATIENCE_SECONDS = 10;

  private final int target;
  private final int port;
  private final Set<Pair> pairs = ConcurrentHashMap.newKeySet();
  private ServerSocket server;
  private Thread acceptor;
  private @Nullable Fault fault;
  private long passed;
  private CountDownLatch happened = new CountDownLatch(1);
  private CountDownLatch resumed = new CountDownLatch(1);

  private FaultyProxy(int target) throws IOException {
    this.target = target;
    this.server = listen(0);
    this.port = server.getLocalPort();
    this.acceptor = accept(server);
  }

  /** Stands before a port of loopback, and is faultless at first. */
  public static FaultyProxy before(int port) {
    try {
      return new FaultyProxy(port);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  public int port() {
    return port;
  }

  /** In place of the one before, whether that has happened or not. */
  public synchronized void set(Fault fault) {
    this.fault = fault;
    passed = 0;
    happened = new CountDownLatch(1);
    resumed = new CountDownLatch(1);
  }

  /** Waits, but not for ever, until the fault that is set has happened. */
  public void awaitFault() throws InterruptedException {
    CountDownLatch latch;
    synchronized (this) {
      latch = happened;
    }
    if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("no connection came as far as the fault");
    }
  }

  /** What is stalled goes on. */
  public synchronized void resume() {
    resumed.countDown();
  }

  /** Connections are refused from now on, and those that are open are reset. */
  public void down() {
    try {
      server.close();
      acceptor.join();
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
    pairs.forEach(Pair::reset);
  }

  /** The end of an outage. */
  public void up() {
    try {
      server = listen(port);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
    acceptor = accept(server);
  }

  /** How many connections there are. */
  public int connections() {
    return pairs.size();
  }

  @Override
  public void close() {
    down();
    resume();
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket server = new ServerSocket();
    server.setReuseAddress(true);
    server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), BACKLOG);
    return server;
  }

  private Thread accept(ServerSocket from) {
    return Thread.ofVirtual()
        .start(() -> {
          try {
            while (true) {
              begin(from, from.accept());
            }
          } catch (IOException _) {
            // Down.
          }
        });
  }

  private void begin(ServerSocket from, Socket client) throws IOException {
    Socket onward = new Socket();
    try {
      onward.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
    } catch (IOException _) {
      client.close();
      return;
    }
    client.setTcpNoDelay(true);
    onward.setTcpNoDelay(true);
    Pair pair = new Pair(client, onward);
    pairs.add(pair);
    if (from.isClosed()) {
      pair.reset(); // An outage that began meanwhile has not seen it.
    } else {
      pair.start();
    }
  }

  /** Takes the fault if it is within the next bytes; else they count as passed. */
  private synchronized @Nullable Hit next(Way way, int bytes) {
    Fault now = fault;
    if (now == null || now.way() != way) {
      return null;
    }
    if (now.after() - passed >= bytes) {
      passed += bytes;
      return null;
    }
    fault = null;
    return new Hit(now.kind(), (int) (now.after() - passed), happened, resumed);
  }

  /**
   * A fault within a chunk of bytes.
   *
   * @param before how many of the chunk are passed on before it
   */
  private record Hit(Fault.Kind kind, int before, CountDownLatch happened, CountDownLatch resumed) {
    void stall(Fault.Kind.Stall stall) throws InterruptedException {
      happened.countDown();
      resumed.await(stall.howLong().toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  /** Two connections that are one. */
  private final class Pair {
    private final Socket client;
    private final Socket onward;

    Pair(Socket client, Socket onward) {
      this.client = client;
      this.onward = onward;
    }

    void start() {
      Thread.ofVirtual().start(() -> pump(Way.TO_SERVER, client, onward));
      Thread.ofVirtual().start(() -> pump(Way.TO_CLIENT, onward, client));
    }

    private void pump(Way way, Socket from, Socket to) {
      byte[] chunk = new byte[CHUNK_BYTES];
      try {
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream();
        for (int count = in.read(chunk); count >= 0; count = in.read(chunk)) {
          if (!pass(way, out, chunk, count)) {
            return;
          }
        }
        to.shutdownOutput();
        if (from.isOutputShutdown()) {
          end();
        }
      } catch (IOException | InterruptedException _) {
        reset();
      }
    }

    /** Whether the connection goes on. */
    private boolean pass(Way way, OutputStream out, byte[] chunk, int count)
        throws IOException, InterruptedException {
      Hit hit = next(way, count);
      if (hit == null) {
        out.write(chunk, 0, count);
        return true;
      }
      out.write(chunk, 0, hit.before());
      switch (hit.kind()) {
        case Fault.Kind.Reset _ -> reset();
        case Fault.Kind.End _ -> end();
        case Fault.Kind.Stall stall -> {
          hit.stall(stall);
          out.write(chunk, hit.before(), count - hit.before());
          return true;
        }
      }
      hit.happened().countDown();
      return false;
    }

    void end() {
      pairs.remove(this);
      close(client);
      close(onward);
    }

    void reset() {
      resetAtClose(client);
      resetAtClose(onward);
      end();
    }

    private void resetAtClose(Socket socket) {
      try {
        socket.setSoLinger(true, 0);
      } catch (IOException _) {
        // Closed already.
      }
    }

    private void close(Socket socket) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new AssertionError(e);
      }
    }
  }
}
