package dev.afterbay.server;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * The host that serves certificates and confirms subscriptions, under its real name: for a JVM that
 * runs with {@link #jvmOptions}.
 */
final class FakeSns implements AutoCloseable {
  private static final String HOST = "sns.us-east-1.amazonaws.com";

  /** Not 127.0.0.1, where something else may listen. */
  private static final InetSocketAddress ADDRESS = new InetSocketAddress("127.0.0.43", 443);

  private static final char[] PASSWORD = "changeit".toCharArray();
  private static final String CONFIRMED =
      """
      <ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/">
        <ConfirmSubscriptionResult>
          <SubscriptionArn>%s</SubscriptionArn>
        </ConfirmSubscriptionResult>
      </ConfirmSubscriptionResponse>
      """
          .formatted(SnsPublisher.SUBSCRIPTION);

  private final HttpsServer server;
  private final Path folder;
  private final List<String> asked = new CopyOnWriteArrayList<>();

  private FakeSns(HttpsServer server, Path folder) {
    this.server = server;
    this.folder = folder;
  }

  /** Whether this user may listen on the port of HTTPS. */
  static boolean canListen() {
    try (ServerSocket socket = new ServerSocket()) {
      socket.bind(ADDRESS);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /**
   * @param folder for the trust store and the hosts file
   * @param certificate what it serves
   */
  static FakeSns open(Path folder, String certificate)
      throws GeneralSecurityException, IOException {
    Instant now = Instant.now();
    Instant from = now.minus(Duration.ofHours(1));
    Instant until = now.plus(Duration.ofDays(1));
    KeyPair authority = SnsPublisher.newKeys();
    KeyPair keys = SnsPublisher.newKeys();
    Certificate root =
        parse(
            new SelfMadeCertificate("Test", true, authority.getPublic(), from, until)
                .signedBy("Test", authority));
    Certificate leaf =
        parse(
            new SelfMadeCertificate(HOST, false, keys.getPublic(), from, until)
                .signedBy("Test", authority));
    KeyStore trust = emptyStore();
    trust.setCertificateEntry("test", root);
    try (OutputStream file = Files.newOutputStream(folder.resolve("trust.p12"))) {
      trust.store(file, PASSWORD);
    }
    Files.writeString(
        folder.resolve("hosts"), ADDRESS.getAddress().getHostAddress() + " " + HOST + "\n");
    HttpsServer server = HttpsServer.create(ADDRESS, 0);
    server.setHttpsConfigurator(new HttpsConfigurator(context(keys, leaf)));
    FakeSns host = new FakeSns(server, folder);
    server.createContext("/", exchange -> host.answer(exchange, certificate));
    server.start();
    return host;
  }

  /** Lead the real name here, and trust the certificate that is shown here. */
  List<String> jvmOptions() {
    return List.of(
        "-Djdk.net.hosts.file=" + folder.resolve("hosts"),
        "-Djavax.net.ssl.trustStore=" + folder.resolve("trust.p12"),
        "-Djavax.net.ssl.trustStorePassword=" + new String(PASSWORD));
  }

  /** The URLs that were asked for. */
  List<String> asked() {
    return asked;
  }

  private void answer(HttpExchange exchange, String certificate) throws IOException {
    try (exchange) {
      String url =
          "https://" + exchange.getRequestHeaders().getFirst("Host") + exchange.getRequestURI();
      asked.add(url);
      String body = url.endsWith(".pem") ? certificate : CONFIRMED;
      byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
      exchange.sendResponseHeaders(200, bytes.length);
      exchange.getResponseBody().write(bytes);
    }
  }

  private static SSLContext context(KeyPair keys, Certificate leaf)
      throws GeneralSecurityException, IOException {
    KeyStore store = emptyStore();
    store.setKeyEntry("sns", keys.getPrivate(), PASSWORD, new Certificate[] {leaf});
    KeyManagerFactory managers =
        KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    managers.init(store, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(managers.getKeyManagers(), null, null);
    return context;
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }

  private static Certificate parse(byte[] der) throws GeneralSecurityException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificate(new ByteArrayInputStream(der));
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
