package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A header is read in one way, whichever call it comes with. */
final class HeadersTest extends HttpTest {

  private static final String MESSAGES = "POST /queues/default/messages";
  private static final String JOBS = "POST /jobs";

  private RawClient.Reply call(String call, String headers) {
    String body = call.startsWith("GET") ? "" : "{\"job_type\":\"t\"}";
    String head =
        call
            + " HTTP/1.1\nHost: localhost\nContent-Length: "
            + body.length()
            + "\n"
            + headers
            + "\n\n"
            + body;
    try (RawClient client = new RawClient(served.api.port())) {
      byte[] bytes = head.replace("\n", "\r\n").getBytes(StandardCharsets.UTF_8);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = bytes[i] == '~' ? (byte) 0xff : bytes[i];
      }
      return client.sendBytes(bytes).read();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {MESSAGES, JOBS})
  void anIdempotencyKeyIsUtf8(String call) {
    RawClient.Reply reply = call(call, "Idempotency-Key: ä€\uD83D\uDE00");
    assertThat(reply.status()).isEqualTo(201);
    String location = reply.headers().get("location");
    assertThat(http.get(location).at("/key")).isEqualTo("ä€\uD83D\uDE00");
  }

  @Test
  void oneKeyIsTheSameByEitherDoor() {
    String first = call(MESSAGES, "Idempotency-Key: kö").headers().get("location");
    RawClient.Reply second = call(JOBS, "Idempotency-Key: kö");
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.headers()).containsEntry("location", first);
  }

  @ParameterizedTest
  @CsvSource({
    "Idempotency-Key," + MESSAGES,
    "Idempotency-Key," + JOBS,
    "Afterbay-Key," + MESSAGES,
    "Afterbay-Attr-X," + MESSAGES,
    "Last-Event-ID,GET /events"
  })
  void aHeaderThatIsGivenTwiceOrIsNotUtf8IsRefused(String name, String call) {
    String twice = name + ": 1-1\n" + name.toUpperCase(Locale.ROOT) + ": 1-1";
    assertThat(call(call, twice))
        .satisfies(reply -> {
          assertThat(reply.status()).isEqualTo(400);
          assertThat(reply.body()).containsIgnoringCase("header " + name + " is given twice");
        });
    assertThat(call(call, name + ": ~"))
        .satisfies(reply -> {
          assertThat(reply.status()).isEqualTo(400);
          assertThat(reply.body()).containsIgnoringCase("header " + name + " is not UTF-8");
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"/jobs/batch", "/queues/q/messages/batch", "/messages/batch"})
  void whatSaysSomethingOfOneMessageIsRefusedForABatch(String path) {
    String line = path.startsWith("/jobs") ? "{\"job_type\":\"a\"}" : "{\"type\":\"a\"}";
    for (String name : List.of("Idempotency-Key", "Afterbay-Key", "Afterbay-Delay")) {
      Http.Reply reply = http.post(path, line, name, "1s");
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.at("/field")).isEqualToIgnoringCase(name);
      assertThat(reply.at("/detail"))
          .containsIgnoringCase("header " + name + " cannot apply to a whole batch: give ")
          .contains(name.equals("Idempotency-Key") ? "its own key" : "field of each line");
    }
    assertThat(http.get("/queues").at("/queues")).isEqualTo("[]");
  }

  private static Stream<String> allCalls() {
    return Schema.at("/paths").properties().stream()
        .filter(path -> !path.getKey().startsWith(Scope.SNS_PATHS))
        .flatMap(path ->
            path.getValue().propertyNames().stream()
                .map(method -> method.toUpperCase(Locale.ROOT) + " " + path.getKey()))
        .map(call -> call.replace("{q}", "default").replaceAll("\\{[a-z]+}", "x"));
  }

  /** One that is passed over in silence would leave its sender in the belief that it was heard. */
  @ParameterizedTest
  @MethodSource("allCalls")
  void aHeaderOfOursThatACallDoesNotObeyIsRefused(String call) {
    List<String> names =
        call.equals(MESSAGES)
            ? List.of("Afterbay-Bogus", "afterbay-run-at")
            : List.of("Afterbay-Bogus", "afterbay-key", "Afterbay-Delay", "Afterbay-Attr-X");
    for (String name : names) {
      RawClient.Reply reply = call(call, name + ": 1s");
      assertThat(reply.status()).as(reply.body()).isEqualTo(400);
      assertThat(reply.body())
          .contains("/problems/invalid", "header " + name, "\"field\":\"" + name + "\"");
    }
    assertThat(http.get("/queues").at("/queues")).isEqualTo("[]");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Content-Type: text/plain;Content-Type: text/plain           | 400
          Content-Encoding: identity;Content-Encoding: gzip           | 415
          Origin: http://localhost;Origin: http://evil.example        | 400
          Sec-Fetch-Site: none;Sec-Fetch-Site: cross-site             | 400
          Expect: 100-continue;Expect: miracles                       | 417
          """)
  void theSecondOfTwoIsNotOverlooked(String headers, int status) {
    assertThat(call(MESSAGES, headers.replace(';', '\n')).status()).isEqualTo(status);
  }
}
