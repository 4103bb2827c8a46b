package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Strangers who can reach the one address starve nobody on another. */
final class ListenerShareTest {

  private static final int CONNECTIONS = 80;
  private static final HttpApiSettings.Listener ANY_PORT =
      new HttpApiSettings.Listener("127.0.0.1", 0);

  private final Served served =
      Served.open(s ->
          new HttpApiSettings(
              s.main(),
              ANY_PORT,
              ANY_PORT,
              s.callers(),
              s.patience(),
              new HttpApiSettings.Bounds(CONNECTIONS, 8 << 20, 10)));
  private final Deque<RawClient> clients = new ArrayDeque<>();

  @AfterEach
  void close() {
    clients.forEach(RawClient::close);
    served.close();
  }

  @Test
  void whoFillsTheSnsAddressWithConnectionsLeavesTheOthersTheirs() {
    int sns = served.api.snsPort().orElseThrow();
    // One more than it may ever have: 10 of its own, 10 for each of the others, 50 for all.
    for (int i = 0; i <= CONNECTIONS; i++) {
      clients.push(new RawClient(sns));
    }
    Soon.until("so many", () -> connections("sns") == 60);
    for (int port : new int[] {served.port(), served.api.adminPort().orElseThrow()}) {
      for (int i = 0; i < 10; i++) {
        RawClient client = new RawClient(port);
        clients.push(client);
        client.send("GET /health/live HTTP/1.1\nHost: localhost\n\n");
        assertThat(client.read().status()).isEqualTo(200);
      }
    }
    clients.forEach(RawClient::close);
    Soon.until("none", () -> connections("sns") == 0 && connections("admin") == 0);
  }

  /** Bodies that are announced and never end. */
  @Test
  void whoFillsTheMemoryOfOneAddressLeavesTheOthersTheirs() {
    String head = "POST /queues/q/messages HTTP/1.1\nHost: localhost\nContent-Length: 700000\n\n";
    for (int i = 0; i < 20; i++) {
      RawClient client = new RawClient(served.port());
      clients.push(client);
      client.send(head + "x".repeat(300_000));
    }
    Soon.until("it is full", () -> bytes("http") > (5 << 20));
    int admin = served.api.adminPort().orElseThrow();
    try (RawClient client = new RawClient(admin)) {
      client.send(
          "POST /queues/q/messages HTTP/1.1\nHost: localhost\nContent-Length: 200000\n\n"
              + "x".repeat(200_000));
      assertThat(client.read().status()).isEqualTo(201);
    }
  }

  private double connections(String listener) {
    return gauge("afterbay.http.connections", listener);
  }

  private double bytes(String listener) {
    return gauge("afterbay.http.body", listener);
  }

  private double gauge(String name, String listener) {
    return served.meters.get(name).tag("listener", listener).gauge().value();
  }
}
