package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import dev.afterbay.http.HttpApiSettings.Bounds;
import dev.afterbay.http.HttpApiSettings.Patience;
import dev.afterbay.http.TlsSettings.ClientAuth;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpVersion;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A listener that speaks HTTP/3, too, as Vert.x's client sees it. */
@Timeout(60)
final class Http3Test {

  private static final String WAIT = "{\"wait\":\"50s\",\"lease\":\"1h\"}";

  /** Short, but for what a slow machine may take. */
  private static final Patience IMPATIENT =
      new Patience(
          Duration.ofSeconds(2),
          Duration.ofMillis(500),
          Duration.ofMillis(500),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10),
          Duration.ofSeconds(10));

  @TempDir private Path folder;

  private final TestAuthority authority = new TestAuthority("Authority");
  private final List<AutoCloseable> open = new ArrayList<>();
  private TlsFolder files;
  private ListenerTls tls;
  private Served served;

  @BeforeEach
  void layOut() {
    files = new TlsFolder(folder).put(authority.server()).trust(authority);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Served serve(ClientAuth clientAuth, Patience patience, Bounds bounds) {
    tls = files.open(clientAuth);
    HttpApiSettings.Listener main = new HttpApiSettings.Listener("127.0.0.1", 0, tls, true);
    served = Served.open(s -> new HttpApiSettings(main, null, null, s.callers(), patience, bounds));
    open.add(served);
    return served;
  }

  private Served serve() {
    return serve(ClientAuth.NONE, Patience.STANDARD, Bounds.STANDARD);
  }

  private Http3Client client(TestAuthority.@Nullable Certified shown) {
    Http3Client client = new Http3Client(served.port(), authority, shown);
    open.add(client);
    return client;
  }

  private Http3Client client() {
    return client(null);
  }

  private Http byTcp(HttpClient.Version version) {
    Http http =
        new Http(
            URI.create("https://localhost:" + served.port()),
            HttpClient.newBuilder().version(version).sslContext(authority.client(null)).build());
    open.add(http);
    return http;
  }

  private double gauge(String name) {
    return served.meters.get(name).gauge().value();
  }

  private void awaitOpen(int requests) {
    Soon.until("the requests", () -> gauge("afterbay.http.requests.open") == requests);
  }

  private void awaitConnections(int connections) {
    Soon.until("the connections", () -> gauge("afterbay.http.connections") == connections);
  }

  @Test
  void aMessageIsSentReceivedAndSettled() {
    serve();
    Http3Client client = client();
    for (int i = 1; i <= 20; i++) {
      Http3Client.Reply sent = client.post("/queues/q/messages", "body " + i);
      assertThat(sent.status()).as(sent.text()).isEqualTo(201);
      assertThat(sent.version()).isEqualTo(HttpVersion.HTTP_3);
    }
    String receipt = client.post("/queues/q/receive", "{\"max\":1}").at("/deliveries/0/receipt");
    Http3Client.Reply settled =
        client.post(
            "/queues/q/settle",
            "{\"settlements\":[{\"receipt\":\"" + receipt + "\",\"outcome\":\"done\"}]}");
    assertThat(settled.status()).as(settled.text()).isEqualTo(200);
    assertThat(client.get("/queues/q").at("/pending")).isEqualTo("19");
    assertThat(gauge("afterbay.http.connections")).isEqualTo(1);
    client.close();
    awaitConnections(0);
  }

  @Test
  void aLargeBodyComesAndGoesWhole() {
    serve();
    String large = "0123456789".repeat(100_000);
    Http3Client client = client();
    HttpClientRequest sent = Http3Client.await(client.begin("POST", "/queues/q/messages"));
    sent.putHeader("content-type", "text/plain");
    assertThat(Http3Client.await(sent.send(large)).statusCode()).isEqualTo(201);
    assertThat(client.post("/queues/q/receive", "{}").text().contains(large)).isTrue();
  }

  @Test
  void aWaitIsAnsweredWhenAMessageComes() {
    serve();
    Future<Http3Client.Reply> waiting = client().send("POST", "/queues/q/receive", WAIT);
    awaitOpen(1);
    served.engine.queue("q").send(Message.of("a", "b"));
    assertThat(Http3Client.await(waiting).at("/deliveries/0/attempt")).isEqualTo("1");
  }

  @Test
  void aHeadHasNoBodyAndAnEmptyAnswerNone() {
    serve();
    Http3Client client = client();
    Http3Client.Reply head = client.call("HEAD", "/version", null);
    assertThat(head.status()).isEqualTo(200);
    assertThat(head.text()).isEmpty();
    client.post("/queues/q/messages", "a");
    assertThat(client.call("DELETE", "/queues/q?force=true", null).status()).isEqualTo(204);
    assertThat(client.get("/nowhere").status()).isEqualTo(404);
  }

  @Test
  void aBodyOverTheLimitIsRefusedByItsLengthAndByWhatComes() {
    serve();
    Http3Client client = client();
    Buffer large = Buffer.buffer(new byte[3 << 20]);
    assertThat(client.call("POST", "/queues/q/messages", large).status()).isEqualTo(413);
    HttpClientRequest unsaid = Http3Client.await(client.begin("POST", "/queues/q/messages"));
    unsaid.setChunked(true).write(large).onComplete(_ -> {});
    assertThat(Http3Client.await(unsaid.response()).statusCode()).isEqualTo(413);
    assertThat(client.get("/queues/q").status()).as("nothing was stored").isEqualTo(404);
    Soon.until("the memory", () -> gauge("afterbay.http.body") == 0);
  }

  @Test
  void moreThanTheMemoryOfTheListenerIsRefused() {
    serve(ClientAuth.NONE, Patience.STANDARD, new Bounds(10, 2_000_000, 10));
    Http3Client client = client();
    HttpClientRequest first = Http3Client.await(client.begin("POST", "/queues/q/messages"));
    first.putHeader("content-length", "750000").write(Buffer.buffer(new byte[700_000]));
    Soon.until("the bytes of the first", () -> gauge("afterbay.http.body") == 1_400_000);
    assertThat(client.post("/queues/q/messages", "x".repeat(500_000)).status()).isEqualTo(503);
    Soon.until("those of the other", () -> gauge("afterbay.http.body") == 1_400_000);
    first.end(Buffer.buffer(new byte[50_000]));
    assertThat(Http3Client.await(first.response()).statusCode()).isEqualTo(201);
    Soon.until("the memory", () -> gauge("afterbay.http.body") == 0);
  }

  @Test
  void oneConnectionMoreThanThereIsRoomForDoesNotBegin() {
    serve(ClientAuth.NONE, Patience.STANDARD, new Bounds(1, 10_000_000, 10));
    Http3Client first = client();
    assertThat(first.get("/version").status()).isEqualTo(200);
    Http3Client second = client();
    Future<Http3Client.Reply> tried = second.send("GET", "/version", null);
    for (int i = 0; i < 5; i++) {
      assertThat(first.get("/version").status()).isEqualTo(200);
    }
    assertThat(gauge("afterbay.http.connections")).isEqualTo(1);
    first.close();
    assertThat(Http3Client.await(tried).status()).as("when there is room").isEqualTo(200);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void theOtherVersionsSayWhereItIs(HttpClient.Version version) {
    serve();
    String expected = "h3=\":" + served.port() + "\"; ma=86400";
    Http http = byTcp(version);
    for (String path : List.of("/version", "/nowhere", "/jobs/export")) {
      assertThat(http.get(path).response().headers().allValues("alt-svc")).containsOnly(expected);
    }
    assertThat(client().get("/version").headers().get("alt-svc")).isNull();
  }

  @Test
  void whereItIsNotNobodySaysSo() {
    tls = files.open(ClientAuth.NONE);
    served = Served.open(TlsFolder.on(tls));
    open.add(served);
    Http http = byTcp(HttpClient.Version.HTTP_2);
    assertThat(http.get("/version").response().headers().map()).doesNotContainKey("alt-svc");
  }

  @Test
  void aHostThatIsNotServedIsRefused() {
    serve();
    Http3Client client = client();
    HttpClientRequest request = Http3Client.await(client.begin("GET", "/version"));
    request.authority(io.vertx.core.net.HostAndPort.create("evil.example", 80));
    assertThat(Http3Client.await(request.send()).statusCode()).isEqualTo(403);
  }

  @Test
  void headersOverTheLimitEndTheirConnectionAlone() {
    serve();
    Http3Client kept = client();
    assertThat(kept.get("/version").status()).isEqualTo(200);
    HttpClientRequest request = Http3Client.await(client().begin("GET", "/version"));
    request.putHeader("a", "x".repeat(HttpApi.HEADER_BYTES_MAX));
    Promise<Void> ended = Promise.promise();
    request.connection().closeHandler(ended::complete);
    request.send();
    Http3Client.await(ended.future());
    assertThat(kept.get("/version").status()).isEqualTo(200);
    awaitOpen(0);
  }

  @Test
  void aWaitEndsWithItsClient() {
    serve();
    Http3Client client = client();
    client.send("POST", "/queues/q/receive", WAIT).onComplete(_ -> {});
    awaitOpen(1);
    client.close();
    awaitOpen(0);
    Soon.until("its time is nobody's business any more", () -> served.api.watched() == 0);
    served.engine.queue("q").send(Message.of("a", "b"));
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(1);
  }

  /** It shows when something is written; what was handed out goes back then. */
  @Test
  void whatAWaitThatWasCancelledGetsGoesBack() {
    serve();
    Http3Client client = client();
    HttpClientRequest cancelled = Http3Client.await(client.begin("POST", "/queues/q/receive"));
    cancelled.send(WAIT).onComplete(_ -> {});
    awaitOpen(1);
    Http3Client.await(cancelled.cancel());
    assertThat(client.get("/version").status()).isEqualTo(200);
    served.engine.queue("q").send(Message.of("a", "b"));
    awaitOpen(0);
    Soon.until("the message", () -> served.engine.queue("q").stats().pending() == 1);
  }

  @Test
  void anEventStreamGoesOnUntilItsClientLeaves() throws Exception {
    serve();
    Http3Client client = client();
    HttpClientRequest request = Http3Client.await(client.begin("GET", "/events"));
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch seen = new CountDownLatch(1);
    StringBuilder text = new StringBuilder();
    request
        .send()
        .onSuccess(response -> {
          response.handler(part -> {
            text.append(part);
            if (text.indexOf("message-of-the-test") >= 0) {
              seen.countDown();
            }
          });
          begun.countDown();
        });
    assertThat(begun.await(30, TimeUnit.SECONDS)).isTrue();
    assertThat(gauge("afterbay.http.streams")).isEqualTo(1);
    served.engine.queue("message-of-the-test").send(Message.of("a", "b"));
    assertThat(seen.await(30, TimeUnit.SECONDS)).isTrue();
    client.close();
    Soon.until("its end", () -> gauge("afterbay.http.streams") == 0);
    awaitOpen(0);
  }

  /** Vert.x does not show it to anybody. */
  @Test
  void aRequestForTwoHostsIsNotAnswered() {
    serve(ClientAuth.NONE, IMPATIENT, Bounds.STANDARD);
    HttpClientRequest request = Http3Client.await(client().begin("GET", "/version"));
    request.putHeader("host", "another.example").send().onComplete(_ -> {});
    awaitConnections(1);
    awaitConnections(0);
    assertThat(client().get("/version").status()).isEqualTo(200);
  }

  @Test
  void aBodyThatPausesTooLongIsCutOff() {
    serve(ClientAuth.NONE, IMPATIENT, Bounds.STANDARD);
    HttpClientRequest slow = Http3Client.await(client().begin("POST", "/queues/q/messages"));
    slow.putHeader("content-length", "100").write(Buffer.buffer("a"));
    assertThatThrownBy(() -> Http3Client.await(slow.response()));
    awaitOpen(0);
  }

  @Test
  void aConnectionWithoutARequestEnds() {
    serve(ClientAuth.NONE, IMPATIENT, Bounds.STANDARD);
    assertThat(client().get("/version").status()).isEqualTo(200);
    awaitConnections(0);
  }

  @Test
  void theEndOfTheApiEndsWhatIsOpen() {
    serve();
    Http3Client client = client();
    Future<Http3Client.Reply> waiting = client.send("POST", "/queues/q/receive", WAIT);
    HttpClientRequest half = Http3Client.await(client.begin("POST", "/queues/q/messages"));
    half.putHeader("content-length", "100").write(Buffer.buffer("a"));
    awaitOpen(2);
    served.api.close();
    assertThat(Http3Client.await(waiting).status()).isEqualTo(200);
    assertThat(Http3Client.await(half.response()).statusCode()).isEqualTo(503);
    assertThat(served.engine.queue("q").stats().pending()).isZero();
  }

  @Test
  void whatIsNoQuicDoesNoHarm() throws IOException {
    serve();
    long seed = System.nanoTime();
    Random random = new Random(seed);
    try (DatagramSocket socket = new DatagramSocket()) {
      InetSocketAddress to = new InetSocketAddress(InetAddress.getLoopbackAddress(), served.port());
      for (int i = 0; i < 2_000; i++) {
        byte[] garbage = new byte[random.nextInt(1_500)];
        random.nextBytes(garbage);
        if (i % 2 == 0 && garbage.length > 7) { // As if it were the first packet of a connection.
          garbage[0] |= (byte) 0xc0;
          garbage[0] &= (byte) 0xcf;
          System.arraycopy(new byte[] {0, 0, 0, 1, 8}, 0, garbage, 1, 5);
        }
        socket.send(new DatagramPacket(garbage, garbage.length, to));
      }
    }
    assertThat(client().get("/version").status()).as("seed " + seed).isEqualTo(200);
    assertThat(gauge("afterbay.http.connections")).isEqualTo(1);
  }

  @Test
  void aClientIsCalledByTheSubjectOfItsCertificate() {
    serve(ClientAuth.WANT, Patience.STANDARD, Bounds.STANDARD);
    TestAuthority.Certified worker = authority.certify("worker-7", TestAuthority.keys("EC"));
    for (int i = 0; i < 3; i++) { // Later ones may go on with a session of before.
      assertThat(consumer(client(worker))).isEqualTo("CN=worker-7");
    }
    assertThat(consumer(client())).isEqualTo("127.0.0.1");
  }

  private static String consumer(Http3Client client) {
    String id = client.post("/jobs", "{\"job_type\":\"a\",\"queue\":\"q\"}").at("/id");
    String receipt = client.post("/queues/q/receive", "{}").at("/deliveries/0/receipt");
    client.post(
        "/queues/q/settle",
        "{\"settlements\":[{\"receipt\":\"" + receipt + "\",\"outcome\":\"done\"}]}");
    return client.get("/jobs/" + id + "?include=history").at("/history/0/consumer");
  }

  @Test
  void aClientMustShowACertificateOfAnAuthorityThatIsTrusted() {
    serve(ClientAuth.REQUIRE, Patience.STANDARD, Bounds.STANDARD);
    TestAuthority other = new TestAuthority("Another authority");
    Http3Client stranger = client(other.certify("worker-7", TestAuthority.keys("EC")));
    assertThatThrownBy(() -> stranger.get("/version"));
    Http3Client unnamed = client();
    assertThatThrownBy(() -> unnamed.get("/version"));
    Http3Client known = client(authority.certify("worker-7", TestAuthority.keys("EC")));
    assertThat(known.get("/version").status()).isEqualTo(200);
    awaitConnections(1);
  }

  @Test
  void aNewCertificateIsForNewConnectionsAndTheOthersGoOn() {
    serve();
    Http3Client kept = client();
    assertThat(kept.get("/version").status()).isEqualTo(200);
    TestAuthority other = new TestAuthority("Another authority");
    files.put(other.server());
    tls.look();
    Http3Client later = new Http3Client(served.port(), other, null);
    open.add(later);
    assertThat(later.get("/version").status()).isEqualTo(200);
    assertThat(kept.get("/version").status()).isEqualTo(200);
    Http3Client stranger = client();
    assertThatThrownBy(() -> stranger.get("/version"));
  }

  @Test
  void aKeyThatItCannotUseIsRefused() {
    files.put(authority.certify("localhost", TestAuthority.keys("Ed25519")));
    assertThatThrownBy(this::serve)
        .isInstanceOf(Rejected.class)
        .hasMessage("must be of an RSA or EC key where http3 is true: it is of EdDSA");
  }

  /** A port that TCP had a moment ago, so that nobody else is likely to have it. */
  private static DatagramSocket takenByUdpAlone() throws IOException {
    InetAddress loopback = InetAddress.getLoopbackAddress();
    while (true) {
      try (ServerSocket free = new ServerSocket(0, 1, loopback)) {
        return new DatagramSocket(free.getLocalPort(), loopback);
      } catch (BindException _) {
        // Somebody has that port by UDP.
      }
    }
  }

  @Test
  void aPortThatSomebodyHasIsNamed() throws IOException {
    try (DatagramSocket taken = takenByUdpAlone()) {
      HttpApiSettings.Listener main =
          new HttpApiSettings.Listener(
              "127.0.0.1", taken.getLocalPort(), files.open(ClientAuth.NONE), true);
      assertThatThrownBy(() ->
              Served.open(s ->
                  new HttpApiSettings(main, null, null, s.callers(), s.patience(), s.bounds())))
          .hasMessageContaining(
              "cannot listen on 127.0.0.1:"
                  + taken.getLocalPort()
                  + " by UDP, which http.http3 needs: ");
    }
  }
}
