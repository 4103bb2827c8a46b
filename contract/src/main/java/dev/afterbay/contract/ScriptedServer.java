package dev.afterbay.contract;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/**
 * A server on loopback that answers with the bytes that a test gives, whatever it is asked.
 *
 * <p>Each connection takes the steps of the script that is set when it comes, and is then closed.
 */
public final class ScriptedServer implements AutoCloseable {

  private static final int BACKLOG = 1_000;
  private static final String HEAD_END = "\r\n\r\n";

  /** One thing that it does. */
  public sealed interface Step {
    /** Reads a request of HTTP/1.1 to the end of its body. */
    record ReadRequest() implements Step {}

    /** Reads so many bytes, and no more. */
    record Read(int bytes) implements Step {}

    record Write(String text) implements Step {}

    /** Closes with a reset instead of an orderly end. */
    record Reset() implements Step {}

    /** Does nothing more until {@link #close()}. */
    record Stall() implements Step {}
  }

  private final ServerSocket server;
  private final Thread acceptor;
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final ConcurrentLinkedQueue<String> requests = new ConcurrentLinkedQueue<>();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile List<Step> script = List.of();

  private ScriptedServer(int port) throws IOException {
    server = new ServerSocket(port, BACKLOG, InetAddress.getLoopbackAddress());
    acceptor = Thread.ofVirtual().start(this::accept);
  }

  public static ScriptedServer open() {
    return open(0);
  }

  /**
   * In place of another one.
   *
   * @param port that nobody listens at
   */
  public static ScriptedServer open(int port) {
    try {
      return new ScriptedServer(port);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** For connections from now on. */
  public ScriptedServer script(Step... steps) {
    script = List.of(steps);
    return this;
  }

  /** Reads a request and answers this, always. */
  public ScriptedServer answer(String text) {
    return script(new Step.ReadRequest(), new Step.Write(text));
  }

  public int port() {
    return server.getLocalPort();
  }

  /** The requests that were read whole, head and body, in ISO 8859-1. */
  public List<String> requests() {
    return List.copyOf(requests);
  }

  /** Waits until more than so many requests were read whole. */
  public void awaitRequestsBeyond(int count) {
    Await.until("request " + (count + 1), () -> requests.size() > count);
  }

  /** When it returns, connections are refused. */
  @Override
  public void close() {
    closed.countDown();
    try {
      server.close();
      acceptor.join();
      for (Socket socket : open) {
        socket.close();
      }
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = server.accept();
        List<Step> steps = script;
        Thread.ofVirtual().start(() -> serve(socket, steps));
      }
    } catch (IOException _) {
      // Closed.
    }
  }

  private void serve(Socket socket, List<Step> steps) {
    open.add(socket);
    try (socket) {
      InputStream in = new BufferedInputStream(socket.getInputStream());
      for (Step step : steps) {
        take(step, socket, in);
      }
    } catch (IOException | InterruptedException _) {
      // The client went away.
    } finally {
      open.remove(socket);
    }
  }

  private void take(Step step, Socket socket, InputStream in)
      throws IOException, InterruptedException {
    switch (step) {
      case Step.ReadRequest _ -> requests.add(readRequest(in));
      case Step.Read(int bytes) -> in.readNBytes(bytes);
      case Step.Write(String text) ->
          socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
      case Step.Reset _ -> socket.setSoLinger(true, 0);
      case Step.Stall _ -> closed.await();
    }
  }

  private static String readRequest(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.length() < HEAD_END.length()
        || !head.substring(head.length() - HEAD_END.length()).equals(HEAD_END)) {
      int next = in.read();
      if (next < 0) {
        throw new EOFException("after: " + head);
      }
      head.append((char) next);
    }
    byte[] body = in.readNBytes(contentLength(head.toString()));
    return head + new String(body, StandardCharsets.ISO_8859_1);
  }

  private static int contentLength(String head) {
    String name = "content-length:";
    for (String line : head.split("\r\n")) {
      if (line.toLowerCase(Locale.ROOT).startsWith(name)) {
        return Integer.parseInt(line.substring(name.length()).trim());
      }
    }
    return 0;
  }
}
