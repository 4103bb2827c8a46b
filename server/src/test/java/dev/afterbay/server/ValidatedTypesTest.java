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
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code validate_types}: what is refused at submission, and what can be known of that before. */
@Timeout(60)
final class ValidatedTypesTest {
  private static final String WORKERS =
      """
      store: memory
      workers:
        - {queue: q, type: "*", handler: note, note: {prefix: p}}
        - {queue: q, type: chat, handler: telegram, telegram: {token: "1:abcdefgh", api: "http://127.0.0.1:1"}}
        - {queue: q, type: later, handler: note, note: {prefix: p, to: {host: unset}}}
      """;

  @TempDir private Path folder;

  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  @AfterEach
  void close() {
    client.close();
    NoteFactory.NOTES.clear();
  }

  @Test
  void aPayloadThatItsHandlerDoesNotTakeIsRefusedAndNothingIsStored() throws Exception {
    try (Server server = start("validate_types: true\n" + WORKERS)) {
      HttpResponse<String> refused =
          post(server, "/jobs", job("chat", "{\"chat_id\":7,\"text\":[]}"));
      assertThat(refused.statusCode()).isEqualTo(422);
      assertThat(refused.body())
          .contains("\"/problems/invalid-payload\"", "\"field\":\"/payload/text\"");
      assertThat(post(server, "/jobs", job("chat", "{\"text\":\"t\"}")).body())
          .contains("\"field\":\"/payload/chat_id\"");
      assertThat(post(server, "/jobs", job("chat", null)).statusCode()).isEqualTo(422);
      String batch = job("any", "1") + "\n" + job("chat", "{}") + "\n";
      assertThat(post(server, "/jobs/batch", batch).statusCode()).isEqualTo(422);
      assertThat(server.engine().queue("q").stats().depth()).isZero();
      assertThat(post(server, "/jobs", job("any", "[{}]")).statusCode()).isEqualTo(201);
      assertThat(post(server, "/jobs", job("chat", "{\"chat_id\":7,\"text\":\"t\"}")).statusCode())
          .isEqualTo(201);
    }
  }

  @Test
  void aHandlerThatTakesNoJobsNowSaysWhy() throws Exception {
    try (Server server = start("validate_types: true\n" + WORKERS)) {
      HttpResponse<String> refused = post(server, "/jobs", job("later", "{}"));
      assertThat(refused.statusCode()).isEqualTo(422);
      assertThat(refused.body())
          .contains("\"/problems/unsupported\"", "note.to.host is not set", "\"job_type\"");
    }
  }

  @Test
  void withoutItEverythingIsTakenAndTheHandlersAreTold() throws Exception {
    try (Server server = start(WORKERS)) {
      assertThat(post(server, "/jobs", job("later", "{}")).statusCode()).isEqualTo(201);
      assertThat(post(server, "/jobs", job("chat", "{}")).statusCode()).isEqualTo(201);
      HttpRequest get = HttpRequest.newBuilder(URI.create(server.url() + "/handlers")).build();
      String told = client.send(get, BodyHandlers.ofString()).body();
      assertThat(told)
          .startsWith(
              "{\"handlers\":[{\"queue\":\"q\",\"job_type\":\"*\",\"handler\":\"note\","
                  + "\"schema\":null},{\"queue\":\"q\",\"job_type\":\"chat\","
                  + "\"handler\":\"telegram\",\"schema\":{")
          .contains("https://json-schema.org/draft/2020-12/schema")
          .doesNotContain("abcdefgh");
    }
  }

  private static String job(String type, String payload) {
    String rest = payload == null ? "" : ",\"payload\":" + payload;
    return "{\"queue\":\"q\",\"job_type\":\"" + type + "\"" + rest + "}";
  }

  private Server start(String yaml) throws Exception {
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    return Server.start(
        ConfigReader.read(file, new Overrides(Map.of("AFTERBAY_HTTP_PORT", "0"), Map.of())));
  }

  private HttpResponse<String> post(Server server, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(server.url() + path))
            .POST(BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }
}
