package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.afterbay.http.sns.OutgoingGet;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The outgoing requests over real TLS, to a server on loopback with a certificate of its own. */
@Timeout(60)
class HttpsGetTest {
  private static final Duration PLENTY = Duration.ofSeconds(20);
  private static final char[] PASSWORD = "secret".toCharArray();

  private static KeyPair keys;

  private final AtomicInteger visits = new AtomicInteger();
  private final CountDownLatch end = new CountDownLatch(1);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private HttpsServer server;
  private OutgoingGet get;

  @BeforeAll
  static void makeKeys() throws GeneralSecurityException {
    keys = SnsPublisher.newKeys();
  }

  @BeforeEach
  void start() throws Exception {
    Instant now = Instant.now();
    byte[] der =
        new SelfMadeCertificate(
                "localhost",
                false,
                keys.getPublic(),
                now.minus(Duration.ofHours(1)),
                now.plus(Duration.ofDays(1)))
            .signedBy("localhost", keys);
    Certificate certificate =
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setHttpsConfigurator(new HttpsConfigurator(serving(certificate)));
    server.setExecutor(threads);
    server.start();
    get = new HttpsGet(trusting(certificate));
  }

  @AfterEach
  void stop() {
    end.countDown();
    get.close();
    server.stop(0);
    threads.shutdownNow();
  }

  @Test
  void aBodyIsReadUpToTheLimit() throws Exception {
    page("/small", 200, "certificate");

    assertThat(get.get(url("/small"), 11, PLENTY))
        .isEqualTo(new OutgoingGet.Answer.Ok("certificate"));
    assertThat(get.get(url("/small"), 10, PLENTY)).isEqualTo(new OutgoingGet.Answer.TooLarge(10));
  }

  @Test
  void anEmptyBodyIsABody() throws Exception {
    page("/empty", 200, "");

    assertThat(get.get(url("/empty"), 10, PLENTY)).isEqualTo(new OutgoingGet.Answer.Ok(""));
  }

  @Test
  void anEndlessBodyIsCutOff() throws Exception {
    server.createContext(
        "/endless",
        exchange -> {
          exchange.sendResponseHeaders(200, 0);
          try (OutputStream body = exchange.getResponseBody()) {
            while (end.getCount() > 0) {
              body.write(new byte[8_192]);
            }
          }
        });

    assertThat(get.get(url("/endless"), 65_536, PLENTY))
        .isEqualTo(new OutgoingGet.Answer.TooLarge(65_536));
  }

  @Test
  void redirectsAreNotFollowed() throws Exception {
    page("/target", 200, "x");
    server.createContext(
        "/redirect",
        exchange -> {
          exchange.getResponseHeaders().add("Location", url("/target"));
          exchange.sendResponseHeaders(302, -1);
          exchange.close();
        });

    assertThat(get.get(url("/redirect"), 10, PLENTY)).isEqualTo(new OutgoingGet.Answer.Status(302));
    assertThat(visits).hasValue(0);
  }

  @Test
  void otherStatusesAreToldWithoutTheirBodies() throws Exception {
    page("/missing", 404, "x".repeat(100_000));

    assertThat(get.get(url("/missing"), 10, PLENTY)).isEqualTo(new OutgoingGet.Answer.Status(404));
  }

  @Test
  void silenceEndsAtTheLimit() throws Exception {
    server.createContext("/silent", _ -> waitForTheEnd());

    assertThat(get.get(url("/silent"), 10, Duration.ofMillis(300)))
        .isInstanceOf(OutgoingGet.Answer.Failed.class);
  }

  @Test
  void aBodyThatNeverEndsIsNotWaitedFor() throws Exception {
    server.createContext(
        "/dripping",
        exchange -> {
          exchange.sendResponseHeaders(200, 100);
          exchange.getResponseBody().write('x');
          exchange.getResponseBody().flush();
          waitForTheEnd();
        });

    assertThat(get.get(url("/dripping"), 100, Duration.ofMillis(300)))
        .isInstanceOf(OutgoingGet.Answer.Failed.class);
  }

  @Test
  void interruptionEndsTheWait() throws Exception {
    server.createContext("/silent", _ -> waitForTheEnd());
    CountDownLatch interrupted = new CountDownLatch(1);
    Thread waiting =
        Thread.startVirtualThread(() -> {
          try {
            get.get(url("/silent"), 10, PLENTY);
          } catch (InterruptedException e) {
            interrupted.countDown();
          }
        });

    waiting.interrupt();

    assertThat(interrupted.await(10, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void nobodyThereIsAFailure() throws Exception {
    String gone = url("/x");
    server.stop(0);

    OutgoingGet.Answer answer = get.get(gone, 10, PLENTY);

    assertThat(((OutgoingGet.Answer.Failed) answer).reason())
        .startsWith("no answer from localhost: 127.0.0.1:")
        .contains(": Connection refused");
  }

  @Test
  void anUntrustedCertificateIsAFailure() throws Exception {
    page("/small", 200, "x");
    try (OutgoingGet usual = new HttpsGet(null)) {
      assertThat(((OutgoingGet.Answer.Failed) usual.get(url("/small"), 10, PLENTY)).reason())
          .contains("127.0.0.1:", "unable to find valid certification path");
    }
    assertThat(visits).hasValue(0);
  }

  @Test
  void aCertificateForAnotherNameIsAFailure() throws Exception {
    page("/small", 200, "x");

    assertThat(get.get(url("/small").replace("localhost", "127.0.0.1"), 10, PLENTY))
        .isInstanceOf(OutgoingGet.Answer.Failed.class);
    assertThat(visits).hasValue(0);
  }

  @Test
  void aProxyOfTheJvmIsUsed() throws Exception {
    page("/small", 200, "x");
    ProxySelector before = ProxySelector.getDefault();
    try (ServerSocket proxy = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Future<?> _ = threads.submit(() -> tunnel(proxy));
      ProxySelector.setDefault(
          ProxySelector.of(InetSocketAddress.createUnresolved("localhost", proxy.getLocalPort())));

      assertThat(get.get(url("/small"), 10, PLENTY)).isEqualTo(new OutgoingGet.Answer.Ok("x"));
    } finally {
      ProxySelector.setDefault(before);
    }
  }

  /** Leads one connection to the server, as CONNECT asks for. */
  private Void tunnel(ServerSocket proxy) throws IOException {
    try (Socket client = proxy.accept();
        Socket end = new Socket(InetAddress.getLoopbackAddress(), server.getAddress().getPort())) {
      String head = "";
      while (!head.endsWith("\r\n\r\n")) {
        head += (char) client.getInputStream().read();
      }
      assertThat(head).startsWith("CONNECT localhost:" + end.getPort() + " HTTP/1.1\r\n");
      client.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.UTF_8));
      Future<?> _ = threads.submit(() -> end.getInputStream().transferTo(client.getOutputStream()));
      client.getInputStream().transferTo(end.getOutputStream());
    }
    return null;
  }

  @Test
  void plainHttpIsNeverSpoken() {
    assertThatThrownBy(() -> get.get("http://localhost/", 10, PLENTY))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private void page(String path, int status, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
    server.createContext(
        path,
        exchange -> {
          visits.incrementAndGet();
          exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
          try (exchange) {
            exchange.getResponseBody().write(bytes);
          } catch (IOException e) {
            // The client has had enough.
          }
        });
  }

  private void waitForTheEnd() {
    try {
      end.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private String url(String path) {
    return "https://localhost:" + server.getAddress().getPort() + path;
  }

  private static SSLContext serving(Certificate certificate) throws Exception {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setKeyEntry("server", keys.getPrivate(), PASSWORD, new Certificate[] {certificate});
    KeyManagerFactory managers = KeyManagerFactory.getInstance("PKIX");
    managers.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static SSLContext trusting(Certificate certificate)
      throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    store.setCertificateEntry("server", certificate);
    TrustManagerFactory trust = TrustManagerFactory.getInstance("PKIX");
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }
}
