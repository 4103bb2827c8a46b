package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.client.HttpBroker;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The section Messages of http-api.md. */
final class MessagesRoutesTest extends HttpTest {

  private static final String SEND = "POST /queues/q/messages HTTP/1.1\nHost: localhost\n";

  private JsonNode receiveOne(String fields) {
    return http.post("/queues/q/receive", "{" + fields + "}").json().at("/deliveries/0");
  }

  @Test
  void aMessageIsReceivedWithItsHeaders() {
    Http.Reply sent =
        http.post(
            "/queues/q/messages",
            "grüß Gott",
            "Content-Type",
            "text/plain; charset=utf-8",
            "Afterbay-Type",
            "greeting",
            "Afterbay-Session",
            "s 1",
            "Afterbay-Key",
            "k",
            "Afterbay-Priority",
            "9",
            "Afterbay-Ttl",
            "1h",
            "Afterbay-Attr-Tenant",
            "x",
            "Traceparent",
            "00-abc");
    assertThat(sent.status()).isEqualTo(201);
    JsonNode delivery = receiveOne("\"max\":1,\"lease\":\"5m\"");
    assertThat(delivery.at("/id").asString()).isEqualTo(sent.at("/id"));
    assertThat(delivery.at("/type").asString()).isEqualTo("greeting");
    assertThat(delivery.at("/body").asString()).isEqualTo("grüß Gott");
    assertThat(delivery.at("/content_type").asString()).isEqualTo("text/plain; charset=utf-8");
    assertThat(delivery.at("/session").asString()).isEqualTo("s 1");
    assertThat(delivery.at("/attributes").toString()).isEqualTo("{\"Tenant\":\"x\"}");
    assertThat(delivery.at("/attempt").asInt()).isEqualTo(1);
    assertThat(Instant.parse(delivery.at("/leased_until").asString()))
        .isAfter(Instant.now().plusSeconds(240));
    assertThat(delivery.propertyNames())
        .containsExactly(
            "receipt",
            "id",
            "type",
            "body",
            "content_type",
            "attributes",
            "session",
            "attempt",
            "first_delivered_at",
            "leased_until");
    Http.Reply job = http.get("/jobs/" + sent.at("/id"));
    assertThat(job.at("/priority")).isEqualTo("9");
    assertThat(job.at("/key")).isEqualTo("k");
  }

  @Test
  void aMessageWithoutHeadersHasTheDefaults() {
    message("q", "");
    JsonNode delivery = receiveOne("");
    assertThat(delivery.at("/type").asString()).isEqualTo("message");
    assertThat(delivery.at("/content_type").asString()).isEqualTo("application/octet-stream");
    assertThat(delivery.at("/body_base64").asString()).isEmpty();
    assertThat(delivery.at("/session").isNull()).isTrue();
  }

  @Test
  void headersAreUtf8() {
    try (RawClient client = new RawClient(served.api.port())) {
      client.send(SEND + "Afterbay-Session: ä€\nafterbay-attr-x: ö\nContent-Length: 0\n\n");
      assertThat(client.read().status()).isEqualTo(201);
    }
    JsonNode delivery = receiveOne("");
    assertThat(delivery.at("/session").asString()).isEqualTo("ä€");
    assertThat(delivery.at("/attributes/x").asString()).isEqualTo("ö");
  }

  @ParameterizedTest
  @CsvSource({
    "Afterbay-Type,a b",
    "Afterbay-Delay,soon",
    "Afterbay-Priority,10",
    "Afterbay-Ttl,x",
    "Afterbay-Prio,1"
  })
  void aWrongHeaderIsRefused(String name, String value) {
    Http.Reply reply = http.post("/queues/q/messages", "x", name, value);
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/field")).isIn(name.toLowerCase(Locale.ROOT), name, "type");
  }

  @Test
  void aKnownKeyIsTheMessageThatIsThere() {
    Http.Reply first = http.post("/queues/q/messages", "x", "Afterbay-Key", "k");
    Http.Reply second = http.post("/queues/q/messages", "y", "Idempotency-Key", "k");
    assertThat(first.status()).isEqualTo(201);
    assertThat(first.json().has("known")).isFalse();
    assertThat(second.status()).isEqualTo(200);
    assertThat(second.at("/known")).isEqualTo("true");
    assertThat(second.at("/id")).isEqualTo(first.at("/id"));
  }

  @Test
  void aBodyIsTextWhereItCanBe() {
    byte[] invalid = {(byte) 0xff, 'x'};
    try (RawClient client = new RawClient(served.api.port())) {
      client.send(SEND + "Content-Type: text/plain\nContent-Length: 2\n\n").sendBytes(invalid);
      assertThat(client.read().status()).isEqualTo(201);
    }
    assertThat(receiveOne("").at("/body_base64").asString()).isEqualTo("/3g=");
    http.post("/queues/q/messages", "{\"a\": 1}", "Content-Type", "application/json");
    assertThat(receiveOne("").at("/body").asString()).isEqualTo("{\"a\": 1}");
    http.post("/queues/q/messages", "abc", "Content-Type", "image/png");
    assertThat(receiveOne("").at("/body_base64").asString()).isEqualTo("YWJj");
  }

  /** What curl sends with -d and no type of its own. */
  @ParameterizedTest
  @ValueSource(strings = {"{\"a\": 1}", " {}\n", "plain text, ä", "a=1&b=2", ""})
  void aBodyOfCurlIsText(String body) {
    String form = "Application/X-WWW-Form-Urlencoded";
    Http.Reply sent = http.post("/queues/q/messages", body, "Content-Type", form);
    String location = sent.header("Location").orElseThrow();
    JsonNode delivery = receiveOne("");
    assertThat(delivery.at("/body").asString()).isEqualTo(body);
    assertThat(delivery.at("/content_type").asString()).isEqualTo(form);
    if (body.startsWith("{")) {
      assertThat(http.get(location).at("/payload")).isEqualTo("{\"a\":1}");
    }
    try (HttpBroker broker = served.broker()) {
      assertThat(broker.jobs().orElseThrow().find(JobId.parse(location.substring(6))).orElseThrow())
          .satisfies(job -> assertThat(job.message().text()).isEqualTo(body));
    }
  }

  @Test
  void aBodyThatIsNoTextIsBase64WhateverCurlSays() {
    String head = "Content-Type: application/x-www-form-urlencoded\nContent-Length: 2\n\n";
    try (RawClient client = new RawClient(served.api.port())) {
      client.send(SEND + head).sendBytes(new byte[] {(byte) 0xff, 'x'});
      assertThat(client.read().status()).isEqualTo(201);
    }
    assertThat(receiveOne("").at("/body_base64").asString()).isEqualTo("/3g=");
  }

  /** RFC 9110, 8.3.1. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          text/plain                                    | true
          text/plain;charset=utf-8                      | true
          text/plain ; charset="utf-8; \\"x" ; ; a=b    | true
          application/vnd.a+json;v=1;                   | true
          text                                          | false
          text/                                         | false
          /plain                                        | false
          text/plain/x                                  | false
          text plain/x                                  | false
          text/plain, text/html                         | false
          text/plain;charset                            | false
          text/plain;charset=                           | false
          text/plain;charset="x                         | false
          text/plain;charset=a b                        | false
          """)
  void aContentTypeIsAMediaType(String type, boolean valid) {
    Http.Reply one = http.post("/queues/q/messages", "x", "Content-Type", type);
    String escaped = type.replace("\\", "\\\\").replace("\"", "\\\"");
    String line = "{\"content_type\":\"" + escaped + "\"}";
    Http.Reply batch = http.post("/queues/q/messages/batch", line);
    for (Http.Reply reply : List.of(one, batch)) {
      assertThat(reply.status()).as(reply.text()).isEqualTo(valid ? 201 : 400);
      if (!valid) {
        assertThat(reply.at("/field")).isEqualTo("content_type");
      }
    }
  }

  /** What is taken can be read back, by our own client too. */
  @ParameterizedTest
  @ValueSource(ints = {1, 62, 63, 64, 65, 500})
  void howeverDeepABodyIsItIsReadBack(int depth) {
    String body = "[".repeat(depth) + "]".repeat(depth);
    http.post("/queues/q/messages", body, "Content-Type", "application/json");
    http.post("/jobs", "{\"job_type\":\"t\",\"queue\":\"q\",\"payload\":" + body + "}");
    try (HttpBroker broker = served.broker()) {
      Jobs jobs = broker.jobs().orElseThrow();
      Jobs.JobQuery everything = Jobs.JobQuery.ALL.bodies(true);
      List<Job> listed = jobs.list(everything, null, 10).jobs();
      assertThat(listed).hasSize(depth <= Message.JSON_DEPTH_MAX ? 2 : 1);
      for (Job job : listed) {
        assertThat(job.message().text()).isEqualTo(body);
        assertThat(jobs.find(job.id()).orElseThrow().message().text()).isEqualTo(body);
      }
      assertThat(broker.queue("q").peek(10)).hasSameSizeAs(listed);
    }
  }

  @Test
  void aBatchIsStoredInItsOrder() {
    Http.Reply reply =
        http.post(
            "/queues/q/messages/batch",
            """
            {"type":"a","body":"x\\u0000€","session":"s","priority":9,"ttl":"1h"}
            {"body_base64":"/3g=","content_type":"image/png","attributes":{"n":"v"}}
            {"key":"k","body":"{}","content_type":"application/json","delay":"0s"}
            {"key":"k"}
            """);
    assertThat(reply.status()).isEqualTo(201);
    assertThat(reply.json().at("/ids").size()).isEqualTo(4);
    assertThat(reply.at("/ids/3")).isEqualTo(reply.at("/ids/2"));
    assertThat(reply.json().at("/known").toString()).isEqualTo("[3]");
    assertThat(receiveOne("\"max\":1").at("/body").asString()).isEqualTo("x\u0000€");
    JsonNode second = receiveOne("\"max\":1");
    assertThat(second.at("/body_base64").asString()).isEqualTo("/3g=");
    assertThat(second.at("/type").asString()).isEqualTo("message");
    assertThat(second.at("/attributes/n").asString()).isEqualTo("v");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"body":"a","body_base64":"YQ=="}                  | body
          {"body":{}}                                        | body
          {"body":"\\udc00"}                                 | body
          {"body_base64":"*"}                                | body_base64
          {"job_type":"x"}                                   | job_type
          {"payload":1}                                      | payload
          {"content_type":""}                                | content_type
          {"content_type":"a\\nb"}                           | content_type
          {"delay":"1s","run_at":"2026-01-01T00:00:00Z"}     | run_at
          """)
  void aWrongFieldOfABatchIsNamed(String line, String field) {
    Http.Reply reply = http.post("/queues/q/messages/batch", "{\"body\":\"good\"}\n" + line);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
    assertThat(reply.at("/detail")).startsWith("line 2: ");
    assertThat(served.engine.queues()).isEmpty();
  }

  @Test
  void aWaitEndsWithTheFirstMessage() throws Exception {
    Thread sender =
        Thread.ofVirtual()
            .start(() -> {
              Soon.until("a waiter", () -> inFlight() > 0);
              served.engine.queue("q").send(Message.of("late", "x"));
            });
    assertThat(receiveOne("\"max\":10,\"wait\":\"20s\"").at("/type").asString()).isEqualTo("late");
    sender.join();
  }

  private double inFlight() {
    return served.meters.get("afterbay.http.requests.open").gauge().value();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {"max":0}                        | max
          {"max":1001}                     | max
          {"wait":"61s"}                   | wait
          {"wait":"-1s"}                   | wait
          {"lease":"1ms"}                  | lease
          {"lease":"13h"}                  | lease
          {"nonsense":1}                   | nonsense
          {"only_types":["a"],"except_types":["b"]} | except_types
          {"include":"all"}                | include
          {"consumer":""}                  | consumer
          """)
  void aWrongReceiveIsNamed(String body, String field) {
    Http.Reply reply = http.post("/queues/q/receive", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
  }

  @Test
  void whatIsNoReceiptHoldsNothing() {
    message("q", "x");
    String receipt = receive("q", 1).getFirst();
    String both = "[\"nonsense\",\"" + receipt + "\"]";
    JsonNode renewed = http.post("/queues/q/renew", "{\"receipts\":" + both + "}").json();
    assertThat(renewed.at("/results/0/error").asString()).isEqualTo("lease-lost");
    assertThat(renewed.at("/results/1/ok").asBoolean()).isTrue();
    JsonNode settled = settle("q", "nonsense", "\"done\"").json();
    assertThat(settled.at("/results/0/receipt").asString()).isEqualTo("nonsense");
    assertThat(settled.at("/results/0/error").asString()).isEqualTo("lease-lost");
  }

  @Test
  void whatIsNoSessionTokenHoldsNoSession() {
    List<Http.Reply> replies =
        List.of(
            http.post("/queues/q/receive", "{\"session_token\":\"nonsense\"}"),
            http.post("/queues/q/sessions/nonsense/renew"),
            http.post("/queues/q/sessions/nonsense/close"));
    for (Http.Reply reply : replies) {
      assertThat(reply.status()).isEqualTo(409);
      assertThat(reply.problem()).isEqualTo("session-lost");
    }
  }

  @Test
  void settlementsAreAnsweredEach() {
    for (int i = 0; i < 4; i++) {
      job(",\"queue\":\"q\"");
    }
    List<String> receipts = receive("q", 4);
    message("q", "settled before");
    String before = receive("q", 1).getFirst();
    settle("q", before, "\"fail\"");
    Http.Reply reply =
        http.post(
            "/queues/q/settle",
            """
            {"settlements":[
              {"receipt":"%s","outcome":"done","delay":"5s","reason":"ignored"},
              {"receipt":"%s","outcome":"retry","delay":"0s"},
              {"receipt":"%s","outcome":"fail","reason":"bad"},
              {"receipt":"%s","outcome":"release"},
              {"receipt":"%s","outcome":"done"}]}\
            """
                .formatted(
                    receipts.get(0), receipts.get(1), receipts.get(2), receipts.get(3), before));
    assertThat(reply.status()).isEqualTo(200);
    JsonNode results = reply.json().at("/results");
    assertThat(results.size()).isEqualTo(5);
    assertThat(results.at("/0").toString())
        .isEqualTo("{\"receipt\":\"" + receipts.get(0) + "\",\"ok\":true}");
    assertThat(results.at("/4/ok").asBoolean()).isFalse();
    assertThat(results.at("/4/error").asString()).isEqualTo("lease-lost");
    JsonNode again = http.post("/queues/q/receive", "{}").json().at("/deliveries");
    assertThat(again.size()).isEqualTo(2);
    assertThat(again.at("/0/attempt").asInt()).isEqualTo(2);
    assertThat(again.at("/1/attempt").asInt()).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {}                                                       | settlements
          {"settlements":[{"outcome":"done"}]}                     | receipt
          {"settlements":[{"receipt":"x"}]}                        | outcome
          {"settlements":[{"receipt":"x","outcome":"maybe"}]}      | outcome
          {"settlements":[{"receipt":"x","outcome":"done","a":1}]} | settlements.a
          {"settlements":[{"receipt":"x","outcome":"retry","delay":"P3654D"}]} | delay
          {"settlements":[{"receipt":"x","outcome":"retry","delay":"PT99999999999999999S"}]} | delay
          {"settlements":[1]}                                      | settlements
          """)
  void aWrongSettlementIsNamed(String body, String field) {
    Http.Reply reply = http.post("/queues/q/settle", body);
    assertThat(reply.status()).as(reply.text()).isEqualTo(400);
    assertThat(reply.at("/field")).isEqualTo(field);
  }

  @Test
  void leasesAreRenewedEach() {
    message("q", "x");
    String receipt = receive("q", 1).getFirst();
    JsonNode results =
        http.post("/queues/q/renew", "{\"receipts\":[\"" + receipt + "\"],\"lease\":\"1h\"}")
            .json()
            .at("/results");
    assertThat(results.at("/0/ok").asBoolean()).isTrue();
    assertThat(Instant.parse(results.at("/0/leased_until").asString()))
        .isAfter(Instant.now().plusSeconds(3_000));
    settle("q", receipt, "\"done\"");
    assertThat(
            http.post("/queues/q/renew", "{\"receipts\":[\"" + receipt + "\"]}")
                .at("/results/0/error"))
        .isEqualTo("lease-lost");
    assertThat(http.post("/queues/q/renew", "{}").at("/field")).isEqualTo("receipts");
  }

  @Test
  void peekingLeasesNothing() {
    message("q", "x");
    message("q", "y");
    JsonNode peeked = http.get("/queues/q/peek?limit=1").json().at("/deliveries");
    assertThat(peeked.size()).isEqualTo(1);
    assertThat(peeked.at("/0").has("receipt")).isFalse();
    assertThat(peeked.at("/0/body_base64").asString()).isEqualTo("eA==");
    assertThat(receive("q", 10)).hasSize(2);
    assertThat(http.get("/queues/q/peek?limit=0").at("/field")).isEqualTo("limit");
  }

  @Test
  void aClientThatLeavesWhileItWaitsGetsNothing() {
    RawClient client = new RawClient(served.api.port());
    String body = "{\"wait\":\"60s\"}";
    client.send(
        "POST /queues/q/receive HTTP/1.1\nHost: localhost\nContent-Length: "
            + body.length()
            + "\n\n"
            + body);
    Soon.until("the waiter", () -> inFlight() > 0);
    client.close();
    Soon.until("its end", () -> inFlight() == 0);
    message("q", "x");
    JsonNode delivery = receiveOne("");
    assertThat(delivery.at("/attempt").asInt()).isEqualTo(1);
  }

  @Test
  void aClientThatLeavesBeforeItsAnswerIsWrittenGetsNothing() {
    Message large = Message.of(new byte[200_000]);
    for (int i = 0; i < 50; i++) {
      served.engine.queue("q").send(large);
    }
    RawClient client = new RawClient(served.api.port());
    String body = "{\"max\":50}";
    client.send(
        "POST /queues/q/receive HTTP/1.1\nHost: localhost\nContent-Length: "
            + body.length()
            + "\n\n"
            + body);
    Soon.until("the claim", () -> served.engine.queue("q").stats().processing() == 50);
    client.close();
    Soon.until("the release", () -> served.engine.queue("q").stats().pending() == 50);
    assertThat(served.engine.queue("q").peek(1).getFirst().state().attempts()).isZero();
  }

  @Test
  void aHeaderThatIsGivenTwiceIsRefused() {
    Http.Reply reply =
        http.post("/queues/q/messages", "x", "Afterbay-Key", "a", "Afterbay-Key", "b");
    assertThat(reply.status()).isEqualTo(400);
    assertThat(reply.at("/detail")).contains("twice");
  }

  @Test
  void aSessionIsHeldReceivedRenewedAndClosed() {
    http.post("/queues/q/messages", "1", "Afterbay-Session", "s");
    http.post("/queues/q/messages", "2", "Afterbay-Session", "s");
    Http.Reply accepted =
        http.post("/queues/q/sessions/accept", "{\"session\":null,\"wait\":\"0s\"}");
    assertThat(accepted.status()).isEqualTo(200);
    assertThat(accepted.at("/session")).isEqualTo("s");
    assertThat(Instant.parse(accepted.at("/held_until"))).isAfter(Instant.now());
    Http.Reply locked = http.post("/queues/q/sessions/accept", "{\"session\":\"s\"}");
    assertThat(locked.problem()).isEqualTo("session-locked");
    assertThat(Instant.parse(locked.at("/held_until"))).isAfter(Instant.now());
    assertThat(http.post("/queues/q/sessions/accept", "{}").status()).isEqualTo(204);
    assertThat(receive("q", 1)).isEmpty();

    String token = accepted.at("/token");
    JsonNode mine = receiveOne("\"max\":1,\"session_token\":\"" + token + "\"");
    assertThat(mine.at("/body_base64").asString()).isEqualTo("MQ==");
    settle("q", mine.at("/receipt").asString(), "\"done\"");
    String path = "/queues/q/sessions/" + token;
    assertThat(http.post(path + "/renew", "{\"lease\":\"1h\"}").at("/session")).isEqualTo("s");
    assertThat(http.get(path).at("/token")).isEqualTo(token);
    assertThat(http.post(path + "/close").status()).isEqualTo(204);

    Http.Reply lost = http.post("/queues/q/receive", "{\"session_token\":\"" + token + "\"}");
    assertThat(lost.status()).isEqualTo(409);
    assertThat(lost.problem()).isEqualTo("session-lost");
    assertThat(http.post(path + "/renew").problem()).isEqualTo("session-lost");
    assertThat(receive("q", 1)).hasSize(1);
  }

  @Test
  void aWaitIsEndedByItsName() throws Exception {
    Thread end =
        Thread.ofVirtual()
            .start(() ->
                Soon.until(
                    "the wait", () -> http.post("/waits/w1/end").at("/affected").equals("1")));
    assertThat(http.post("/queues/q/receive", "{\"wait\":\"60s\",\"wait_id\":\"w1\"}").text())
        .isEqualTo("{\"deliveries\":[]}");
    end.join();
    assertThat(http.post("/waits/w1/end").at("/affected")).isEqualTo("0");
  }
}
