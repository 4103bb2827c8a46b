package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What nobody knows is refused by name on every route, and nothing is done. */
final class UnknownMembersTest extends HttpTest {

  /** Their bodies are not read as JSON of ours. */
  private static final Set<String> RAW =
      Set.of(
          "/queues/{q}/messages",
          "/queues/{q}/sessions/{token}/state",
          "/sns/webhook",
          "/sns/{name}");

  private String id = "";
  private String receipt = "";

  @BeforeEach
  void fill() {
    id = job("");
    message("q", "first");
    receipt = receive("q", 1).getFirst();
    message("q", "second");
  }

  static Stream<Arguments> changes() {
    return calls().filter(call -> !call.get()[0].equals("GET") && !RAW.contains(call.get()[1]));
  }

  static Stream<Arguments> calls() {
    JsonNode paths =
        JsonMapper.builder().build().readTree(Resources.read("openapi.json")).at("/paths");
    return paths
        .propertyStream()
        .filter(path -> !path.getKey().startsWith("/sns"))
        .flatMap(path ->
            path.getValue()
                .propertyStream()
                .map(method -> arguments(method.getKey().toUpperCase(Locale.ROOT), path.getKey())));
  }

  @ParameterizedTest
  @MethodSource("changes")
  void aMemberNobodyKnowsIsNamed(String method, String pattern) {
    String before = state();
    Http.Reply reply = http.call(method, path(pattern), "{\"bogus\":[{\"receipt\":\"x\"}]}");
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo("bogus");
    assertThat(reply.at("/detail")).contains("unknown field bogus");
    assertThat(state()).isEqualTo(before);
  }

  @ParameterizedTest
  @MethodSource("calls")
  void aQueryParameterNobodyKnowsIsNamed(String method, String pattern) {
    String before = state();
    String body = method.equals("GET") ? null : "{}";
    Http.Reply reply = http.call(method, path(pattern) + "?bogus=1", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo("bogus");
    assertThat(state()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          settle | {"settlements":[],"bogus":[{"receipt":"R","outcome":"done"}]}    | bogus
          settle | {"settlements":[{"receipt":"R","outcome":"done"}],"bogus":[]}    | bogus
          settle | {"settlements":[{"receipt":"R","outcome":"done"}],"bogus":null}  | bogus
          settle | {"settlements":[{"receipt":"R","outcome":"done","bogus":1}]}     | bogus
          settle | {"settlements":null}                                             | settlements
          renew  | {"receipts":["R"],"bogus":["R"]}                                 | bogus
          renew  | {"receipts":null}                                                | receipts
          receive| {"max":1,"bogus":{"max":5}}                                      | bogus
          redrive| {"dry_run":false,"bogus":1}                                      | bogus
          pause  | {"reason":"x","bogus":"y"}                                       | bogus
          """)
  void oneBehindWhatIsKnownIsNoneTheLess(String call, String body, String field) {
    String before = state();
    Http.Reply reply = http.post("/queues/q/" + call, body.replace("\"R\"", '"' + receipt + '"'));
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).endsWith(field);
    assertThat(state()).isEqualTo(before);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"backoff":{"first":"1s","bogus":2}} | backoff.bogus
          {"retention":{"bogus":null}}         | retention.bogus
          {"lease":"1m","bogus":{}}            | bogus
          """)
  void settingsAreNotSetBesideOne(String body, String field) {
    String before = http.get("/queues/q/settings").text();
    Http.Reply reply = http.put("/queues/q", body);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(http.get("/queues/q/settings").text()).isEqualTo(before);
  }

  private String path(String pattern) {
    return pattern
        .replace("/jobs/{id}", "/jobs/" + id)
        .replace("{q}", "q")
        .replaceAll("\\{[a-z]+}", "x");
  }

  /** All that a call could have changed. */
  private String state() {
    return http.get("/queues").text().replaceAll("\"oldest_pending_age_ms\":[0-9]+", "")
        + http.get("/jobs?include=history").text();
  }
}
