package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Message;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.http.TlsSettings.ClientAuth;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A listener with TLS, as clients see it. */
@Timeout(60)
final class TlsTest {

  private static final String SEND = "POST /queues/q/messages HTTP/1.1\nHost: localhost\n";
  private static final String VERSION = "GET /version HTTP/1.1\nHost: localhost\n\n";

  @TempDir private Path folder;

  private final TestAuthority authority = new TestAuthority("Authority");
  private final List<AutoCloseable> open = new ArrayList<>();
  private TlsFolder files;
  private ListenerTls tls;
  private Served served;

  @BeforeEach
  void serve() {
    files = new TlsFolder(folder).put(authority.server()).trust(authority);
    serve(ClientAuth.NONE);
  }

  private void serve(ClientAuth clientAuth) {
    tls = files.open(clientAuth);
    served = Served.open(TlsFolder.on(tls));
    open.add(served);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable each : open.reversed()) {
      each.close();
    }
  }

  private Http http(HttpClient.Version version, SSLContext client) {
    Http http =
        new Http(
            URI.create("https://localhost:" + served.port()),
            HttpClient.newBuilder().version(version).sslContext(client).build());
    open.add(http);
    return http;
  }

  private SSLSocket socket(SSLContext client, String... protocols) {
    try {
      Socket plain = RawClient.connected(served.port());
      SSLSocket socket =
          (SSLSocket)
              client.getSocketFactory().createSocket(plain, "localhost", served.port(), true);
      if (protocols.length > 0) {
        socket.setEnabledProtocols(protocols);
      }
      open.add(socket);
      return socket;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private SSLContext client(TestAuthority.@Nullable Certified shown) {
    return authority.client(shown);
  }

  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void bothVersionsOfHttpAreSpokenAsAgreedInTheHandshake(HttpClient.Version version) {
    Http http = http(version, client(null));
    for (int i = 1; i <= 20; i++) {
      Http.Reply sent = http.post("/queues/q/messages", "body " + i);
      assertThat(sent.status()).isEqualTo(201);
      assertThat(sent.response().version()).isEqualTo(version);
      assertThat(sent.response().sslSession().orElseThrow().getProtocol()).isEqualTo("TLSv1.3");
    }
    assertThat(http.get("/queues/q").at("/pending")).isEqualTo("20");
    String large = "x".repeat(900_000);
    String[] plain = {"Content-Type", "text/plain"};
    assertThat(http.post("/queues/large/messages", large, plain).status()).isEqualTo(201);
    assertThat(http.post("/queues/large/receive", "{}").text()).contains("x".repeat(100));
  }

  /** Whatever Vert.x knows of TLS. */
  @ParameterizedTest
  @EnumSource(HttpClient.Version.class)
  void aPageOfTheServerIsOneThatCameByTls(HttpClient.Version version) {
    Http http = http(version, client(null));
    String here = "://localhost:" + served.port();
    String[] same = {"Origin", "https" + here};
    String[] downgraded = {"Origin", "http" + here};
    assertThat(http.post("/queues/q/messages", "x", same).status()).isEqualTo(201);
    assertThat(http.post("/queues/q/messages", "x", downgraded).status()).isEqualTo(403);
  }

  @Test
  void tls12IsSpokenAndNothingOlder() throws IOException {
    SSLSocket older = socket(client(null), "TLSv1.2");
    older.startHandshake();
    assertThat(older.getSession().getProtocol()).isEqualTo("TLSv1.2");
    assertThat(new RawClient(older).send(VERSION).read().status()).isEqualTo(200);
  }

  @ParameterizedTest
  @ValueSource(strings = {"h2", "http/1.1"})
  void theProtocolIsAgreedOnInTheHandshake(String wanted) throws IOException {
    SSLSocket socket = socket(client(null));
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setApplicationProtocols(new String[] {"unknown", wanted});
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    assertThat(socket.getApplicationProtocol()).isEqualTo(wanted);
  }

  @Test
  void aClientThatNamesNoProtocolGetsHttp11() {
    assertThat(new RawClient(socket(client(null))).send(VERSION).read().status()).isEqualTo(200);
  }

  /** RFC 9113, 3.2: what was agreed on in the handshake stays. */
  @Test
  void anUpgradeIsOverlooked() {
    String upgrade =
        "Connection: Upgrade, HTTP2-Settings\nUpgrade: h2c\nHTTP2-Settings: AAMAAABk\n";
    RawClient client = new RawClient(socket(client(null)));
    client.send("GET /version HTTP/1.1\nHost: localhost\n" + upgrade + "\n");
    assertThat(client.read().status()).isEqualTo(200);
  }

  @Test
  void aTargetMayBeAUrlOfItsOwnScheme() {
    RawClient client = new RawClient(socket(client(null)));
    client.send("GET https://localhost/version HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(200);
    client.send("GET http://localhost/version HTTP/1.1\nHost: localhost\n\n");
    assertThat(client.read().status()).isEqualTo(400);
  }

  /** TLS 1.3 says so in TLS; before, the end of one side is the end of both. */
  @Test
  void aClientThatHasSaidAllIsAnswered() throws IOException {
    SSLSocket socket = socket(client(null), "TLSv1.3");
    RawClient client = new RawClient(socket);
    for (int i = 0; i < 3; i++) {
      client.send(SEND + "Content-Length: 1\n\nx");
    }
    socket.shutdownOutput();
    for (int i = 0; i < 3; i++) {
      assertThat(client.read().status()).isEqualTo(201);
    }
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aWaitEndsWithItsClient() throws IOException {
    String body = "{\"wait\":\"30s\",\"lease\":\"1h\"}";
    SSLSocket socket = socket(client(null));
    RawClient client = new RawClient(socket);
    client.send("POST /queues/q/receive HTTP/1.1\nHost: localhost\nContent-Length: ");
    client.send(body.length() + "\n\n" + body);
    Soon.until(
        "the wait", () -> served.meters.get("afterbay.http.requests.open").gauge().value() > 0);
    socket.close();
    Soon.until(
        "its end", () -> served.meters.get("afterbay.http.requests.open").gauge().value() < 1);
    served.engine.queue("q").send(Message.of("a", "b"));
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(1);
  }

  /** The word comes by TLS, and the client can read it. */
  @Test
  void whatIsNoHttpIsAnswered() {
    RawClient client = new RawClient(socket(client(null)));
    client.send(SEND + "Transfer-Encoding: chunked\n\nzz\n{}\n0\n\n");
    assertThat(client.read().status()).isEqualTo(400);
    assertThat(client.isClosed()).isTrue();
  }

  @Test
  void aRefusalOfALargeBodyIsReadByItsClient() {
    RawClient client = new RawClient(socket(client(null)));
    client.send(SEND + "Content-Length: 500000000\n\n");
    client.sendBytes(new byte[100_000]);
    assertThat(client.read().status()).isEqualTo(413);
    assertThat(client.isClosedAtLast()).isTrue();
  }

  @Test
  void aBrokerSpeaksTls() {
    URI address = URI.create("https://127.0.0.1:" + served.port());
    try (HttpBroker broker = HttpBroker.builder(address).tls(client(null)).build()) {
      broker.queue("q").send(Message.of("a", "b"));
      assertThat(broker.queues()).containsExactly("q");
    }
    try (HttpBroker stranger = HttpBroker.of(address)) {
      assertThatThrownBy(stranger::queues).hasMessageContaining("PKIX path building failed");
    }
  }

  @Test
  void aNewCertificateIsForNewConnectionsAndTheOthersGoOn() throws IOException {
    Certificate before = shown();
    SSLSocket socket = socket(client(null));
    RawClient kept = new RawClient(socket);
    assertThat(kept.send(VERSION).read().status()).isEqualTo(200);
    TestAuthority.Certified next = authority.server();
    files.put(next);
    tls.look();
    for (int i = 0; i < 8; i++) {
      assertThat(shown()).isEqualTo(next.certificate());
    }
    assertThat(before).isNotEqualTo(next.certificate());
    assertThat(kept.send(VERSION).read().status()).isEqualTo(200);
    assertThat(socket.getSession().getPeerCertificates()[0]).isEqualTo(before);
  }

  private Certificate shown() throws IOException {
    SSLSocket socket = socket(client(null));
    socket.startHandshake();
    return socket.getSession().getPeerCertificates()[0];
  }

  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void aClientMustShowACertificateOfAnAuthorityThatIsTrusted(String protocol) {
    serve(ClientAuth.REQUIRE);
    SSLContext known = client(authority.certify("worker-7", TestAuthority.keys("EC")));
    assertThat(isAnswered(known, protocol)).isTrue();
    assertThat(isAnswered(client(null), protocol)).as("without").isFalse();
    TestAuthority other = new TestAuthority("Another authority");
    SSLContext stranger = client(other.certify("worker-7", TestAuthority.keys("EC")));
    assertThat(isAnswered(stranger, protocol)).as("of another authority").isFalse();
  }

  @Test
  void aClientMayShowACertificateButNoneThatIsNotTrusted() {
    serve(ClientAuth.WANT);
    assertThat(isAnswered(client(null), "TLSv1.3")).isTrue();
    assertThat(isAnswered(client(authority.certify("a", TestAuthority.keys("EC"))), "TLSv1.3"))
        .isTrue();
  }

  /** Also by a client that would go on with a session of before. */
  @ParameterizedTest
  @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
  void whoseAuthorityIsNotTrustedAnyMoreIsRefused(String protocol) {
    serve(ClientAuth.REQUIRE);
    SSLContext known = client(authority.certify("worker-7", TestAuthority.keys("EC")));
    assertThat(isAnswered(known, protocol)).isTrue();
    files.trust(new TestAuthority("Another authority"));
    tls.look();
    assertThat(isAnswered(known, protocol)).isFalse();
  }

  /** Whoever names itself is called that. */
  @Test
  void aClientIsCalledByTheSubjectOfItsCertificate() {
    serve(ClientAuth.WANT);
    String forged = "worker-7\n\u202e2026 ERROR";
    Http http =
        http(
            HttpClient.Version.HTTP_2, client(authority.certify(forged, TestAuthority.keys("EC"))));
    assertThat(consumer(http, "{}")).isEqualTo("CN=worker-7 \uFFFD2026 ERROR");
    assertThat(consumer(http, "{\"consumer\":\"me\"}")).isEqualTo("me");
    Http nobody = http(HttpClient.Version.HTTP_1_1, client(null));
    assertThat(consumer(nobody, "{}")).isEqualTo("127.0.0.1");
    Http unnamed =
        http(
            HttpClient.Version.HTTP_1_1,
            client(authority.certify("x".repeat(1_000), TestAuthority.keys("EC"))));
    assertThat(consumer(unnamed, "{}")).hasSize(200).startsWith("CN=xxx");
  }

  private static String consumer(Http http, String fields) {
    String id = http.post("/jobs", "{\"job_type\":\"a\",\"queue\":\"q\"}").at("/id");
    String receipt = http.post("/queues/q/receive", fields).at("/deliveries/0/receipt");
    http.post(
        "/queues/q/settle",
        "{\"settlements\":[{\"receipt\":\"" + receipt + "\",\"outcome\":\"done\"}]}");
    return http.get("/jobs/" + id + "?include=history").at("/history/0/consumer");
  }

  private boolean isAnswered(SSLContext client, String protocol) {
    RawClient raw = new RawClient(socket(client, protocol));
    try {
      return raw.send(VERSION).read().status() == 200;
    } catch (AssertionError _) {
      return false;
    }
  }
}
