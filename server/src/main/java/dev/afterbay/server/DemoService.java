package dev.afterbay.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;

/** The service of the demo that takes orders, and is not always well. */
final class DemoService implements AutoCloseable {
  private static final int NO_CONTENT = 204;
  private static final int UNAVAILABLE = 503;

  /** How many times an order is refused before it is taken; the others are taken at once. */
  private final Map<String, Integer> refusals;

  private final HttpServer server;
  private final Map<String, String> orders = new ConcurrentHashMap<>();
  private final List<String> taken = new CopyOnWriteArrayList<>();

  private DemoService(HttpServer server, Map<String, Integer> refusals) {
    this.server = server;
    this.refusals = refusals;
  }

  static DemoService open(Map<String, Integer> refusals) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    DemoService service = new DemoService(server, refusals);
    server.createContext("/orders", service::answer);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.start();
    return service;
  }

  URI url() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/orders");
  }

  /** Which order a job brought. */
  String order(String jobId) {
    return orders.getOrDefault(jobId, "?");
  }

  /** The orders that it took, in that order; a second time if it took one twice. */
  List<String> taken() {
    return taken;
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String order = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
      orders.put(exchange.getRequestHeaders().getFirst("Afterbay-Job-Id"), order);
      int attempt = Integer.parseInt(exchange.getRequestHeaders().getFirst("Afterbay-Attempt"));
      if (attempt <= refusals.getOrDefault(order, 0)) {
        byte[] reason = "out of breath".getBytes(StandardCharsets.UTF_8);
        exchange.sendResponseHeaders(UNAVAILABLE, reason.length);
        exchange.getResponseBody().write(reason);
      } else {
        taken.add(order);
        exchange.sendResponseHeaders(NO_CONTENT, -1);
      }
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
