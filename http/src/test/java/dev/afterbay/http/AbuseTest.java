package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What hostile clients send, and clients that are slow or broken. */
final class AbuseTest {

  private static final Duration SHORT = Duration.ofMillis(300);
  private static final Duration LONG = Duration.ofSeconds(30);

  private static final String POST = "POST /jobs HTTP/1.1\nHost: localhost\n";
  private static final String SEND = "POST /queues/q/messages HTTP/1.1\nHost: localhost\n";

  private final List<AutoCloseable> open = new ArrayList<>();

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Served served(HttpApiSettings.Patience patience, HttpApiSettings.Bounds bounds) {
    Served served =
        Served.open(s -> new HttpApiSettings(s.main(), null, null, s.callers(), patience, bounds));
    open.add(served);
    return served;
  }

  private Served served(HttpApiSettings.Patience patience) {
    return served(patience, HttpApiSettings.Bounds.STANDARD);
  }

  private Served served() {
    return served(HttpApiSettings.Patience.STANDARD);
  }

  private RawClient client(Served served) {
    RawClient client = new RawClient(served.api.port());
    open.add(client);
    return client;
  }

  private static HttpApiSettings.Patience patience(Duration header, Duration body, Duration idle) {
    return new HttpApiSettings.Patience(header, body, idle, LONG, Duration.ofSeconds(2), LONG);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "nonsense\n\n",
        "GET /queues HTTP/1.1\nHost: localhost\nBad Header: x\n\n",
        "GET /queues HTTP/1.1\nHost: localhost\nX: a\u0000b\n\n",
        POST + "Content-Length: 2\nContent-Length: 3\n\n{}",
        POST + "Content-Length: 2\nContent-Length: 2\n\n{}",
        POST + "Content-Length: 2, 2\n\n{}",
        POST + "Content-Length: +2\n\n{}",
        POST + "Content-Length: -2\n\n{}",
        POST + "Content-Length: x\n\n{}",
        POST + "Content-Length : 2\n\n{}",
        POST + "Content-Length: 2\nTransfer-Encoding: chunked\n\n0\n\n",
        POST + "Transfer-Encoding: chunked, identity\n\n0\n\n",
        POST + "Transfer-Encoding: gzip\n\n0\n\n",
        POST + "Transfer-Encoding: gzip, chunked\n\n0\n\n",
        POST + "Transfer-Encoding: identity\nTransfer-Encoding: chunked\n\n0\n\n",
        POST + "Transfer-Encoding : chunked\n\n0\n\n",
        "POST /jobs HTTP/1.0\nHost: localhost\nTransfer-Encoding: chunked\n\n0\n\n",
        POST + "Transfer-Encoding: chunked\n\nzz\n{}\n0\n\n",
        POST + "Transfer-Encoding: chunked\n\n2\n{}xx\n0\n\n",
        POST + "Transfer-Encoding: chunked\n\n-2\n{}\n0\n\n",
        POST + "Transfer-Encoding: chunked\n\nffffffffffffffffff\n{}\n0\n\n"
      })
  void whatIsNoHttpIsRefusedAndClosed(String request) {
    RawClient client = client(served()).send(request);
    RawClient.Reply reply = client.read();
    assertThat(reply.status()).as(reply.toString()).isEqualTo(400);
    assertThat(reply.body()).contains("/problems/invalid");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aBareLineFeedIsNoLineEnd() {
    byte[] request = "GET /queues HTTP/1.1\nHost: localhost\n\n".getBytes(StandardCharsets.UTF_8);
    RawClient client = client(served()).sendBytes(request);
    assertThat(client.read().status()).isEqualTo(400);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void whatFollowsABadRequestIsNotRead() {
    RawClient client =
        client(served())
            .send(
                POST
                    + "Content-Length: 2\n"
                    + "Transfer-Encoding: chunked\n\n"
                    + "0\n\n"
                    + "GET /version HTTP/1.1\n"
                    + "Host: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(400);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aLongAddressIs414() {
    RawClient client =
        client(served())
            .send("GET /jobs?cursor=" + "x".repeat(9_000) + " HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(414);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void largeHeadersAre431() {
    RawClient client =
        client(served())
            .send(
                "GET /jobs HTTP/1.1\nHost: localhost\n"
                    + ("X: " + "x".repeat(1_000) + "\n").repeat(40)
                    + "\n");
    RawClient.Reply reply = client.read();
    assertThat(reply.status()).isEqualTo(431);
    assertThat(reply.body()).contains("/problems/headers-too-large");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aBodyThatSaysItIsTooLargeIsRefusedAtOnce() {
    RawClient client = client(served()).send(SEND + "Content-Length: 2000000\n\n");
    RawClient.Reply reply = client.read();
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.headers()).containsEntry("connection", "close");
    assertThat(reply.body()).contains("/problems/too-large");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aBodyThatTurnsOutTooLargeIsRefused() {
    RawClient client = client(served()).send(SEND + "Transfer-Encoding: chunked\n\n");
    byte[] chunk = ("10000\r\n" + "x".repeat(65_536) + "\r\n").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < 32; i++) {
      client.sendBytes(chunk);
    }
    assertThat(client.read().status()).isEqualTo(413);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void anEndlessBodyIsCutOff() {
    RawClient client = client(served()).send(SEND + "Transfer-Encoding: chunked\n\n");
    byte[] chunk = ("10000\r\n" + "x".repeat(65_536) + "\r\n").getBytes(StandardCharsets.UTF_8);
    int taken = 0;
    while (taken < 10_000 && client.trySend(chunk)) {
      taken++;
    }
    assertThat(taken).isLessThan(10_000);
  }

  @Test
  void aSilentConnectionIsClosed() {
    RawClient client = client(served(patience(SHORT, LONG, LONG)));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aHeaderByteByByteIsClosed() {
    Served served = served(patience(SHORT, LONG, LONG));
    RawClient client = client(served).send("GET /version HTTP/1.1\nHost: localhost\nX: ");
    Soon.until("the end of the patience", () -> !client.trySend(new byte[] {'x'}));
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aSecondHeaderByteByByteIsClosed() {
    Served served = served(patience(SHORT, LONG, LONG));
    RawClient client = client(served).send("GET /version HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(200);
    client.send("GET /version HTTP/1.1\nX: ");
    Soon.until("the end of the patience", () -> !client.trySend(new byte[] {'x'}));
    assertThat(client.isClosed()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: %%%\n\n",
        "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\n\n",
        "Connection: close\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n\n"
      })
  void anUpgradeThatIsRefusedClosesAtOnce(String headers) {
    Served served = served(patience(LONG, LONG, LONG));
    RawClient client = client(served).send("GET /version HTTP/1.1\nHost: localhost\n" + headers);
    RawClient.Reply reply = client.read();
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.headers()).containsEntry("connection", "close");
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aPausingBodyIsClosed() {
    Served served = served(patience(LONG, SHORT, LONG));
    RawClient client = client(served).send(SEND + "Content-Length: 9\n\nabc");
    assertThat(client.isClosed()).isTrue();
    assertThat(served.engine.queues()).isEmpty();
  }

  @Test
  void anHttp2ClientThatGivesNoWindowIsCutOff() {
    Served served =
        served(new HttpApiSettings.Patience(LONG, LONG, LONG, SHORT, Duration.ofSeconds(2), LONG));
    String preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
    String oneByte = "\0\0\6\4\0\0\0\0\0" + "\0\4\0\0\0\1";
    String get = "\u0082\u0086\4\10/version\1\11localhost";
    String header = "\0\0" + (char) get.length() + "\1\5\0\0\0\1";
    String all = preface + oneByte + header + get;
    RawClient client = client(served).sendBytes(all.getBytes(StandardCharsets.ISO_8859_1));
    assertThat(client.isClosedAtLast()).isTrue();
    Soon.until(
        "the budget is given back",
        () -> served.meters.get("afterbay.http.body").gauge().value() == 0);
  }

  @Test
  void anIdleConnectionIsClosed() {
    Served served = served(patience(LONG, LONG, SHORT));
    RawClient client = client(served).send("GET /version HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(200);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aWaitIsNotIdle() {
    Served served = served(patience(SHORT, SHORT, SHORT));
    String body = "{\"wait\":\"1s\"}";
    RawClient client =
        client(served)
            .send(
                "POST /queues/q/receive HTTP/1.1\nHost: localhost\nContent-Length: "
                    + body.length()
                    + "\n\n"
                    + body);
    assertThat(client.read().body()).isEqualTo("{\"deliveries\":[]}");
  }

  @Test
  void oneConnectionMoreThanAllowedIsClosed() {
    Served served =
        served(HttpApiSettings.Patience.STANDARD, new HttpApiSettings.Bounds(3, 1 << 20, 10));
    List<RawClient> allowed = List.of(client(served), client(served), client(served));
    for (RawClient each : allowed) {
      each.send("GET /version HTTP/1.1\nHost: localhost\n\n");
      assertThat(each.read().status()).isEqualTo(200);
    }
    assertThat(client(served).isClosed()).isTrue();
    allowed.getFirst().close();
    Soon.until(
        "a place",
        () -> {
          RawClient next = client(served);
          return next.trySend(
                  "GET /version HTTP/1.1\r\nHost: localhost\r\n\r\n"
                      .getBytes(StandardCharsets.UTF_8))
              && !next.isClosed();
        });
  }

  @Test
  void moreBytesThanAllowedTogetherAreUnavailable() {
    Served served =
        served(HttpApiSettings.Patience.STANDARD, new HttpApiSettings.Bounds(100, 2_000, 10));
    RawClient first =
        client(served).send(SEND + "Content-Length: 1000\n\n").sendBytes(new byte[900]);
    Soon.until("the bytes of the first", () -> bodyBytes(served) == 1_800);
    assertThat(posts(served, 900)).isEqualTo(503);
    first.close();
    Soon.until("them to be free", () -> bodyBytes(served) == 0);
    assertThat(posts(served, 990)).isEqualTo(201);
    assertThat(posts(served, 1_001)).as("which there is never room for").isEqualTo(413);
  }

  private static double bodyBytes(Served served) {
    return served.meters.get("afterbay.http.body").gauge().value();
  }

  private int posts(Served served, int length) {
    try (RawClient client = new RawClient(served.api.port())) {
      client.send(SEND + "Content-Length: " + length + "\n\n").sendBytes(new byte[length]);
      return client.read().status();
    }
  }

  @Test
  void deepJsonIsRefused() {
    Served served = served();
    assertThat(post(served, "/jobs", job("[".repeat(64) + "]".repeat(64))).status()).isEqualTo(201);
    assertThat(post(served, "/jobs", job("[".repeat(65) + "]".repeat(65))).status()).isEqualTo(400);
    assertThat(post(served, "/jobs", job("[".repeat(100_000))).status()).isEqualTo(400);
  }

  @Test
  void manyNamesDoNotKeepTheServerBusy() {
    Served served = served();
    StringBuilder names = new StringBuilder("\"n\":\"\"");
    for (int i = 0; i < 100_000; i++) {
      names.append(",\"").append(i).append("\":\"\"");
    }
    String attributes = "\"attributes\":{" + names + "}}";
    long begun = System.nanoTime();
    assertThat(post(served, "/jobs", "{\"job_type\":\"t\"," + attributes).body())
        .contains("attributes must be at most 64");
    assertThat(post(served, "/queues/q/messages/batch", "{" + attributes).body())
        .contains("line 1: attributes must be at most 64");
    String receipts = "{\"receipts\":[{" + names + "}]}";
    assertThat(post(served, "/queues/q/renew", receipts.substring(0, 1_000_000)).status())
        .isEqualTo(400);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Duration.ofSeconds(5));
  }

  private static String job(String payload) {
    return "{\"job_type\":\"t\",\"payload\":" + payload + "}";
  }

  private RawClient.Reply post(Served served, String path, String body) {
    return client(served)
        .send(
            "POST "
                + path
                + " HTTP/1.1\nHost: localhost\nContent-Length: "
                + body.length()
                + "\n\n"
                + body)
        .read();
  }

  @Test
  void pipelinedRequestsAreAnsweredInOrder() {
    RawClient client = client(served());
    StringBuilder requests = new StringBuilder();
    for (int i = 0; i < 500; i++) {
      requests.append("GET /queues/q").append(i).append(" HTTP/1.1\nHost: localhost\n\n");
    }
    client.send(requests.toString());
    for (int i = 0; i < 500; i++) {
      assertThat(client.read().body()).contains("queue q" + i + " does not exist");
    }
  }

  @Test
  void anExpectationIsMetOnlyForABodyThatIsTaken() throws Exception {
    RawClient good = client(served()).send(SEND + "Content-Length: 2\nExpect: 100-continue\n\n");
    assertThat(good.line()).contains("100");
    good.line();
    good.send("hi");
    assertThat(good.read().status()).isEqualTo(201);

    RawClient large =
        client(served()).send(SEND + "Content-Length: 9999999\nExpect: 100-continue\n\n");
    assertThat(large.read().status()).isEqualTo(413);
    RawClient strange = client(served()).send(SEND + "Content-Length: 2\nExpect: miracles\n\n");
    assertThat(strange.read().status()).isEqualTo(417);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "GET ftp://localhost/queues HTTP/1.1\nHost: localhost\n\n",
        "GET http:///queues HTTP/1.1\nHost: localhost\n\n",
        "GET http://localhost:80@evil.example/queues HTTP/1.1\nHost: localhost\n\n",
        "GET http://localhost/queues HTTP/1.1\n\n",
        "GET localhost:80 HTTP/1.1\nHost: localhost\n\n",
        "GET /jobs?status= HTTP/1.1\nHost: localhost\n\n",
        "GET /jobs?status HTTP/1.1\nHost: localhost\n\n",
        "GET /jobs?cursor=&limit=5 HTTP/1.1\nHost: localhost\n\n",
        "GET * HTTP/1.1\nHost: localhost\n\n",
        "GET /queues/%zz HTTP/1.1\nHost: localhost\n\n",
        "GET /queues?x=%zz HTTP/1.1\nHost: localhost\n\n",
        "GET /queues/a%2Fb HTTP/1.1\nHost: localhost\n\n",
        "GET /queues/.. HTTP/1.1\nHost: localhost\n\n",
        "GET /queues HTTP/1.1\n\n",
        "GET /queues HTTP/1.1\nHost: localhost\nHost: localhost\n\n"
      })
  void anAddressThatIsNoneIsRefused(String request) {
    assertThat(client(served()).send(request).read().status()).isEqualTo(400);
  }

  @Test
  void aConnectionIsKeptAfterARefusal() {
    RawClient client = client(served());
    client.send(POST + "Content-Length: 8\n\nnonsense");
    assertThat(client.read().status()).isEqualTo(400);
    client.send("POST /nowhere HTTP/1.1\nHost: localhost\nContent-Length: 8\n\nnonsense");
    assertThat(client.read().status()).isEqualTo(404);
    client.send("GET /version HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(200);
  }
}
