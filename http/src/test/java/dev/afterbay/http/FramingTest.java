package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How requests and connections begin and end: RFC 9110, 9112 and 9113. */
final class FramingTest extends HttpTest {

  private static final String SEND = "POST /queues/q/messages HTTP/1.1\nHost: localhost\n";
  private static final String UPGRADE =
      "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABkAAQAAP__\n";

  private final List<RawClient> clients = new ArrayList<>();

  @AfterEach
  void closeClients() {
    clients.forEach(RawClient::close);
  }

  private RawClient client() {
    RawClient client = new RawClient(served.api.port());
    clients.add(client);
    return client;
  }

  /** RFC 9110, 7.8: a server may overlook an upgrade; RFC 9113, 3.1, has given this one up. */
  @Test
  void anUpgradeWithABodyIsOverlooked() {
    RawClient lengthy = client().send(SEND + UPGRADE + "Content-Length: 4\n\n");
    lengthy.send("ab").send("cd");
    assertThat(lengthy.read().status()).isEqualTo(201);
    lengthy.send("GET /version HTTP/1.1\nHost: localhost\n\n");
    assertThat(lengthy.read().status()).isEqualTo(200);

    RawClient chunked = client().send(SEND + UPGRADE + "Transfer-Encoding: chunked\n\n");
    assertThat(chunked.send("2\nab\n0\n\n").read().status()).isEqualTo(201);
  }

  @Test
  void anUpgradeWithoutABodyIsMade() throws IOException {
    RawClient client = client().send("GET /version HTTP/1.1\nHost: localhost\n" + UPGRADE + "\n");
    assertThat(client.line()).startsWith("HTTP/1.1 101 ");
  }

  /** RFC 7540, 3.2.1. */
  @Test
  void anUpgradeWithTwoSettingsIsOverlooked() {
    String second = "HTTP2-Settings: AAMAAABk\n\n";
    RawClient client = client().send("GET /version HTTP/1.1\nHost: localhost\n" + UPGRADE + second);
    assertThat(client.read().status()).isEqualTo(200);
    client.send("GET /version HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void aClientThatWouldRatherSpeakHttp2Sends() {
    for (int i = 0; i < 20; i++) {
      try (Http fresh = new Http(served.uri(), HttpClient.Version.HTTP_2)) {
        assertThat(fresh.post("/queues/q/messages", "body " + i).status()).isEqualTo(201);
        assertThat(fresh.get("/queues/q").at("/pending")).isEqualTo("" + (i + 1));
      }
    }
  }

  /** A request arrives in any pieces. */
  @Test
  void aHeaderMayComeByteByByte() {
    RawClient client = client();
    String request = SEND + UPGRADE + "Content-Length: 1\n\nx";
    for (byte each : request.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8)) {
      client.sendBytes(new byte[] {each});
    }
    assertThat(client.read().status()).isEqualTo(201);
  }

  /** RFC 9112, 5.2: a fold is refused, or read as blanks; 2.2: none before the first header. */
  @Test
  void aFoldIsABlank() {
    RawClient client = client();
    client.send(SEND + "Afterbay-Attr-A: one\n two\n\t three\nContent-Length: 0\n\n");
    assertThat(client.read().status()).isEqualTo(201);
    String delivery = http.post("/queues/q/receive", "").at("/deliveries/0/attributes/A");
    assertThat(delivery).matches("one +two +three");
    RawClient early = client().send("GET /version HTTP/1.1\n X: y\nHost: localhost\n\n");
    assertThat(early.read().status()).isEqualTo(400);
  }

  /** RFC 9112, 8 and 9.6: who closes its own side only has still asked. */
  @Test
  void aClientThatHasSaidAllIsAnswered() {
    RawClient one = client().send(SEND + "Content-Length: 1\n\nx").endOutput();
    assertThat(one.read().status()).isEqualTo(201);
    assertThat(one.isClosed()).isTrue();

    RawClient three = client();
    for (int i = 0; i < 3; i++) {
      three.send(SEND + "Content-Length: 1\n\nx");
    }
    three.endOutput();
    for (int i = 0; i < 3; i++) {
      assertThat(three.read().status()).isEqualTo(201);
    }
    assertThat(three.isClosed()).isTrue();
  }

  @Test
  void aClientThatLeftHalfwayIsNotWaitedFor() {
    RawClient half = client().send(SEND + "Content-Length: 2\n\nx").endOutput();
    assertThat(half.isClosed()).isTrue();
    RawClient idle = client().endOutput();
    assertThat(idle.isClosed()).isTrue();
    assertThat(served.engine.queues()).isEmpty();
  }

  /** It may be dead, and what it gets would be lost until the lease ends. */
  @Test
  void aWaitEndsWithTheOutputOfItsClient() {
    String body = "{\"wait\":\"30s\",\"lease\":\"1h\"}";
    String head = "POST /queues/q/receive HTTP/1.1\nHost: localhost\nContent-Length: ";
    RawClient waiting = client().send(head + body.length() + "\n\n" + body);
    Soon.until("the wait", () -> requests() == 1);
    waiting.endOutput();
    assertThat(waiting.isClosed()).isTrue();
    message("q", "x");
    assertThat(receive("q", 1)).hasSize(1);
  }

  private double requests() {
    return served.meters.get("afterbay.http.requests.open").gauge().value();
  }

  /** RFC 9110, 12.4.2: a weight of 0 means not acceptable. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          application/openmetrics-text                                       | true
          application/openmetrics-text; version=1.0.0; q=0.5, text/plain     | true
          text/plain;q=0.9, Application/OpenMetrics-Text;q=0.001             | true
          application/openmetrics-text;q=0                                   | false
          application/openmetrics-text;version=1.0.0;q=0.000, */*            | false
          application/openmetrics-text; Q = 0.0                              | false
          application/openmetrics-textual                                    | false
          text/plain;x="application/openmetrics-text"                        | false
          */*                                                                | false
          """)
  void openMetricsAreForWhoAcceptsThem(String accept, boolean open) {
    Http.Reply reply = http.call("GET", "/metrics", null, "Accept", accept);
    assertThat(reply.header("Content-Type").orElseThrow().startsWith("application/openmetrics"))
        .isEqualTo(open);
  }

  @Test
  void aStopDoesNotWaitForHalfARequest() {
    RawClient half = client().send(SEND + "Content-Length: 2\n\nx");
    RawClient header = client().send("GET /version HTTP/1.1\nHost: ");
    Soon.until("the half request", () -> requests() == 1);
    long begun = System.nanoTime();
    served.api.close();
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
    assertThat(half.read().status()).isEqualTo(503);
    assertThat(half.isClosed()).isTrue();
    assertThat(header.isClosed()).isTrue();
  }
}
