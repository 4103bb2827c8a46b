package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The section Jobs of http-api.md. */
final class JobsRoutesTest extends HttpTest {

  @Test
  void aSubmittedJobIsShownInFull() {
    Http.Reply reply =
        http.post(
            "/jobs",
            """
            {"job_type":"email","payload":{"b": 1.10, "a":[1e400,"é"]},"queue":"mail",
             "max_attempts":5,"priority":7,"session":"s 1","key":"k","ttl":"1h",
             "attributes":{"tenant":"x"}}\
            """);
    assertThat(reply.status()).isEqualTo(201);
    JsonNode job = reply.json();
    assertThat(reply.header("Location")).contains("/jobs/" + job.at("/id").asString());
    assertThat(reply.text()).contains("\"payload\":{\"b\": 1.10, \"a\":[1e400,\"é\"]}");
    assertThat(job.propertyNames())
        .containsExactly(
            "id",
            "job_type",
            "queue",
            "payload",
            "status",
            "attempts",
            "max_attempts",
            "last_error",
            "reason",
            "scheduled_at",
            "created_at",
            "updated_at",
            "processing_started_at",
            "first_delivered_at",
            "priority",
            "session",
            "key",
            "correlation_id",
            "attributes",
            "history");
    assertThat(reply.at("/job_type")).isEqualTo("email");
    assertThat(reply.at("/queue")).isEqualTo("mail");
    assertThat(reply.at("/status")).isEqualTo("pending");
    assertThat(reply.at("/max_attempts")).isEqualTo("5");
    assertThat(reply.at("/priority")).isEqualTo("7");
    assertThat(reply.at("/session")).isEqualTo("s 1");
    assertThat(reply.at("/key")).isEqualTo("k");
    assertThat(reply.at("/attributes/tenant")).isEqualTo("x");
    assertThat(job.at("/last_error").isNull()).isTrue();
    assertThat(reply.at("/created_at"))
        .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    assertThat(http.get("/jobs/" + reply.at("/id")).text()).isEqualTo(reply.text());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",\"delay\":\"0s\"",
        ",\"delay\":\"90s\"",
        ",\"delay\":\"PT1.2345S\",\"max_attempts\":\"unlimited\"",
        ",\"run_at\":\"2099-01-01T02:00:00.123456789+02:00\"",
        ",\"run_at\":\"2001-01-01T02:00:00Z\",\"priority\":0",
        ",\"payload\":[1, 2],\"session\":\"s\",\"correlation_id\":\"c\"",
        ",\"queue\":\"other\",\"ttl\":\"1h\",\"attributes\":{\"b\":\"1\",\"a\":\"2\",\"c\":\"\"}",
        ",\"queue\":\"fifo\",\"key\":\"k\""
      })
  void aSubmitAnswersWithTheJobAsItCanBeLookedUp(String fields) {
    http.put("/queues/other", "{\"max_attempts\":\"unlimited\",\"ttl\":\"1d\"}");
    http.put("/queues/fifo", "{\"order\":\"fifo\",\"max_attempts\":7}");
    Http.Reply reply = http.post("/jobs", "{\"job_type\":\"t\"" + fields + "}");
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.json()).isEqualTo(http.get("/jobs/" + reply.at("/id")).json());
  }

  @Test
  void whatIsLeftOutHasItsDefault() {
    Http.Reply reply = http.post("/jobs", "{\"job_type\":\"email\"}");
    assertThat(reply.at("/queue")).isEqualTo("default");
    assertThat(reply.at("/max_attempts")).isEqualTo("3");
    assertThat(reply.at("/priority")).isEqualTo("4");
    assertThat(reply.json().at("/payload").isNull()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"1.0", "-0", "\"x\"", "\"\\u00e9\"", "[ ]", "{ }", "true", "null", " 12 "})
  void aPayloadIsKeptToTheByte(String payload) {
    Http.Reply reply = http.post("/jobs", "{\"payload\":" + payload + ",\"job_type\":\"email\"}");
    assertThat(reply.text()).contains("\"payload\":" + payload.strip() + ",");
  }

  @Test
  void aDelayOfNothingIsValidAndADelayIsScheduled() {
    assertThat(http.post("/jobs", "{\"job_type\":\"t\",\"delay\":\"0s\"}").status()).isEqualTo(201);
    Http.Reply reply = http.post("/jobs", "{\"job_type\":\"t\",\"delay\":\"PT1H\"}");
    Instant due = Instant.parse(reply.at("/scheduled_at"));
    Instant created = Instant.parse(reply.at("/created_at"));
    assertThat(Duration.between(created, due))
        .isBetween(Duration.ofMillis(3_599_900), Duration.ofMillis(3_600_100));
  }

  @Test
  void aTimeToRunAtIsShown() {
    Http.Reply reply =
        http.post("/jobs", "{\"job_type\":\"t\",\"run_at\":\"2099-01-01T02:00:00+02:00\"}");
    assertThat(reply.at("/scheduled_at")).isEqualTo("2099-01-01T00:00:00.000Z");
  }

  @Test
  void aKnownKeyIsTheJobThatIsThere() {
    String first = job(",\"key\":\"k\"");
    Http.Reply again = http.post("/jobs", "{\"job_type\":\"other\",\"key\":\"k\"}");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.at("/id")).isEqualTo(first);
    assertThat(again.at("/known")).isEqualTo("true");
    Http.Reply byHeader = http.post("/jobs", "{\"job_type\":\"email\"}", "Idempotency-Key", "k");
    assertThat(byHeader.status()).isEqualTo(200);
    Http.Reply both =
        http.post("/jobs", "{\"job_type\":\"email\",\"key\":\"k\"}", "Idempotency-Key", "k");
    assertThat(both.status()).isEqualTo(200);
    Http.Reply unlike =
        http.post("/jobs", "{\"job_type\":\"email\",\"key\":\"k\"}", "Idempotency-Key", "l");
    assertThat(unlike.status()).isEqualTo(400);
    assertThat(unlike.at("/field")).isEqualTo("key");
  }

  @Test
  void aKnownKeyOfAJobThatIsGoneIsItsId() {
    String first = job(",\"key\":\"k\"");
    http.post("/jobs/" + first + "/cancel");
    assertThat(http.delete("/jobs/" + first).status()).isEqualTo(204);
    Http.Reply again = http.post("/jobs", "{\"job_type\":\"email\",\"key\":\"k\"}");
    assertThat(again.status()).isEqualTo(200);
    assertThat(again.text()).isEqualTo("{\"id\":\"" + first + "\",\"known\":true}");
  }

  @Test
  void aListHasAttributesWithoutBeingAsked() {
    String id = job(",\"attributes\":{\"a\":\"b\"}");
    for (String query : List.of("", "?include=detail", "?include=history", "?include=payload")) {
      assertThat(http.get("/jobs" + query).at("/jobs/0/attributes/a")).as(query).isEqualTo("b");
    }
    assertThat(http.get("/jobs/" + id).at("/attributes/a")).isEqualTo("b");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                       | job_type
          {"job_type":null}                                        | job_type
          {"job_type":7}                                           | job_type
          {"job_type":"a b"}                                       | job_type
          {"job_type":"t","queue":"a/b"}                           | queue
          {"job_type":"t","nonsense":1}                            | nonsense
          {"job_type":"t","on_conflict":"keep"}                    | on_conflict
          {"job_type":"t","job_type":"t"}                          | job_type
          {"job_type":"t","delay":"soon"}                          | delay
          {"job_type":"t","delay":"-1s"}                           | delay
          {"job_type":"t","delay":"-PT1S"}                         | delay
          {"job_type":"t","delay":5}                               | delay
          {"job_type":"t","delay":"99999d"}                        | delay
          {"job_type":"t","run_at":"tomorrow"}                     | run_at
          {"job_type":"t","run_at":"2026-01-01T00:00:00"}          | run_at
          {"job_type":"t","run_at":"+999999999-01-01T00:00:00Z"}   | run_at
          {"job_type":"t","run_at":"-999999999-01-01T00:00:00Z"}   | run_at
          {"job_type":"t","run_at":"9999-12-31T23:59:59-18:00"}    | run_at
          {"job_type":"t","run_at":"2026-01-01T00:00:00Z","delay":"1s"} | run_at
          {"job_type":"t","priority":10}                           | priority
          {"job_type":"t","priority":1.5}                          | priority
          {"job_type":"t","max_attempts":0}                        | max_attempts
          {"job_type":"t","session":""}                            | session
          {"job_type":"t","key":"a\\nb"}                           | key
          {"job_type":"t","key":"\\ud800"}                         | key
          {"job_type":"t","ttl":"x"}                               | ttl
          {"job_type":"t","attributes":[]}                         | attributes
          {"job_type":"t","attributes":{"a":1}}                    | attributes.a
          {"job_type":"t"} {}                                      | body
          {"job_type":"t"                                          | body
          []                                                       | body
          nonsense                                                 | body
          {"job_type":"t","payload":NaN}                           | body
          {"job_type":"t","payload":{"a":}}                        | body
          """)
  void aWrongFieldIsNamed(String body, String field) {
    Http.Reply reply = http.post("/jobs", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.header("Content-Type")).contains("application/problem+json");
    assertThat(reply.problem()).isEqualTo("invalid");
    assertThat(reply.at("/title")).isNotEmpty();
    assertThat(reply.at("/status")).isEqualTo("400");
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(reply.at("/detail")).isNotEmpty();
  }

  @Test
  void aBodyThatIsNotUtf8IsRefused() {
    try (RawClient client = new RawClient(served.api.port())) {
      client
          .send("POST /jobs HTTP/1.1\nHost: localhost\nContent-Length: 18\n\n")
          .sendBytes("{\"job_type\":\"tx\"}\n".getBytes(StandardCharsets.UTF_8));
      assertThat(client.read().status()).isEqualTo(201);
      byte[] latin = "{\"job_type\":\"t\",\"key\":\"é\"}".getBytes(StandardCharsets.ISO_8859_1);
      client
          .send("POST /jobs HTTP/1.1\nHost: localhost\nContent-Length: " + latin.length + "\n\n")
          .sendBytes(latin);
      assertThat(client.read().body()).contains("not UTF-8");
    }
  }

  @Test
  void aPayloadOverTheLimitIsTooLarge() {
    int max = served.engine.queue("q").limits().bodyBytesMax();
    String fits = "\"" + "x".repeat(max - 2) + "\"";
    assertThat(http.post("/jobs", "{\"job_type\":\"t\",\"payload\":" + fits + "}").status())
        .isEqualTo(201);
    String over = "\"" + "x".repeat(max - 1) + "\"";
    Http.Reply reply = http.post("/jobs", "{\"job_type\":\"t\",\"payload\":" + over + "}");
    assertThat(reply.status()).isEqualTo(413);
    assertThat(reply.problem()).isEqualTo("too-large");
  }

  @Test
  void jobsAreListedNewestFirstInPages() {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 5; i++) {
      ids.addFirst(job(""));
    }
    List<String> listed = new ArrayList<>();
    String cursor = "";
    do {
      Http.Reply page = http.get("/jobs?limit=2" + cursor);
      page.json().at("/jobs").values().forEach(job -> listed.add(job.at("/id").asString()));
      job(""); // a page is stable while jobs are added
      JsonNode next = page.json().at("/next_cursor");
      cursor = next.isNull() ? null : "&cursor=" + next.asString();
      assertThat(cursor == null || next.asString().matches("[A-Za-z0-9_-]+")).isTrue();
    } while (cursor != null);
    assertThat(listed).isEqualTo(ids);
  }

  @Test
  void aListIsFiltered() {
    String a = job(",\"queue\":\"a\",\"session\":\"s\"");
    String b = job(",\"queue\":\"b\"");
    assertThat(listed("queue=a")).containsExactly(a);
    assertThat(listed("session=s")).containsExactly(a);
    assertThat(listed("type=email")).containsExactly(b, a);
    assertThat(listed("type=other")).isEmpty();
    assertThat(listed("queue=nowhere")).isEmpty();
    assertThat(listed("status=pending")).containsExactly(b, a);
    assertThat(listed("status=processing")).isEmpty();
    assertThat(listed("created_after=2020-01-01T00:00:00Z")).containsExactly(b, a);
    assertThat(listed("created_after=2099-01-01T00:00:00%2B01:00")).isEmpty();
    receive("b", 1);
    assertThat(listed("status=processing")).containsExactly(b);
  }

  private List<String> listed(String query) {
    return http.get("/jobs?" + query).json().at("/jobs").values().stream()
        .map(job -> job.at("/id").asString())
        .toList();
  }

  @Test
  void aListLeavesPayloadAndHistoryOutUnlessTheyAreAskedFor() {
    job(",\"payload\":1");
    assertThat(http.get("/jobs").json().at("/jobs/0").has("payload")).isFalse();
    assertThat(http.get("/jobs").json().at("/jobs/0").has("history")).isFalse();
    JsonNode payload = http.get("/jobs?include=payload").json().at("/jobs/0");
    assertThat(payload.at("/payload").asInt()).isEqualTo(1);
    assertThat(payload.has("history")).isFalse();
    JsonNode both = http.get("/jobs?include=payload,history").json().at("/jobs/0");
    assertThat(both.has("payload") && both.has("history")).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "limit=0,limit",
    "limit=501,limit",
    "limit=x,limit",
    "limit=%2B5,limit",
    "limit=%D9%A5,limit",
    "limit=0x5,limit",
    "limit=99999999999999999999,limit",
    "status=dead,status",
    "cursor=nonsense,cursor",
    "created_after=yesterday,created_after",
    "include=all,include",
    "nonsense=1,nonsense",
    "queue=a&queue=b,queue"
  })
  void aWrongQueryParameterIsNamed(String query, String field) {
    Http.Reply reply = http.get("/jobs?" + query);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
  }

  @Test
  void aJobThatIsNotThereIsNotFound() {
    String id = "01900000-0000-7000-8000-000000000000";
    for (Http.Reply reply : ofJob(id)) {
      assertThat(reply.status()).isEqualTo(404);
      assertThat(reply.problem()).isEqualTo("not-found");
    }
  }

  @Test
  void whatIsNoIdIsRefused() {
    for (String id : List.of("nonsense", "01900000-0000-7000-8000-00000000000g", "1-1-1-1-1")) {
      for (Http.Reply reply : ofJob(id)) {
        assertThat(reply.status()).isEqualTo(400);
        assertThat(reply.at("/field")).isEqualTo("id");
      }
    }
    assertThat(http.get("/events?job=nonsense").status()).isEqualTo(400);
  }

  private List<Http.Reply> ofJob(String id) {
    String path = "/jobs/" + id;
    return List.of(
        http.get(path),
        http.delete(path),
        http.post(path + "/cancel"),
        http.post(path + "/redrive"),
        http.post(path + "/run-now"),
        http.post(path + "/reschedule", "{\"run_at\":\"2099-01-01T00:00:00Z\"}"));
  }

  @Test
  void processingHasStartedWhileItLasts() {
    String path = "/jobs/" + job("");
    assertThat(http.get(path).at("/processing_started_at")).isEmpty();
    String receipt = receive("default", 1).getFirst();
    Http.Reply claimed = http.get(path);
    assertThat(claimed.at("/processing_started_at")).isEqualTo(claimed.at("/updated_at"));
    settle("default", receipt, "\"retry\",\"delay\":\"0s\"");
    assertThat(http.get(path).at("/processing_started_at")).isEmpty();
    settle("default", receive("default", 1).getFirst(), "\"done\"");
    assertThat(http.get(path).at("/processing_started_at")).isEmpty();
  }

  @Test
  void aSecondSettlementDoesNotSayThatTheJobIsDeliveredAgain() {
    job("");
    String receipt = receive("default", 1).getFirst();
    settle("default", receipt, "\"done\"");
    assertThat(settle("default", receipt, "\"done\"").at("/results/0/detail"))
        .contains("it was settled before, or")
        .doesNotContain("delivered");
  }

  @Test
  void aJobIsCancelledRedrivenAndDeleted() {
    String path = "/jobs/" + job("");
    assertThat(http.post(path + "/redrive").problem()).isEqualTo("conflict");
    assertThat(http.delete(path).status()).isEqualTo(409);
    Http.Reply cancelled = http.post(path + "/cancel", "{}");
    assertThat(cancelled.status()).isEqualTo(200);
    assertThat(cancelled.at("/status")).isEqualTo("cancelled");
    assertThat(http.post(path + "/cancel").status()).isEqualTo(409);
    assertThat(http.post(path + "/run-now").status()).isEqualTo(409);
    assertThat(http.post(path + "/redrive").at("/status")).isEqualTo("pending");
    http.post(path + "/cancel");
    assertThat(http.delete(path).status()).isEqualTo(204);
    assertThat(http.get(path).status()).isEqualTo(404);
  }

  @Test
  void aJobIsRunNowOrLater() {
    String path = "/jobs/" + job(",\"delay\":\"1h\"");
    assertThat(receive("default", 1)).isEmpty();
    assertThat(http.post(path + "/run-now").status()).isEqualTo(200);
    Http.Reply later = http.post(path + "/reschedule", "{\"run_at\":\"2099-01-01T00:00:00Z\"}");
    assertThat(later.at("/scheduled_at")).isEqualTo("2099-01-01T00:00:00.000Z");
    assertThat(http.post(path + "/reschedule", "{}").at("/field")).isEqualTo("run_at");
    String never = "{\"run_at\":\"+999999999-01-01T00:00:00Z\"}";
    assertThat(http.post(path + "/reschedule", never).at("/field")).isEqualTo("run_at");
    http.post(path + "/run-now");
    assertThat(receive("default", 1)).hasSize(1);
  }

  @Test
  void aCallWithoutFieldsTakesNone() {
    Http.Reply reply = http.post("/jobs/" + job("") + "/cancel", "{\"reason\":\"x\"}");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo("reason");
  }

  @Test
  void theHistoryTellsEachAttempt() {
    String id = job("");
    settle(
        "default",
        receive("default", 1).getFirst(),
        "\"retry\",\"delay\":\"0s\",\"reason\":\"no\"");
    settle("default", receive("default", 1).getFirst(), "\"fail\",\"reason\":\"bad\"");
    Http.Reply job = http.get("/jobs/" + id);
    assertThat(job.at("/status")).isEqualTo("failed");
    assertThat(job.at("/attempts")).isEqualTo("2");
    assertThat(job.at("/last_error")).isEqualTo("bad");
    assertThat(job.at("/history/0/outcome")).isEqualTo("retry");
    assertThat(job.at("/history/0/error")).isEqualTo("no");
    assertThat(job.at("/history/0/consumer")).isEqualTo("127.0.0.1");
    assertThat(job.at("/history/1/outcome")).isEqualTo("fail");
  }

  @Test
  void aBatchIsAllOrNone() {
    String good = "{\"job_type\":\"a\",\"key\":\"k\"}\n";
    Http.Reply reply = http.post("/jobs/batch", good + "{\"job_type\":\"b\"}\r\n\n" + good);
    assertThat(reply.status()).isEqualTo(201);
    JsonNode ids = reply.json().at("/ids");
    assertThat(ids.size()).isEqualTo(3);
    assertThat(ids.get(2)).isEqualTo(ids.get(0));

    Http.Reply bad = http.post("/jobs/batch", "{\"job_type\":\"c\"}\n{\"job_type\":\"\"}");
    assertThat(bad.status()).isEqualTo(400);
    assertThat(bad.at("/detail")).startsWith("line 2: ");
    assertThat(listed("type=c")).isEmpty();
  }

  @Test
  void aBatchMayGoToSeveralQueuesAndIsStillAllOrNone() {
    String a = "{\"job_type\":\"t\",\"queue\":\"a\"}\n";
    String b = "{\"job_type\":\"t\",\"queue\":\"b\"}\n";
    JsonNode ids = http.post("/jobs/batch", a + b + a).json().at("/ids");
    assertThat(List.of(queueOf(ids.get(0)), queueOf(ids.get(1)), queueOf(ids.get(2))))
        .containsExactly("a", "b", "a");
    http.put("/queues/b", "{\"max_depth\":1}");
    assertThat(http.post("/jobs/batch", a + b).problem()).isEqualTo("queue-full");
    assertThat(listed("queue=a")).hasSize(2);
    Http.Reply wrong = http.post("/jobs/batch", a + "{\"job_type\":\"t\",\"queue\":\"\"}");
    assertThat(wrong.at("/field")).isEqualTo("queue");
    assertThat(wrong.at("/detail")).startsWith("line 2: ");
  }

  private String queueOf(JsonNode id) {
    return http.get("/jobs/" + id.asString()).at("/queue");
  }

  @Test
  void aBatchHasOneToAThousandLines() {
    String line = "{\"job_type\":\"a\"}\n";
    assertThat(http.post("/jobs/batch", line.repeat(1_000)).status()).isEqualTo(201);
    assertThat(http.post("/jobs/batch", line.repeat(1_001)).status()).isEqualTo(413);
    assertThat(http.post("/jobs/batch", "\n").status()).isEqualTo(400);
  }

  @Test
  void messagesAndJobsAreOneThing() {
    String message = message("default", "not json");
    Http.Reply shown = http.get("/jobs/" + message);
    assertThat(shown.json().has("payload")).isFalse();
    assertThat(shown.at("/body_base64")).isEqualTo("bm90IGpzb24=");
    assertThat(shown.at("/content_type")).isEqualTo("application/octet-stream");
    String broken =
        http.post("/queues/default/messages", "{", "Content-Type", "application/json").at("/id");
    assertThat(http.get("/jobs/" + broken).at("/body_base64")).isEqualTo("ew==");
    String good =
        http.post("/queues/default/messages", "[1]", "Content-Type", "application/x+json; a=b")
            .at("/id");
    assertThat(http.get("/jobs/" + good).at("/payload")).isEqualTo("[1]");
  }

  @Test
  void unknownTypesAreRefusedWhereTypesAreValidated() {
    try (Served strict =
            Served.with(s ->
                new HttpApiServices(
                    s.broker(),
                    s.clock(),
                    s.defaults(),
                    s.health(),
                    (queue, type) -> queue.equals("default") && type.equals("email"),
                    s.meters(),
                    s.scrape(),
                    s.version(),
                    s.sns()));
        Http client = new Http(strict)) {
      assertThat(client.post("/jobs", "{\"job_type\":\"email\"}").status()).isEqualTo(201);
      Http.Reply reply = client.post("/jobs", "{\"job_type\":\"fax\"}");
      assertThat(reply.status()).isEqualTo(422);
      assertThat(reply.problem()).isEqualTo("unknown-type");
      assertThat(client.post("/jobs/batch", "{\"job_type\":\"fax\"}").status()).isEqualTo(422);
    }
  }
}
