package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What the page asks for; that it is as documented is held by {@link Documented}. */
final class OverviewRoutesTest extends HttpTest {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private JsonNode overview(String query) {
    Http.Reply reply = http.get("/overview" + query);
    assertThat(reply.status()).as(reply.text()).isEqualTo(200);
    return reply.json();
  }

  private static String envelope(Object message) {
    return JSON.writeValueAsString(
        Map.of(
            "Type", "Notification",
            "MessageId", "m-1",
            "TopicArn", "arn:aws:sns:eu-central-1:1:T",
            "Subject", "S",
            "Message", message,
            "MessageAttributes", Map.of("a", Map.of("Type", "String", "Value", "v"))));
  }

  private String sent(String queue, Message message) {
    return served.engine.queue(queue).send(message).toString();
  }

  @Test
  void allThatThePageShowsIsInOneAnswer() {
    JsonNode empty = overview("");
    assertThat(empty.at("/server/version").asString()).isEqualTo("1.2.3");
    assertThat(empty.at("/server/access").asString()).isEqualTo("open on loopback");
    assertThat(empty.at("/server/status").asString()).isEqualTo("ok");
    assertThat(empty.at("/next_of").isNull()).isTrue();

    sent("a", Message.of("t", "one").contentType("text/plain"));
    sent("b", Message.of("t", "two").contentType("text/plain").session("s"));
    sent("b", Message.of("t", "three").contentType("text/plain"));
    settle("b", receive("b", 1).getFirst(), "\"fail\",\"reason\":\"" + "e".repeat(500) + "\"");
    JsonNode all = overview("?queue=b");
    assertThat(all.at("/queues").findValuesAsString("name")).containsExactly("a", "b");
    assertThat(all.at("/next_of").asString()).isEqualTo("b");
    assertThat(all.at("/next_messages/0/body/text").asString()).isEqualTo("three");
    assertThat(all.at("/jobs").findValuesAsString("text")).containsExactly("three", "two");
    assertThat(all.at("/jobs/1/status").asString()).isEqualTo("failed");
    assertThat(all.at("/jobs/1/session").asString()).isEqualTo("s");
    assertThat(all.at("/jobs/1/last_error").asString()).isEqualTo("e".repeat(200));
    assertThat(overview("?status=failed").at("/jobs").findValuesAsString("text"))
        .containsExactly("two");
  }

  @Test
  void schedulesAreShownByTenWithoutTheirPayloads() {
    assertThat(overview("").at("/schedules").size()).isZero();
    for (int i = 10; i < 22; i++) {
      http.put(
          "/schedules/s" + i,
          "{\"cron\":\"0 5 1 1 *\",\"zone\":\"Europe/Berlin\",\"job\":{\"job_type\":\"report\","
              + "\"queue\":\"reports\",\"payload\":\""
              + "x".repeat(60_000)
              + "\"}}");
    }
    http.put("/schedules/ping", "{\"every\":\"90s\",\"job\":{\"job_type\":\"ping\"}}");
    http.post("/schedules/ping/pause");
    JsonNode first = overview("");
    assertThat(first.at("/schedules").findValuesAsString("name"))
        .startsWith("ping", "s10")
        .hasSize(10);
    assertThat(first.toString()).hasSizeLessThan(10_000);
    JsonNode ping = first.at("/schedules/0");
    assertThat(ping.at("/state").asString()).isEqualTo("paused");
    assertThat(ping.at("/every").asString()).isEqualTo("90s");
    assertThat(ping.at("/next").isNull()).isTrue();
    JsonNode report = first.at("/schedules/1");
    assertThat(report.at("/cron").asString()).isEqualTo("0 5 1 1 *");
    assertThat(report.at("/zone").asString()).isEqualTo("Europe/Berlin");
    assertThat(report.at("/queue").asString()).isEqualTo("reports");
    assertThat(report.at("/next").asString()).endsWith("-01-01T04:00:00.000Z");
    assertThat(report.at("/last_at").isNull()).isTrue();
    JsonNode second = overview("?schedules_after=" + first.at("/next_schedules").asString());
    assertThat(second.at("/schedules").findValuesAsString("name"))
        .containsExactly("s19", "s20", "s21");
    assertThat(second.at("/next_schedules").isNull()).isTrue();
    assertThat(http.get("/overview?schedules_after=a/b").at("/field")).isEqualTo("schedules_after");
  }

  @Test
  void aMessageOfSnsIsShownByWhatSnsSays() {
    String text = "\u202eM\n" + "m".repeat(200);
    Message message = Message.of("sns", envelope(text)).contentType("application/json");
    sent("q", message);
    JsonNode body = overview("").at("/jobs/0/body");
    assertThat(body.path("text").asString()).isEqualTo("\ufffdM " + "m".repeat(97));
    assertThat(body.path("cut").asBoolean()).isTrue();
    assertThat(body.at("/sns/subject").asString()).isEqualTo("S");
    assertThat(body.at("/sns/topic_arn").asString()).isEqualTo("arn:aws:sns:eu-central-1:1:T");
    assertThat(body.at("/sns/message_id").asString()).isEqualTo("m-1");
  }

  /** Whoever sends a job of this type himself may write what he wants. */
  @Test
  void whatOnlyLooksLikeSnsIsShownAsItIs() {
    for (String body :
        List.of(
            "{}",
            "[]",
            "",
            "{\"Message\":1}",
            envelope(7),
            envelope("x") + "}",
            "{\"MessageId\":\"1\",\"TopicArn\":\"2\",\"Message\":\"3\",\"MessageAttributes\":[]}")) {
      String id = sent("q", Message.of("sns", body).contentType("application/json").tracked());
      JsonNode shown = overview("").at("/jobs/0/body");
      assertThat(shown.has("sns")).as(body).isFalse();
      JsonNode job = http.get("/overview/jobs/" + id).json();
      assertThat(job.at("/body/text").asString()).isEqualTo(body);
    }
    sent("q", Message.of("other", envelope("x")).contentType("application/json"));
    assertThat(overview("").at("/jobs/0/body").has("sns")).isFalse();
  }

  @Test
  void largeBodiesMakeNoLargeAnswer() {
    byte[] body = ("\u0001\"" + "€".repeat(300_000)).getBytes(StandardCharsets.UTF_8);
    String long256 = "€".repeat(256);
    for (int i = 0; i < 30; i++) {
      sent(
          "q".repeat(128),
          Message.of("t".repeat(128), body)
              .contentType("text/" + "x".repeat(250))
              .session(long256)
              .tracked());
    }
    for (int i = 0; i < 40; i++) {
      sent("sns", Message.of("sns", envelope("\u0001".repeat(100_000))).tracked());
    }
    for (int i = 0; i < 200; i++) {
      http.put("/queues/" + "p".repeat(120) + i, "{}");
      http.post(
          "/queues/" + "p".repeat(120) + i + "/pause",
          "{\"reason\":\"" + "€".repeat(20_000) + "\"}");
    }
    for (String query : List.of("?limit=200", "?limit=200&queue=" + "q".repeat(128))) {
      for (int i = 0; i < 2; i++) {
        Http.Reply reply = http.get("/overview" + query);
        assertThat(reply.status()).as(reply.text()).isEqualTo(200);
        assertThat(reply.text().getBytes(StandardCharsets.UTF_8).length).isLessThan(300 << 10);
        assertThat(reply.json().at("/jobs")).hasSize(25);
        assertThat(reply.json().at("/next_messages")).hasSize(10);
      }
    }
  }

  @Test
  void queuesComeInPages() {
    for (int i = 10; i < 15; i++) {
      http.put("/queues/q" + i, "{}");
    }
    JsonNode first = overview("?limit=3");
    assertThat(first.at("/queues").findValuesAsString("name")).containsExactly("q10", "q11", "q12");
    assertThat(first.at("/totals/queues").asInt()).isEqualTo(5);
    JsonNode last = overview("?limit=3&after=" + first.at("/next").asString());
    assertThat(last.at("/queues").findValuesAsString("name")).containsExactly("q13", "q14");
    assertThat(last.at("/next").isNull()).isTrue();
  }

  @Test
  void aQuestionThatIsWrongIsRefused() {
    assertThat(http.get("/overview?queue=a%20b").at("/field")).isEqualTo("queue");
    assertThat(http.get("/overview?after=a%20b").at("/field")).isEqualTo("after");
    assertThat(http.get("/overview?limit=201").at("/field")).isEqualTo("limit");
    assertThat(http.get("/overview?status=lost").at("/field")).isEqualTo("status");
    assertThat(http.get("/overview/jobs/x").status()).isEqualTo(400);
    assertThat(http.get("/overview/jobs/01a214c1-8a64-7000-af9b-b201f47e86d4").problem())
        .isEqualTo("not-found");
    assertThat(overview("?queue=nowhere").at("/next_messages")).isEmpty();
  }

  @Test
  void aJobIsShownWithTheBeginningOfItsBody() {
    String id = job(",\"payload\":\"" + "p".repeat(100_000) + "\",\"key\":\"k\"");
    JsonNode pending = http.get("/overview/jobs/" + id).json();
    assertThat(pending.at("/job/key").asString()).isEqualTo("k");
    assertThat(pending.at("/job").has("payload")).isFalse();
    assertThat(pending.at("/body/text").asString()).isEqualTo("\"" + "p".repeat(65_535));
    assertThat(pending.at("/body/cut").asBoolean()).isTrue();
    assertThat(pending.at("/body/bytes").asInt()).isEqualTo(100_002);
    assertThat(pending.has("running")).isFalse();

    String receipt = receive("default", 1).getFirst();
    http.post("/queues/default/notes", "{\"receipt\":\"" + receipt + "\",\"log\":\"line\"}");
    JsonNode running = http.get("/overview/jobs/" + id).json();
    assertThat(running.at("/running/consumer").asString()).isEqualTo("127.0.0.1");
    assertThat(running.at("/notes/logs/0/text").asString()).isEqualTo("line");
    assertThat(running.at("/first_attempt").asInt()).isEqualTo(1);
  }

  @Test
  void ofManyAttemptsTheNumberIsTold() {
    http.put("/queues/default", "{\"max_attempts\":\"unlimited\"}");
    String id = job("");
    for (int i = 0; i < 40; i++) {
      settle("default", receive("default", 1).getFirst(), "\"retry\",\"delay\":\"0s\"");
    }
    JsonNode job = http.get("/overview/jobs/" + id).json();
    assertThat(job.at("/job/history")).hasSize(32);
    assertThat(job.at("/first_attempt").asInt()).isEqualTo(9);
  }

  @Test
  void bytesAreShownInHex() {
    byte[] bytes = new byte[300];
    bytes[1] = (byte) 0xff;
    String id = sent("q", Message.of("t", bytes).tracked());
    JsonNode body = http.get("/overview/jobs/" + id).json().path("body");
    assertThat(body.path("hex").asString()).startsWith("00ff00").hasSize(512);
    assertThat(body.path("cut").asBoolean()).isTrue();
    assertThat(overview("").at("/jobs/0/body").has("text")).isFalse();
  }
}
