package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Schedules;
import dev.afterbay.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class ServerTest {
  @TempDir private Path folder;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void closeClient() {
    client.close();
  }

  @Test
  void aQueueThatOnlyAnHttpWorkerNamesIsTriedWithoutEnd() throws Exception {
    try (Server server =
        start("{store: memory, workers: [{queue: q, http: {url: 'http://127.0.0.1:1/'}}]}")) {
      QueueSettings settings = server.engine().queue("q").admin().orElseThrow().settings();
      assertThat(settings.maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
      assertThat(settings.giveUpAfter()).isEqualTo(Duration.ofDays(14));
    }
  }

  @Test
  void aQueueWithAnHttpWorkerIsTriedWithoutEndAlsoAfterItsSettingsWerePut() throws Exception {
    try (Server server =
        start(
            "{store: memory, defaults: {lease: 9s},"
                + " workers: [{queue: q, http: {url: 'http://127.0.0.1:1/'}}]}")) {
      assertThat(put(server.url() + "/queues/q", "{\"dedup_window\":\"1h\"}")).isEqualTo(200);
      QueueSettings silent = server.engine().queue("q").admin().orElseThrow().settings();
      assertThat(silent.maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
      assertThat(silent.giveUpAfter()).isEqualTo(Duration.ofDays(14));
      assertThat(silent.dedupWindow()).isEqualTo(Duration.ofHours(1));
      assertThat(silent.lease()).isEqualTo(Duration.ofSeconds(9));
      assertThat(put(server.url() + "/queues/q", "{\"max_attempts\":5}")).isEqualTo(200);
      QueueSettings own = server.engine().queue("q").admin().orElseThrow().settings();
      assertThat(own.maxAttempts()).isEqualTo(5);
      assertThat(own.giveUpAfter()).isNull();
      assertThat(put(server.url() + "/queues/other", "{}")).isEqualTo(201);
      assertThat(server.engine().queue("other").admin().orElseThrow().settings().maxAttempts())
          .isEqualTo(3);
    }
  }

  @Test
  void schedulesOfTheFileArePutAtTheStartWhereTheyDifferAndOthersStay() throws Exception {
    String data = "{data: '" + folder.resolve("data") + "', ";
    String file = data + "schedules: {a: {every: 1h, job: {job_type: x, queue: q}}}}";
    List<Instant> first;
    try (Server server = start(file)) {
      Schedules schedules = server.engine().schedules().orElseThrow();
      first = schedules.find("a").orElseThrow().next();
      schedules.pause("a");
      put(server.url() + "/schedules/b", "{\"cron\":\"@daily\",\"job\":{\"job_type\":\"x\"}}");
    }
    try (Server server = start(file)) {
      Schedules schedules = server.engine().schedules().orElseThrow();
      assertThat(schedules.find("a").orElseThrow().paused()).isTrue();
      assertThat(schedules.find("b")).isPresent();
    }
    try (Server server = start(file.replace("1h", "2h"))) {
      Schedules schedules = server.engine().schedules().orElseThrow();
      assertThat(schedules.resume("a").next().getFirst()).isAfter(first.getFirst());
      assertThat(schedules.find("a").orElseThrow().definition().every())
          .isEqualTo(Duration.ofHours(2));
    }
    assertThatThrownBy(() -> start("{validate_types: true, " + file.substring(1)).close())
        .isInstanceOf(ConfigException.class)
        .hasMessageContaining("schedules.a.job.job_type: x: must be a type");
  }

  @Test
  void aConfiguredHostNameIsServed() throws Exception {
    String named = "GET /version HTTP/1.1\r\nHost: Queue.example:443\r\nConnection: close\r\n\r\n";
    try (Server server = start("{store: memory, http: {host_names: [queue.Example]}}")) {
      assertThat(statusLine(server, named)).isEqualTo("HTTP/1.1 200 OK");
    }
    try (Server server = start("{store: memory}")) {
      assertThat(statusLine(server, named)).isEqualTo("HTTP/1.1 403 Forbidden");
    }
  }

  private static String statusLine(Server server, String request) throws IOException {
    URI url = URI.create(server.url());
    try (Socket socket = new Socket(url.getHost(), url.getPort())) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      return new BufferedReader(
              new InputStreamReader(socket.getInputStream(), StandardCharsets.US_ASCII))
          .readLine();
    }
  }

  @Test
  void metricsAreToldToPrometheusAndAsOpenMetrics() throws Exception {
    try (Server server = start("{store: memory}")) {
      HttpResponse<String> plain = metrics(server, "text/plain");
      assertThat(plain.headers().firstValue("Content-Type"))
          .contains("text/plain; version=0.0.4; charset=utf-8");
      assertThat(plain.body()).contains("afterbay_http_connections").doesNotContain("# EOF");
      HttpResponse<String> open =
          metrics(server, "application/openmetrics-text;version=1.0.0;q=0.5,*/*;q=0.1");
      assertThat(open.headers().firstValue("Content-Type"))
          .contains("application/openmetrics-text; version=1.0.0; charset=utf-8");
      assertThat(open.body()).contains("afterbay_http_connections").endsWith("# EOF\n");
    }
  }

  private HttpResponse<String> metrics(Server server, String accept) throws Exception {
    URI url = URI.create(server.url() + "/metrics");
    HttpRequest request = HttpRequest.newBuilder(url).header("Accept", accept).build();
    return client.send(request, BodyHandlers.ofString());
  }

  @Test
  void queuesAreKeptUnlessTheFileNamesThem() throws Exception {
    try (Server server = start("{}")) {
      server
          .engine()
          .queue("kept")
          .admin()
          .orElseThrow()
          .configure(QueueSettings.STANDARD.maxAttempts(7));
      server
          .engine()
          .queue("named")
          .admin()
          .orElseThrow()
          .configure(QueueSettings.STANDARD.maxAttempts(7));
    }
    try (Server server = start("queues: {named: {max_attempts: 2}, new: {}}")) {
      assertThat(server.engine().queue("kept").admin().orElseThrow().settings().maxAttempts())
          .isEqualTo(7);
      assertThat(server.engine().queue("named").admin().orElseThrow().settings().maxAttempts())
          .isEqualTo(2);
      assertThat(server.engine().queues()).containsExactly("kept", "named", "new");
    }
  }

  @Test
  void aDeletedQueueComesBackAsTheFileSays() throws Exception {
    try (Server server =
        start(
            "{store: memory, queues: {named: {max_attempts: 2}},"
                + " workers: [{queue: served, http: {url: 'http://127.0.0.1:1/'}}]}")) {
      for (String name : List.of("named", "served", "other")) {
        Queue queue = server.engine().queue(name);
        queue.admin().orElseThrow().configure(QueueSettings.STANDARD.maxAttempts(7));
        queue.admin().orElseThrow().delete(true);
        queue.send(Message.of("a", "b").delay(Duration.ofHours(1)));
      }
      assertThat(server.engine().queue("named").admin().orElseThrow().settings().maxAttempts())
          .isEqualTo(2);
      QueueSettings served = server.engine().queue("served").admin().orElseThrow().settings();
      assertThat(served.maxAttempts()).isEqualTo(QueueSettings.UNLIMITED);
      assertThat(served.giveUpAfter()).isEqualTo(Duration.ofDays(14));
      assertThat(server.engine().queue("other").admin().orElseThrow().settings())
          .isEqualTo(QueueSettings.STANDARD);
    }
  }

  @Test
  void aChangeThatTheJobsOfAQueueForbidStopsTheStart() throws Exception {
    try (Server server = start("{}")) {
      server.engine().queue("q").send(Message.of("a", "b"));
    }
    assertThatThrownBy(() -> start("queues: {q: {order: fifo}}"))
        .isInstanceOf(ConfigException.class)
        .hasMessageStartingWith("queues.q: ");
    try (Server server = start("{}")) {
      assertThat(server.engine().queue("q").stats().pending()).isEqualTo(1);
    }
  }

  @Test
  void onlyTypesWithAHandlerAreTakenWhereTypesAreValidated() throws Exception {
    try (Server server =
        start(
            """
            store: memory
            validate_types: true
            workers: [{queue: q, type: known, http: {url: 'http://127.0.0.1:1/'}}]
            """)) {
      String url = server.url() + "/jobs";
      assertThat(post(url, "{\"job_type\":\"other\",\"queue\":\"q\"}")).isEqualTo(422);
      assertThat(post(url, "{\"job_type\":\"known\",\"queue\":\"q\",\"delay\":\"1h\"}"))
          .isEqualTo(201);
    }
  }

  @Test
  void aQueueMustBeNamedWhereQueuesDoNotComeByThemselves() throws Exception {
    try (Server server = start("{store: memory, auto_create_queues: false, queues: {named: {}}}")) {
      assertThat(post(server.url() + "/queues/named/messages", "a")).isEqualTo(201);
      assertThat(post(server.url() + "/queues/other/messages", "a")).isEqualTo(404);
    }
  }

  @Test
  void snsAndAdminCanHaveAddressesOfTheirOwn() throws Exception {
    try (Server server =
        start("{store: memory, admin: {port: 0}, sns: {address: 127.0.0.1, port: 0}}")) {
      String sns = server.snsUrl().orElseThrow();
      String admin = server.adminUrl().orElseThrow();
      assertThat(get(sns + "/health/live")).isEqualTo(200);
      assertThat(get(sns + "/jobs")).isEqualTo(404);
      assertThat(get(admin + "/metrics")).isEqualTo(200);
      assertThat(get(server.url() + "/metrics")).isEqualTo(404);
    }
  }

  @Test
  void aHandlerThatRunsMayFinish() throws Exception {
    JobId id;
    try (SlowTarget target = new SlowTarget();
        Server server = start("workers: [{queue: q, http: {url: '" + target.url() + "'}}]")) {
      id = server.engine().queue("q").send(Message.of("a", "b").tracked());
      target.called.await();
      Thread closing = Thread.startVirtualThread(server::close);
      while (get(server.url() + "/health/ready") == 200) {
        Thread.onSpinWait();
      }
      target.mayAnswer.countDown();
      closing.join();
    }
    assertThat(job(id).state().status().kind()).isEqualTo(Status.Kind.DONE);
  }

  @Test
  void aHandlerThatDoesNotFinishInTimeCostsNoTry() throws Exception {
    JobId id;
    try (SlowTarget target = new SlowTarget()) {
      String worker = "workers: [{queue: q, http: {url: '" + target.url() + "'}}]";
      try (Server server = start("shutdown_grace: 100ms\n" + worker)) {
        id = server.engine().queue("q").send(Message.of("a", "b").tracked());
        target.called.await();
      }
      target.mayAnswer.countDown();
    }
    assertThat(job(id).state().status().kind()).isEqualTo(Status.Kind.PENDING);
    assertThat(job(id).state().attempts()).isZero();
  }

  @Test
  void aStartThatFailsLeavesTheStoreClosed() throws Exception {
    try (Server first = start("store: memory")) {
      int port = URI.create(first.url()).getPort();
      assertThatThrownBy(() -> start("http: {port: " + port + "}"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining(Integer.toString(port));
    }
    try (Server server = start("{}")) {
      assertThat(get(server.url() + "/health/ready")).isEqualTo(200);
    }
  }

  /** A target that answers when it may. */
  private static final class SlowTarget implements AutoCloseable {
    private final CountDownLatch called = new CountDownLatch(1);
    private final CountDownLatch mayAnswer = new CountDownLatch(1);
    private final HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

    SlowTarget() throws IOException {
      server.createContext(
          "/",
          exchange -> {
            called.countDown();
            try (exchange) {
              mayAnswer.await();
              exchange.sendResponseHeaders(204, -1);
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
    }

    @Override
    public void close() {
      server.stop(0);
    }
  }

  private Job job(JobId id) throws Exception {
    try (Server server = start("{}")) {
      return server.engine().jobs().orElseThrow().find(id).orElseThrow();
    }
  }

  private Server start(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    Map<String, List<Overrides.Given>> options =
        Map.of("data", List.of(new Overrides.Given("--data", folder.resolve("data").toString())));
    Map<String, String> environment =
        yaml.contains("http: {port") ? Map.of() : Map.of("AFTERBAY_HTTP_PORT", "0");
    return Server.start(ConfigReader.read(file, new Overrides(environment, options)));
  }

  private int get(String url) throws IOException, InterruptedException {
    return client
        .send(HttpRequest.newBuilder(URI.create(url)).build(), BodyHandlers.discarding())
        .statusCode();
  }

  private int put(String url, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).PUT(BodyPublishers.ofString(body)).build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }

  private int post(String url, String body) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url)).POST(BodyPublishers.ofString(body)).build();
    return client.send(request, BodyHandlers.discarding()).statusCode();
  }
}
