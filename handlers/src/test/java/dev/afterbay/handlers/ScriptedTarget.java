package dev.afterbay.handlers;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.LockSupport;

/** Answers each request with the bytes that it was given, right or wrong. */
final class ScriptedTarget implements AutoCloseable {

  /** The heads of what was asked, with the body behind it. */
  final List<String> requests = new CopyOnWriteArrayList<>();

  /** One for each connection that was opened. */
  final List<Socket> connections = new CopyOnWriteArrayList<>();

  private final ServerSocket socket;
  private volatile byte[] answer = {};
  private volatile boolean closes;
  private volatile boolean readsFirst = true;

  ScriptedTarget() throws IOException {
    this("127.0.0.1", 0);
  }

  ScriptedTarget(String address, int port) throws IOException {
    socket = new ServerSocket(port, 50, InetAddress.ofLiteral(address));
    Thread.ofVirtual().start(this::accept);
  }

  /**
   * @param latin characters up to 255, each a byte
   * @param closes the connection after it; else it is left open
   */
  void answers(String latin, boolean closes) {
    answer = latin.getBytes(StandardCharsets.ISO_8859_1);
    this.closes = closes;
  }

  /** It answers, and never reads a request. */
  void answersUnasked(String latin) {
    answers(latin, false);
    readsFirst = false;
  }

  /** For the last connection; a client that asks again before that may be unlucky. */
  void awaitClosed(boolean closes) {
    while (closes && !connections.getLast().isClosed()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  void awaitRequest() {
    while (requests.isEmpty()) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  int port() {
    return socket.getLocalPort();
  }

  URI url(String host) {
    return URI.create("http://" + host + ":" + port() + "/orders");
  }

  private void accept() {
    try {
      while (true) {
        Socket connection = socket.accept();
        connections.add(connection);
        Thread.ofVirtual().start(() -> serve(connection));
      }
    } catch (IOException e) {
      // Closed.
    }
  }

  private void serve(Socket connection) {
    try {
      InputStream in = connection.getInputStream();
      while (!readsFirst || read(in)) {
        connection.getOutputStream().write(answer);
        if (closes) {
          connection.close();
        }
        if (!readsFirst) {
          return;
        }
      }
    } catch (IOException e) {
      // The client has had enough.
    }
  }

  private boolean read(InputStream in) throws IOException {
    StringBuilder head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      int read = in.read();
      if (read < 0) {
        return false;
      }
      head.append((char) read);
    }
    String length = head.toString().replaceAll("(?is).*content-length: *([0-9]+).*", "$1");
    int body = length.matches("[0-9]+") ? Integer.parseInt(length) : 0;
    requests.add(head + new String(in.readNBytes(body), StandardCharsets.UTF_8));
    return true;
  }

  @Override
  public void close() throws IOException {
    socket.close();
    for (Socket connection : connections) {
      connection.close();
    }
  }
}
