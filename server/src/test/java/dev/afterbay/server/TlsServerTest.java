package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.server.TestServer.Ended;
import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Instant;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The server with certificates of its own. */
@Timeout(60)
final class TlsServerTest {
  @TempDir private Path folder;

  private TlsPair pair;
  private HttpClient client;

  @BeforeEach
  void makePair() throws Exception {
    pair = TlsPair.in(folder);
    client = pair.client().build();
  }

  @AfterEach
  void closeClient() {
    client.close();
  }

  private Path config(String yaml) throws IOException {
    return Files.writeString(folder.resolve("afterbay.yaml"), yaml);
  }

  private Server start(String yaml) throws Exception {
    return Server.start(ConfigReader.read(config(yaml), new Overrides(Map.of(), Map.of())));
  }

  private int get(String url) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url)).build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  @Test
  void eachListenerSpeaksTlsIfItHasACertificate() throws Exception {
    String own = "{address: localhost, port: 0, tls: " + pair.yaml() + "}";
    try (Server server =
        start("{store: memory, http: " + own + ", admin: " + own + ", sns: {port: 0}}")) {
      assertThat(server.readyLine()).startsWith("afterbay ready https://localhost:");
      assertThat(get(server.url() + "/health/ready")).isEqualTo(200);
      assertThat(server.adminUrl().orElseThrow()).startsWith("https://localhost:");
      assertThat(get(server.adminUrl().orElseThrow() + "/metrics")).isEqualTo(200);
      assertThat(server.snsUrl().orElseThrow()).startsWith("http://127.0.0.1:");
      assertThat(get(server.snsUrl().orElseThrow() + "/health/live")).isEqualTo(200);
    }
  }

  @Test
  void aPlayedSnsDeliversByTlsToAPortOfItsOwn() throws Exception {
    KeyPair keys = SnsPublisher.newKeys();
    Files.writeString(
        folder.resolve(SnsPublisher.CERTIFICATE_FILE),
        SnsPublisher.certificate(keys, Instant.now()));
    config(
        """
        http: {port: 0}
        sns:
          address: localhost
          port: 0
          tls: %s
          cert_dir: '%s'
          topics: [{arn: '%s', queue: orders}]
        """
            .replaceFirst("%s", pair.yaml())
            .replaceFirst("%s", folder.toString())
            .replaceFirst("%s", SnsPublisher.ARN));
    try (TestServer server = TestServer.start(folder, "serve").ready()) {
      String sns = server.awaitLog("SNS: https://localhost:").replaceFirst(".* SNS: ", "");
      try (SnsPublisher publisher =
          new SnsPublisher(keys, URI.create(sns + "orders"), 2, pair.client())) {
        Map<String, String> message =
            publisher.notification(UUID.randomUUID().toString(), "hello", Instant.now());
        assertThat(publisher.post(message)).isEqualTo(200);
        message.put("Message", "forged");
        assertThat(publisher.post(message)).isEqualTo(403);
      }
      assertThat(server.get("/queues/orders").body()).contains("\"pending\":1");
      assertThat(server.stop().exitCode()).isZero();
    }
  }

  @Test
  void aRenewedCertificateIsFoundByItself() throws Exception {
    config("{store: memory, http: {address: localhost, port: 0, tls: " + pair.yaml() + "}}");
    try (TestServer server = TestServer.start(folder, "serve").ready()) {
      assertThat(get(server.url() + "/version")).isEqualTo(200);
      pair.renewed();
      server.awaitLog("http.tls.certificate: " + pair.certificate() + ": taken");
      try (HttpClient later = pair.client().build()) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/version")).build();
        assertThat(later.send(request, BodyHandlers.discarding()).statusCode()).isEqualTo(200);
      }
      assertThat(get(server.url() + "/version")).as("the open connection").isEqualTo(200);
    }
  }

  @Test
  void whoManagesStandsInTheAuditLog() throws Exception {
    String tls = pair.yaml().replace("}", ", client_ca: '" + pair.certificate() + "'}");
    config("{store: memory, http: {address: localhost, port: 0, tls: " + tls + "}}");
    try (TestServer server =
            TestServer.start(folder, "serve", "--set", "http.tls.client_auth=require").ready();
        HttpClient operator = pair.alike().build()) {
      call(operator, "PUT", server.url() + "/queues/orders");
      call(operator, "DELETE", server.url() + "/queues/orders");
      call(operator, "DELETE", server.url() + "/queues/orders");
      call(operator, "DELETE", server.url() + "/queues/orders?forced=true");
      assertThat(server.stop().err())
          .filteredOn(line -> line.contains(" audit: "))
          .extracting(line -> line.replaceFirst(".* audit: ", ""))
          .containsExactlyInAnyOrder( // Those that are refused are told by threads of their own.
              "PUT /queues/orders by 127.0.0.1 CN=localhost: 201",
              "DELETE /queues/orders by 127.0.0.1 CN=localhost: 204",
              "DELETE /queues/orders by 127.0.0.1 CN=localhost: 404",
              "DELETE /queues/orders?forced=true by 127.0.0.1 CN=localhost: 400");
    }
  }

  private static void call(HttpClient client, String method, String address) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(address))
            .method(method, BodyPublishers.ofString("{}"))
            .build();
    client.send(request, BodyHandlers.discarding());
  }

  @Test
  void aFileThatIsNotFitExitsWithTwoAndNamesIt() throws Exception {
    Files.writeString(pair.key(), "nothing");
    config("http: {port: 0, tls: " + pair.yaml() + "}");
    Ended ended = TestServer.run(folder, "serve");
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err().getLast())
        .isEqualTo(
            "afterbay: http.tls.key_file: "
                + pair.key()
                + ": must be PEM with a private key: there is none");
    assertThat(ended.out()).isEmpty();
    assertThat(folder.resolve("data")).doesNotExist();
  }

  @Test
  void http3IsThereByUdpAndTheOthersSayWhere() throws Exception {
    config(
        "{store: memory, http: {address: localhost, port: 0, http3: true, tls: "
            + pair.yaml()
            + "}}");
    try (TestServer server = TestServer.start(folder, "serve").ready()) {
      int port = URI.create(server.url()).getPort();
      HttpRequest request = HttpRequest.newBuilder(URI.create(server.url() + "/version")).build();
      HttpResponse<Void> answer = client.send(request, BodyHandlers.discarding());
      assertThat(answer.headers().firstValue("alt-svc")).hasValue("h3=\":" + port + "\"; ma=86400");
      assertThatThrownBy(() -> new DatagramSocket(port, InetAddress.getByName("localhost")))
          .isInstanceOf(BindException.class);
      assertThat(server.stop().exitCode()).isZero();
    }
  }

  @Test
  void http3IsNotToBeHadWithoutTls() throws Exception {
    config("http: {port: 0, http3: true}");
    Ended ended = TestServer.run(folder, "serve");
    assertThat(ended.exitCode()).as(ended.toString()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err().getLast())
        .isEqualTo(
            "afterbay: http.http3: true: must be given with http.tls: there is no HTTP/3 in clear"
                + " text");
  }

  @Test
  void theFilesOfEachListenerAreLookedAtBeforeAnythingIsOpened() {
    for (String section : new String[] {"http", "admin", "sns"}) {
      assertThatThrownBy(
              () -> start("{" + section + ": {port: 0, tls: {certificate: none.pem}}}").close())
          .isInstanceOf(ConfigException.class)
          .hasMessage(section + ".tls.certificate: none.pem: must be a file: there is none");
    }
  }
}
