package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
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
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The way of a message through a server, as its log tells it. */
@Timeout(60)
final class MessageLogServerTest {
  private static final JsonMapper MAPPER = new JsonMapper();
  private static final String JSON = "format: json, messages: true";
  private static final String SECRET = "s3cret";

  @TempDir private Path folder;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void logAsBefore() throws Exception {
    client.close();
    LogLines.use(configuration("{}").log());
  }

  @Test
  void aMessageOverHttpFromItsReceiptToItsDeadLetter() throws Exception {
    String job;
    try (Server server = start("queues: {orders: {max_attempts: 2, backoff: {first: 0s}}}", JSON)) {
      job = send(server, "k1").at("/id").asString();
      assertThat(send(server, "k1").at("/known").asBoolean()).isTrue();
      settle(server, "retry");
      settle(server, "retry");
    }
    List<JsonNode> lines = steps();
    assertThat(lines)
        .extracting(MessageLogServerTest::step)
        .containsOnlyOnce("stored", "known", "dead")
        .containsSubsequence("received", "stored", "started", "retried", "started", "dead")
        .filteredOn("received"::equals)
        .hasSize(2);
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("log.level").asString()).isEqualTo("INFO");
          assertThat(line.path("event.action")).isEqualTo(line.path("message"));
          assertThat(line.path("afterbay.queue").asString()).isEqualTo("orders");
          assertThat(line.path("afterbay.session").asString()).isEqualTo("customer 7");
          assertThat(line.path("afterbay.correlation_id").asString()).isEqualTo("request-1");
          assertThat(line.path("afterbay.job_type").asString()).isEqualTo("order");
          assertThat(line.path("afterbay.job_id").asString(job)).isEqualTo(job);
        });
    assertThat(lines)
        .filteredOn(line -> step(line).equals("retried") || step(line).equals("dead"))
        .hasSize(2)
        .allSatisfy(line -> {
          assertThat(line.path("afterbay.took_ms").isIntegralNumber()).isTrue();
          assertThat(line.path("afterbay.age_ms").isIntegralNumber()).isTrue();
          assertThat(line.path("error.message").asString()).isEqualTo("printer is off");
        })
        .extracting(line -> line.path("afterbay.attempt").asInt())
        .containsExactly(1, 2);
    assertThat(Files.readString(folder.resolve("log")))
        .doesNotContain(SECRET)
        .doesNotContain("k1")
        .doesNotContain("receipt");
  }

  @Test
  void aMessageOfSnsFromItsReceiptToItsEnd() throws Exception {
    KeyPair keys = SnsPublisher.newKeys();
    Files.writeString(
        folder.resolve(SnsPublisher.CERTIFICATE_FILE),
        SnsPublisher.certificate(keys, Instant.now()));
    String sns = "sns: {cert_dir: '" + folder + "', topics: [{arn: '" + SnsPublisher.ARN + "'}]}";
    String id = UUID.randomUUID().toString();
    try (Server server = start(sns, JSON);
        SnsPublisher publisher = new SnsPublisher(keys, URI.create(server.url() + "/sns/orders"))) {
      Map<String, String> message = publisher.notification(id, SECRET, Instant.now());
      assertThat(publisher.post(message)).isEqualTo(200);
      assertThat(publisher.post(message)).isEqualTo(200);
      settle(server, "done");
      message.put("Message", "forged");
      assertThat(publisher.post(message)).isEqualTo(403);
      publisher.post(publisher.ended(UUID.randomUUID().toString(), SECRET, Instant.now()));
    }
    List<JsonNode> lines = steps();
    assertThat(lines)
        .extracting(MessageLogServerTest::step)
        .containsSubsequence("received", "verified", "stored", "known")
        .containsSubsequence("stored", "started", "done")
        .hasSize(8);
    assertThat(lines)
        .allSatisfy(line -> {
          assertThat(line.path("afterbay.queue").asString()).isEqualTo("orders");
          assertThat(line.path("afterbay.job_type").asString()).isEqualTo("sns");
          assertThat(line.path("afterbay.correlation_id").asString()).isEqualTo(id);
        });
    assertThat(Files.readString(folder.resolve("log")))
        .contains("bad-signature")
        .doesNotContain(SECRET)
        .doesNotContain("Action=");
  }

  @Test
  void namesThatAreMadeToDeceiveStayInTheirPlace() throws Exception {
    try (Server server = start("store: memory", "messages: true")) {
      String session = "s\u202e\u2066 attempt=9\u200f";
      String body =
          MAPPER.writeValueAsString(
              Map.of(
                  "job_type", "x", "payload", 1, "session", session, "correlation_id", "\u061c"));
      assertThat(post(server, "/jobs", body).statusCode()).isEqualTo(201);
      String receipt = receipt(server, "default");
      String reason =
          "x\n2026-11-29T12:00:00.007Z ERROR Forged: y\u2028\u009b\r" + "z".repeat(5_000);
      post(
          server,
          "/queues/default/settle",
          MAPPER.writeValueAsString(
              Map.of(
                  "settlements",
                  List.of(Map.of("receipt", receipt, "outcome", "fail", "reason", reason)))));
    }
    List<String> lines = log().stream().filter(line -> line.contains(" messages: ")).toList();
    assertThat(lines).hasSize(4);
    assertThat(lines)
        .allSatisfy(line ->
            assertThat(line)
                .startsWith("20")
                .contains(" session=\"s\ufffd\ufffd attempt=9\ufffd\" correlation_id=\ufffd"));
    assertThat(lines.getLast())
        .contains(": dead ")
        .contains(" error=\"x | 2026-11-29T12:00:00.007Z ERROR Forged: y")
        .hasSizeLessThan(2_000);
  }

  @Test
  void withoutTheSettingThereAreNoSuchLines() throws Exception {
    try (Server server = start("store: memory", "format: json")) {
      send(server, "k1");
    }
    assertThat(steps()).isEmpty();
  }

  private static String step(JsonNode line) {
    return line.path("message").asString();
  }

  private List<JsonNode> steps() throws Exception {
    return log().stream()
        .map(MAPPER::readTree)
        .filter(line -> line.path("log.logger").asString().equals("dev.afterbay.messages"))
        .toList();
  }

  private List<String> log() throws IOException {
    LogLines.flush();
    return Files.readAllLines(folder.resolve("log"));
  }

  private JsonNode send(Server server, String key) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + "/queues/orders/messages"))
            .header("Afterbay-Type", "order")
            .header("Afterbay-Key", key)
            .header("Afterbay-Session", "customer 7")
            .header("Afterbay-Correlation-Id", "request-1")
            .header("Afterbay-Attr-Password", SECRET)
            .header("Authorization", "Bearer " + SECRET)
            .POST(BodyPublishers.ofString(SECRET))
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isIn(200, 201);
    return MAPPER.readTree(answer.body());
  }

  private String receipt(Server server, String queue) throws Exception {
    String received =
        post(server, "/queues/" + queue + "/receive", "{\"max\":1,\"wait\":\"10s\"}").body();
    return MAPPER.readTree(received).at("/deliveries/0/receipt").asString();
  }

  private void settle(Server server, String outcome) throws Exception {
    String settlement =
        "{\"settlements\":[{\"receipt\":\"%s\",\"outcome\":\"%s\"%s}]}"
            .formatted(
                receipt(server, "orders"),
                outcome,
                outcome.equals("retry") ? ",\"reason\":\"printer is off\"" : "");
    assertThat(post(server, "/queues/orders/settle", settlement).body()).contains("\"ok\":true");
  }

  private HttpResponse<String> post(Server server, String path, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  private Server start(String yaml, String log) throws Exception {
    String section = "log: {file: '" + folder.resolve("log") + "', " + log + "}";
    Config config = configuration(yaml + "\n" + section);
    LogLines.use(config.log());
    return Server.start(config);
  }

  private Config configuration(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("test.yaml"), yaml);
    Map<String, List<Overrides.Given>> options =
        Map.of(
            "store", List.of(new Overrides.Given("--set", "memory")),
            "http.port", List.of(new Overrides.Given("--port", "0")));
    return ConfigReader.read(file, new Overrides(Map.of(), options));
  }
}
