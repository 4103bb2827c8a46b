package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.util.List;
import java.util.Locale;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** While a server drains, what would bring in or hand out work is refused; all else goes on. */
final class DrainingTest extends HttpTest {

  private static final List<String> REFUSED =
      List.of(
          "POST /jobs",
          "POST /jobs/batch",
          "POST /jobs/import",
          "POST /jobs/redrive",
          "POST /jobs/{id}/redrive",
          "POST /jobs/{id}/reschedule",
          "POST /jobs/{id}/run-now",
          "POST /messages/batch",
          "POST /queues/{q}/dead/receive",
          "POST /queues/{q}/messages",
          "POST /queues/{q}/messages/batch",
          "POST /queues/{q}/receive",
          "POST /queues/{q}/redrive",
          "POST /queues/{q}/sessions/accept",
          "POST /schedules/{schedule}/run-now",
          "POST /sns/webhook",
          "POST /sns/{name}");

  /** Settling, settings, and what ends something. What only reads goes on without being here. */
  private static final List<String> GOES_ON =
      List.of(
          "DELETE /jobs/{id}",
          "DELETE /queues/{q}",
          "DELETE /queues/{q}/sessions/{token}/state",
          "DELETE /schedules/{schedule}",
          "POST /backup",
          "POST /jobs/{id}/cancel",
          "POST /queues/{q}/dead/renew",
          "POST /queues/{q}/dead/settle",
          "POST /queues/{q}/drain",
          "POST /queues/{q}/notes",
          "POST /queues/{q}/notes/checkpoint",
          "POST /queues/{q}/pause",
          "POST /queues/{q}/purge",
          "POST /queues/{q}/renew",
          "POST /queues/{q}/resume",
          "POST /queues/{q}/sessions/{token}/close",
          "POST /queues/{q}/sessions/{token}/renew",
          "POST /queues/{q}/settle",
          "POST /schedules/{schedule}/pause",
          "POST /schedules/{schedule}/resume",
          "POST /waits/{id}/end",
          "PUT /queues/{q}",
          "PUT /queues/{q}/sessions/{token}/state",
          "PUT /schedules/{schedule}");

  private String id = "";

  @BeforeEach
  void drain() {
    id = job("");
    served.api.drain();
  }

  /** The routes are those of the document: {@link OpenApiTest}. */
  private static Stream<String> calls() {
    return Schema.at("/paths").properties().stream()
        .flatMap(path ->
            path.getValue().propertyNames().stream()
                .map(method -> method.toUpperCase(Locale.ROOT) + " " + path.getKey()));
  }

  @Test
  void itIsDecidedForEachCall() {
    TreeSet<String> decided = new TreeSet<>(REFUSED);
    decided.addAll(GOES_ON);
    assertThat(decided).hasSize(REFUSED.size() + GOES_ON.size());
    assertThat(calls().filter(call -> !call.startsWith("GET "))).hasSameElementsAs(decided);
  }

  static Stream<Arguments> served() {
    return calls()
        .filter(call -> !call.contains("/sns/")) // SnsRoutesTest
        .map(call -> arguments(call, REFUSED.contains(call)));
  }

  @ParameterizedTest
  @MethodSource("served")
  void aCallIsRefusedOrGoesOn(String call, boolean isRefused) {
    String[] parts = call.split(" ");
    // A live stream would not end.
    String method = call.equals("GET /events") ? "HEAD" : parts[0];
    String path =
        parts[1]
            .replace("/jobs/{id}", "/jobs/" + id)
            .replace("{q}", "default")
            .replaceAll("\\{[a-z]+}", "x");
    Http.Reply reply = http.call(method, path, parts[0].equals("GET") ? null : "{}");
    if (isRefused) {
      assertThat(reply.status()).as(reply.text()).isEqualTo(503);
      assertThat(reply.problem()).isEqualTo("unavailable");
      assertThat(reply.header("Retry-After")).contains("1");
    } else {
      assertThat(reply.text()).doesNotContain("the server is draining");
      assertThat(reply.status()).isNotEqualTo(call.equals("GET /health/ready") ? 200 : 503);
    }
  }
}
