package dev.afterbay.handlers;

import com.sun.net.httpserver.Headers;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** An HTTP server on loopback that notes what it is sent, and answers as it is told. */
final class Target implements AutoCloseable {

  /** What it was sent. */
  @SuppressWarnings("ArrayRecordComponent") // Looked at, never compared.
  record Request(String method, URI uri, Headers headers, byte[] body) {
    String header(String name) {
      return headers.getFirst(name);
    }
  }

  /** Answers a request whose body was read. */
  @FunctionalInterface
  interface Answers {
    void answer(HttpExchange exchange) throws IOException;
  }

  final List<Request> requests = new CopyOnWriteArrayList<>();
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private volatile Answers answers;

  Target(Answers answers) {
    this.answers = answers;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::handle);
    server.start();
  }

  static Target answering(int status) {
    return new Target(exchange -> exchange.sendResponseHeaders(status, -1));
  }

  void answers(Answers answers) {
    this.answers = answers;
  }

  int port() {
    return server.getAddress().getPort();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + port() + "/orders");
  }

  WebhookHandler.Settings settings(Duration retryAfterMax, Duration timeout) {
    WebhookHandler.Settings s = WebhookHandler.Settings.of(uri());
    return new WebhookHandler.Settings(
        s.url(),
        s.method(),
        s.payload(),
        s.headers(),
        s.secret(),
        s.success(),
        retryAfterMax,
        timeout);
  }

  Request only() {
    if (requests.size() != 1) {
      throw new AssertionError("not one request but " + requests);
    }
    return requests.getFirst();
  }

  private void handle(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = exchange.getRequestBody().readAllBytes();
      requests.add(
          new Request(
              exchange.getRequestMethod(),
              exchange.getRequestURI(),
              exchange.getRequestHeaders(),
              body));
      answers.answer(exchange);
    }
  }

  @Override
  public void close() {
    server.stop(0);
    threads.shutdownNow();
  }
}
