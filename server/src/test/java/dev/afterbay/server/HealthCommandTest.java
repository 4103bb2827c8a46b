package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whether a health check can be made of it: {@code afterbay health}. */
@Timeout(60)
final class HealthCommandTest {
  @TempDir private Path folder;

  private ServerSocket played;

  @BeforeEach
  void listen() throws IOException {
    played = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
  }

  @AfterEach
  void close() throws IOException {
    played.close();
  }

  private Path config(String yaml) throws IOException {
    return Files.writeString(folder.resolve("afterbay.yaml"), yaml);
  }

  private Server start(String yaml) throws Exception {
    return Server.start(ConfigReader.read(config(yaml), new Overrides(Map.of(), Map.of())));
  }

  /** As the check of a container asks, which has the configuration and the port. */
  private int ask(Server server) throws Exception {
    int port = URI.create(server.url()).getPort();
    return run("--config", folder.resolve("afterbay.yaml").toString(), "--port", "" + port);
  }

  private static int run(String... arguments) throws Exception {
    return HealthCommand.command().run("afterbay health", List.of(arguments));
  }

  private String askPlayed() {
    URI url = URI.create("http://127.0.0.1:" + played.getLocalPort());
    return HealthCommand.ask(new HealthCommand.Target(url, null), Duration.ofMillis(500));
  }

  /** Answers the next one who asks. */
  private void answer(String answer, int times) {
    Thread.startVirtualThread(() -> {
      try (Socket socket = played.accept();
          OutputStream out = socket.getOutputStream()) {
        for (int i = 0; i < times; i++) {
          out.write(answer.getBytes(StandardCharsets.US_ASCII));
        }
      } catch (IOException _) {
        // It has read enough.
      }
    });
  }

  @Test
  void aServerThatIsReadyIsFoundWhereItsConfigurationSays() throws Exception {
    try (Server server = start("{store: memory, http: {port: 0}}")) {
      assertThat(ask(server)).isZero();
      assertThat(run("--url", server.url())).isZero();
      assertThat(run("--url", server.url() + "/health/ready")).isZero();
    }
  }

  @Test
  void aServerOnAllAddressesIsAskedOnLoopback() throws Exception {
    try (Server server = start("{store: memory, auth: none, http: {port: 0, address: 0.0.0.0}}")) {
      assertThat(ask(server)).isZero();
    }
  }

  @Test
  void aServerIsAskedByTlsWhateverNameItsCertificateBears() throws Exception {
    TlsPair pair = TlsPair.in(folder);
    try (Server server = start("{store: memory, http: {port: 0, tls: " + pair.yaml() + "}}")) {
      assertThat(ask(server)).isZero();
      assertThat(run("--url", server.url())).isZero();
    }
    String all = pair.yaml().replace("}", ", client_auth: require, client_ca: ");
    String mutual = all + "'" + pair.certificate() + "'}";
    try (Server server = start("{store: memory, http: {port: 0, tls: " + mutual + "}}")) {
      assertThat(ask(server)).as("it shows the server's own certificate").isZero();
    }
  }

  /** Whoever asks need not be allowed to read what the server reads. */
  @Test
  void onlyTheListenersOfTheConfigurationCount() throws Exception {
    try (Server server = start("{store: memory, http: {port: 0}}")) {
      config("{data: '', prot: 1, workers: [{queue: q, http: {url: x, secret_file: /none}}]}");
      assertThat(ask(server)).isZero();
    }
  }

  @Test
  void whatIsNotReadyIsOne() throws Exception {
    answer("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"reasons\":[\"the disk\\u001b\"]}", 1);
    assertThat(run("--url", "http://127.0.0.1:" + played.getLocalPort()))
        .isEqualTo(ExitCode.FAILED);
    played.close();
    assertThat(run("--url", "http://127.0.0.1:" + played.getLocalPort()))
        .isEqualTo(ExitCode.FAILED);
    assertThat(run("--url", "ftp://127.0.0.1")).isEqualTo(ExitCode.FAILED);
    assertThat(run("--port", "0")).isEqualTo(ExitCode.FAILED);
    assertThat(run("--port", "x")).isEqualTo(ExitCode.FAILED);
  }

  @Test
  void aPortThatOnlyTheServerKnowsIsNamed() throws Exception {
    Path file =
        config(
            "{http: {tls: {certificate: c, client_ca: c, client_auth: require}}, admin: {port:"
                + " 0}}");
    Arguments given = HealthCommand.command().parse(List.of("--config", file.toString()));
    assertThatThrownBy(() -> HealthCommand.configured(given))
        .hasMessage("admin.port: 0: is any free one: give --url with the port");
  }

  @Test
  void itTellsWhyAsThePlainTextThatItIs() {
    answer("HTTP/1.1 503 Service Unavailable\r\n\r\n{\"reasons\":[\"a\u001b\"]}", 1);
    assertThat(askPlayed())
        .endsWith(": HTTP/1.1 503 Service Unavailable: {\"reasons\":[\"a\uFFFD\"]}");
  }

  @Test
  void anEndlessAnswerIsNotReadToItsEnd() {
    answer("x".repeat(1 << 10), Integer.MAX_VALUE);
    assertThat(askPlayed()).contains("xxx").hasSizeLessThan(1_000);
  }

  @Test
  void aServerThatDoesNotAnswerIsNotReady() {
    assertThat(askPlayed()).endsWith(": no answer within 500ms");
  }

  @Test
  void itIsACommandOfTheProgram() throws Exception {
    try (Server server = start("{store: memory, http: {port: 0}}")) {
      TestServer.Ended ended = TestServer.run(folder, "health", "--url", server.url());
      assertThat(ended.exitCode()).as(ended.toString()).isZero();
      assertThat(ended.out()).containsExactly("ready");
      assertThat(ended.err()).isEmpty();
    }
  }
}
