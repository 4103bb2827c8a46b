package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/** The section Queues of http-api.md. */
final class QueuesRoutesTest extends HttpTest {

  private static final String SETTINGS =
      """
      {"delivery":"at-least-once","order":"priority","lease":"45s","max_attempts":"unlimited",
       "backoff":{"first":"500ms","factor":2.0,"longest":"1h","jitter":0.0,"step":"0s",
       "delays":[]},
       "give_up_after":"14d","dedup_window":"1h","retention":{"done":"0s","failed":"90d"},
       "ttl":"3d","max_depth":1000,"max_unsettled":5}\
      """;

  @Test
  void settingsAreShownAsTheyWereGiven() {
    Http.Reply created = http.put("/queues/q", SETTINGS);
    assertThat(created.status()).isEqualTo(201);
    assertThat(http.put("/queues/q", SETTINGS).status()).isEqualTo(200);
    String shown = http.get("/queues/q").text();
    assertThat(shown)
        .startsWith(
            "{\"name\":\"q\"," + compact(SETTINGS).substring(1, compact(SETTINGS).length() - 1));
    assertThat(created.text()).isEqualTo(shown);
    assertThat(http.get("/queues/q/settings").text()).isEqualTo(compact(SETTINGS));
  }

  private static String compact(String json) {
    return json.replace("\n", "").replace(" ", "");
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    http.put("/queues/q", SETTINGS);
    http.put("/queues/q", "{\"lease\":\"PT10S\",\"backoff\":{\"first\":\"2s\"}}");
    Http.Reply shown = http.get("/queues/q");
    assertThat(shown.at("/lease")).isEqualTo("10s");
    assertThat(shown.at("/backoff/first")).isEqualTo("2s");
    assertThat(shown.at("/backoff/longest")).isEqualTo("5m");
    assertThat(shown.at("/max_attempts")).isEqualTo("3");
    assertThat(shown.json().at("/give_up_after").isNull()).isTrue();
    assertThat(shown.json().at("/retention/done").isNull()).isTrue();
    assertThat(shown.at("/retention/failed")).isEqualTo("30d");
    assertThat(shown.json().at("/max_depth").isNull()).isTrue();
    assertThat(shown.at("/max_unsettled")).isEqualTo("100000");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"delivery":"exactly-once"}              | delivery
          {"order":"lifo"}                         | order
          {"lease":"1ms"}                          | lease
          {"lease":30}                             | lease
          {"max_attempts":0}                       | max_attempts
          {"max_attempts":"many"}                  | max_attempts
          {"backoff":{"first":"1h"}}               | backoff.longest
          {"backoff":{"factor":0.5}}               | backoff.factor
          {"backoff":{"jitter":2}}                 | backoff.jitter
          {"backoff":{"nonsense":2}}               | backoff.nonsense
          {"backoff":"fast"}                       | backoff
          {"retention":{"done":"x"}}               | retention.done
          {"retention":{"dead":"1d"}}              | retention.dead
          {"max_depth":0}                          | max_depth
          {"max_unsettled":0}                      | max_unsettled
          {"max_unsettled":2147483648}             | max_unsettled
          {"nonsense":1}                           | nonsense
          {"rate":{"queue":"100/s"}}               | rate
          {"concurrency":{"queue":1}}              | concurrency
          """)
  void aWrongSettingIsNamed(String settings, String field) {
    Http.Reply reply = http.put("/queues/q", settings);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(http.get("/queues/q").status()).isEqualTo(404);
  }

  @Test
  void whoseAttemptsAreNoNumberIsToldThatTheyMayBeUnlimited() {
    assertThat(http.put("/queues/q", "{\"max_attempts\":\"many\"}").at("/detail"))
        .isEqualTo("max_attempts must be an integer from 1 to 2147483647, or unlimited");
  }

  @Test
  void aSettingHasOneName() {
    assertThat(http.put("/queues/q", "{\"backoff.first\":\"5s\"}").at("/detail"))
        .startsWith("unknown field backoff.first");
    assertThat(http.put("/queues/q", "{\"\":{}}").status()).isEqualTo(400);
  }

  @Test
  void anOldWordIsRefusedWithTheNewOne() {
    assertThat(http.put("/queues/q", "{\"retention\":{\"dead\":\"1d\"}}").at("/detail"))
        .isEqualTo("unknown field retention.dead: say failed");
    String settlement = "{\"settlements\":[{\"receipt\":\"x\",\"outcome\":\"dead\"}]}";
    assertThat(http.post("/queues/q/settle", settlement).at("/detail"))
        .isEqualTo("outcome must be done, retry, fail or release, not dead");
    assertThat(http.post("/queues/q/settle", settlement.replace("dead", "")).at("/detail"))
        .isEqualTo("outcome must be done, retry, fail or release");
  }

  @Test
  void orderIsFixedWhileThereAreJobs() {
    message("q", "x");
    Http.Reply reply = http.put("/queues/q", "{\"order\":\"fifo\"}");
    assertThat(reply.status()).isEqualTo(409);
    assertThat(reply.problem()).isEqualTo("conflict");
  }

  @Test
  void queuesAreListedWithTheirCounts() {
    assertThat(http.get("/queues").text()).isEqualTo("{\"next\":null,\"queues\":[]}");
    for (int i = 0; i < 4; i++) {
      job(",\"queue\":\"b\"");
    }
    job(",\"queue\":\"b\",\"delay\":\"1h\"");
    message("a", "x");
    List<String> receipts = receive("b", 3);
    settle("b", receipts.get(0), "\"done\"");
    settle("b", receipts.get(1), "\"fail\"");
    http.post("/queues/a/pause", "{\"reason\":\"repair\"}");

    JsonNode queues = http.get("/queues").json().at("/queues");
    assertThat(queues.at("/0/name").asString()).isEqualTo("a");
    assertThat(queues.at("/0/state").asString()).isEqualTo("paused");
    assertThat(queues.at("/0/state_reason").asString()).isEqualTo("repair");
    JsonNode b = queues.at("/1");
    assertThat(b.at("/state").asString()).isEqualTo("active");
    assertThat(
            List.of(
                b.at("/pending").asInt(),
                b.at("/scheduled").asInt(),
                b.at("/processing").asInt(),
                b.at("/done").asInt(),
                b.at("/failed").asInt(),
                b.at("/cancelled").asInt()))
        .containsExactly(1, 1, 1, 1, 1, 0);
    assertThat(b.at("/oldest_pending_age_ms").isIntegralNumber()).isTrue();
  }

  @Test
  void queuesAreListedPageByPage() {
    for (int i = 100; i < 205; i++) {
      message("q" + i, "x");
    }
    JsonNode first = http.get("/queues").json();
    assertThat(first.at("/queues").size()).isEqualTo(100);
    assertThat(first.at("/next").asString()).isEqualTo("q199");
    JsonNode last = http.get("/queues?after=q199").json();
    assertThat(last.at("/queues").size()).isEqualTo(5);
    assertThat(last.at("/queues/0/name").asString()).isEqualTo("q200");
    assertThat(last.at("/next").isNull()).isTrue();
    assertThat(http.get("/queues?after=q199&limit=5").json().at("/next").isNull()).isTrue();
    assertThat(http.get("/queues?limit=1000").json().at("/queues").size()).isEqualTo(105);
    assertThat(http.get("/queues?after=zzz").text()).isEqualTo("{\"next\":null,\"queues\":[]}");
    for (String wrong : List.of("limit=0", "limit=1001", "after=%2F")) {
      Http.Reply reply = http.get("/queues?" + wrong);
      assertThat(reply.status()).as(wrong).isEqualTo(400);
      assertThat(reply.at("/field")).isEqualTo(wrong.substring(0, wrong.indexOf('=')));
    }
  }

  @Test
  void aQueueThatIsNotThereIsNotFound() {
    assertThat(http.get("/queues/q").status()).isEqualTo(404);
    assertThat(http.delete("/queues/q").problem()).isEqualTo("not-found");
    for (String what : List.of("pause", "resume", "drain", "redrive", "purge?status=done")) {
      assertThat(http.post("/queues/q/" + what).status()).as(what).isEqualTo(404);
    }
  }

  @Test
  void withoutAutoCreationAnUnknownQueueIsNotFound() {
    try (Served strict = Served.open(null, e -> e.autoCreateQueues(false), s -> s, s -> s);
        Http client = new Http(strict)) {
      assertThat(client.post("/queues/q/messages", "x").status()).isEqualTo(404);
      assertThat(client.post("/jobs", "{\"job_type\":\"t\"}").problem()).isEqualTo("not-found");
      List<Http.Reply> others =
          List.of(
              client.post("/queues/q/receive", "{\"wait\":\"1s\"}"),
              client.post("/queues/q/sessions/accept", "{}"),
              client.post("/queues/q/settle", "{\"settlements\":[]}"),
              client.post("/queues/q/renew", "{\"receipts\":[]}"),
              client.get("/queues/q/peek"));
      assertThat(others).extracting(Http.Reply::problem).containsOnly("not-found");
      assertThat(client.get("/jobs?queue=q").status()).isEqualTo(200);
      client.put("/queues/q", "{}");
      assertThat(client.post("/queues/q/messages", "x").status()).isEqualTo(201);
    }
  }

  @Test
  void aQueueIsDeletedIfItIsEmptyOrByForce() {
    message("q", "x");
    assertThat(http.delete("/queues/q").status()).isEqualTo(409);
    assertThat(http.delete("/queues/q?force=maybe").at("/field")).isEqualTo("force");
    assertThat(http.delete("/queues/q?force=true").status()).isEqualTo(204);
    assertThat(http.get("/queues/q").status()).isEqualTo(404);
    http.put("/queues/q", "{}");
    assertThat(http.delete("/queues/q?force=false").status()).isEqualTo(204);
  }

  @Test
  void aPausedQueueHandsOutNothing() {
    message("q", "x");
    assertThat(http.post("/queues/q/pause").text()).isEqualTo("{\"affected\":1}");
    assertThat(http.post("/queues/q/pause").text()).isEqualTo("{\"affected\":0}");
    assertThat(receive("q", 1)).isEmpty();
    assertThat(http.post("/queues/q/resume").text()).isEqualTo("{\"affected\":1}");
    assertThat(receive("q", 1)).hasSize(1);
    assertThat(http.post("/queues/q/pause", "{\"why\":\"x\"}").at("/field")).isEqualTo("why");
  }

  @Test
  void aDrainingQueueTakesNothing() {
    message("q", "x");
    http.post("/queues/q/drain", "{\"reason\":\"moving\"}");
    Http.Reply reply = http.post("/queues/q/messages", "x");
    assertThat(reply.status()).isEqualTo(503);
    assertThat(reply.problem()).isEqualTo("unavailable");
    assertThat(reply.header("Retry-After")).contains("1");
    assertThat(reply.at("/retry_after_ms")).isEqualTo("1000");
    assertThat(http.get("/queues/q").at("/state")).isEqualTo("draining");
  }

  @Test
  void jobsArePurgedByState() {
    message("q", "x");
    message("q", "y");
    settle("q", receive("q", 1).getFirst(), "\"fail\"");
    assertThat(http.post("/queues/q/purge?status=failed").text()).isEqualTo("{\"affected\":1}");
    assertThat(http.post("/queues/q/purge?status=pending").text()).isEqualTo("{\"affected\":1}");
    assertThat(http.post("/queues/q/purge?status=done").text()).isEqualTo("{\"affected\":0}");
    assertThat(http.post("/queues/q/purge?status=processing").status()).isEqualTo(400);
    assertThat(http.post("/queues/q/purge").at("/field")).isEqualTo("status");
  }

  @Test
  void theFailedAreRedriven() {
    message("q", "x");
    message("q", "y");
    for (String receipt : receive("q", 2)) {
      settle("q", receipt, "\"fail\",\"reason\":\"timeout\"");
    }
    Http.Reply dry =
        http.post("/queues/q/redrive", "{\"error_contains\":\"time\",\"dry_run\":true}");
    assertThat(dry.status()).isEqualTo(202);
    assertThat(dry.at("/matched")).isEqualTo("2");
    assertThat(http.post("/queues/q/redrive", "{\"type\":\"other\"}").at("/matched"))
        .isEqualTo("0");
    assertThat(http.post("/queues/q/redrive", "{\"limit\":0}").at("/field")).isEqualTo("limit");
    assertThat(http.post("/queues/q/redrive", "{\"rate\":1}").at("/field")).isEqualTo("rate");
    Http.Reply all = http.post("/queues/q/redrive");
    assertThat(all.at("/matched")).isEqualTo("2");
    assertThat(all.at("/redrive_id")).isNotEmpty();
    Soon.until("the redrive", () -> http.get("/queues/q").at("/pending").equals("2"));
  }

  @Test
  void aFullQueueSaysWhenToComeAgain() {
    http.put("/queues/q", "{\"max_depth\":1}");
    message("q", "x");
    Http.Reply reply = http.post("/queues/q/messages", "y");
    assertThat(reply.status()).isEqualTo(429);
    assertThat(reply.problem()).isEqualTo("queue-full");
    assertThat(reply.header("Retry-After")).contains("1");
  }
}
