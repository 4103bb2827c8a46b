package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Delivery;
import dev.afterbay.Message;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

class PayloadTest {

  private static final String ENVELOPE =
      """
      {"Type":"Notification","MessageId":"22b80b92","TopicArn":"arn:aws:sns:us-west-2:1:T",\
      "Subject":"Hi","Message":"%s","Timestamp":"2026-11-21T12:00:00.000Z",\
      "MessageAttributes":{"n":{"Type":"Number","Value":"1e2"}}}\
      """;

  private final Work work = new Work();

  @AfterEach
  void close() {
    work.close();
  }

  @Test
  void aMessageIsTheBodyWithItsContentType() {
    Message message = Message.of("a", new byte[] {0, (byte) 0xff}).contentType("image/x-odd");
    Payload.Content content = content(Payload.MESSAGE, message);
    assertThat(content.type()).isEqualTo("image/x-odd");
    assertThat(content.bytes()).containsExactly(0, 0xff);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {\\"a\\":1}    | application/json
          [1, 2]         | application/json
          hello          | text/plain; charset=utf-8
          42             | text/plain; charset=utf-8
          true           | text/plain; charset=utf-8
          {\\"a\\":1     | text/plain; charset=utf-8
          {} and more    | text/plain; charset=utf-8
          """)
  void theMessageOfAnSnsJobIsJsonIfItIsAnObjectOrArray(String message, String type) {
    Message sns = Work.sns(ENVELOPE.formatted(message));
    Payload.Content content = content(Payload.MESSAGE, sns);
    assertThat(content.type()).isEqualTo(type);
    assertThat(text(content)).isEqualTo(message.replace("\\\"", "\""));
  }

  @Test
  void theEnvelopeOfAnSnsJobIsSentAsItIsStored() {
    Message sns = Work.sns(ENVELOPE.formatted("hello"));
    Payload.Content content = content(Payload.ENVELOPE, sns);
    assertThat(content.type()).isEqualTo("application/json");
    assertThat(content.bytes()).isEqualTo(sns.body());
  }

  @Test
  void theEnvelopeOfAJobHasTheNamesOfTheJobsApi() {
    Message message =
        Message.of("order", "{\"n\": 1.50}")
            .contentType("application/json; charset=utf-8")
            .attributes(Map.of("tenant", "ü"))
            .session("s")
            .key("k");
    Delivery delivery = work.delivery(message);
    Payload.Content content = Payload.ENVELOPE.of(delivery, null);
    JsonNode json = PayloadJson.MAPPER.readTree(content.bytes());
    assertThat(content.type()).isEqualTo("application/json");
    assertThat(text(content)).contains("\"payload\":{\"n\": 1.50}");
    assertThat(json.get("id").stringValue()).isEqualTo(delivery.job().id().toString());
    assertThat(json.get("job_type").stringValue()).isEqualTo("order");
    assertThat(json.get("queue").stringValue()).isEqualTo("orders");
    assertThat(json.get("status").stringValue()).isEqualTo("processing");
    assertThat(json.get("attempts").intValue()).isEqualTo(1);
    assertThat(json.get("last_error").isNull()).isTrue();
    assertThat(json.get("priority").intValue()).isEqualTo(4);
    assertThat(json.get("session").stringValue()).isEqualTo("s");
    assertThat(json.get("key").stringValue()).isEqualTo("k");
    assertThat(json.get("attributes").get("tenant").stringValue()).isEqualTo("ü");
    for (String time : List.of("created_at", "updated_at", "processing_started_at")) {
      assertThat(json.get(time).stringValue())
          .as(time)
          .matches("\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{3}Z");
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"{\"broken\"", "", "{} {}", "\u00a0"})
  void aBodyThatIsNotTheJsonItSaysIsSentAsBytes(String body) {
    Message message = Message.of("order", body).contentType("application/json");
    JsonNode json = PayloadJson.MAPPER.readTree(content(Payload.ENVELOPE, message).bytes());
    assertThat(json.has("payload")).isFalse();
    assertThat(json.get("content_type").stringValue()).isEqualTo("application/json");
    assertThat(json.get("body_base64").binaryValue()).isEqualTo(message.body());
    assertThat(json.get("session").isNull()).isTrue();
  }

  @Test
  void aCloudEventHasItsDataInTheFormThatFits() {
    JsonNode json = event(Message.of("a", "[1]").contentType("application/vnd.x+json"));
    assertThat(json.get("data").get(0).intValue()).isEqualTo(1);
    JsonNode text = event(Message.of("a", "hellö"));
    assertThat(text.get("data").stringValue()).isEqualTo("hellö");
    JsonNode bytes = event(Message.of("a", new byte[] {(byte) 0xff}).contentType("text/plain"));
    assertThat(bytes.has("data")).isFalse();
    assertThat(bytes.get("data_base64").binaryValue()).containsExactly(0xff);
  }

  @Test
  void aCloudEventOfAJobIsFromItsQueue() {
    Delivery delivery = work.delivery(Message.of("order.created", "x"));
    Payload.Content content = Payload.CLOUDEVENTS.of(delivery, null);
    JsonNode json = PayloadJson.MAPPER.readTree(content.bytes());
    assertThat(content.type()).isEqualTo("application/cloudevents+json; charset=utf-8");
    assertThat(json.get("specversion").stringValue()).isEqualTo("1.0");
    assertThat(json.get("id").stringValue()).isEqualTo(delivery.job().id().toString());
    assertThat(json.get("source").stringValue()).isEqualTo("/queues/orders");
    assertThat(json.get("type").stringValue()).isEqualTo("order.created");
    assertThat(json.get("datacontenttype").stringValue()).isEqualTo(Message.TEXT);
    assertThat(json.has("time")).isTrue();
  }

  @Test
  void aCloudEventOfAnSnsJobIsMappedAsTheAdapterSays() {
    Message sns = Work.sns(ENVELOPE.formatted("hello"));
    JsonNode json = PayloadJson.MAPPER.readTree(content(Payload.CLOUDEVENTS, sns).bytes());
    assertThat(json.get("id").stringValue()).isEqualTo("22b80b92");
    assertThat(json.get("source").stringValue()).isEqualTo("arn:aws:sns:us-west-2:1:T");
    assertThat(json.get("type").stringValue()).isEqualTo("com.amazonaws.sns.Notification");
    assertThat(json.get("subject").stringValue()).isEqualTo("Hi");
    assertThat(json.get("time").stringValue()).isEqualTo("2026-11-21T12:00:00.000Z");
    assertThat(json.get("datacontenttype").stringValue()).isEqualTo("application/json");
    assertThat(json.get("data")).isEqualTo(PayloadJson.MAPPER.readTree(sns.body()));
  }

  @Test
  void jsonThatTheHttpApiWouldNotReadIsHandedOnAsBytes() {
    String deepest = "[".repeat(64) + "]".repeat(64);
    String longest = "{\"" + "n".repeat(1_024) + "\":1}";
    for (String body : List.of(deepest, longest)) {
      Message taken = Message.of("order", body).contentType("application/json");
      assertThat(text(content(Payload.ENVELOPE, taken))).contains("\"payload\":" + body);
      assertThat(text(content(Payload.CLOUDEVENTS, taken))).contains("\"data\":" + body);
    }
    for (String body : List.of("[" + deepest + "]", longest.replace("n\"", "nn\""))) {
      Message deeper = Message.of("order", body).contentType("application/json");
      String base64 = Base64.getEncoder().encodeToString(deeper.body());
      assertThat(text(content(Payload.ENVELOPE, deeper))).contains("\"body_base64\":\"" + base64);
      assertThat(text(content(Payload.CLOUDEVENTS, deeper)))
          .contains("\"data_base64\":\"" + base64);
      assertThat(content(Payload.MESSAGE, deeper).bytes()).isEqualTo(deeper.body());
    }
  }

  @Test
  void aCloudEventLeavesOutWhatItMayNotHaveAsItIs() {
    String envelope = ENVELOPE.replace("\"Hi\"", "\"\"").replace(".000Z", "");
    Message sns = Work.sns(envelope.formatted("hello"));
    JsonNode json = PayloadJson.MAPPER.readTree(content(Payload.CLOUDEVENTS, sns).bytes());
    assertThat(json.has("subject")).isFalse();
    assertThat(json.has("time")).isFalse();
    for (String time : List.of(":00Z", ":00:00+01:00:30")) {
      Message odd = Work.sns(ENVELOPE.replace(":00:00.000Z", time).formatted("hello"));
      assertThat(text(content(Payload.CLOUDEVENTS, odd))).doesNotContain("\"time\"");
    }
    Message nameless = Work.sns(envelope.replace("22b80b92", "").formatted("hello"));
    JsonNode other = PayloadJson.MAPPER.readTree(content(Payload.CLOUDEVENTS, nameless).bytes());
    assertThat(other.get("source").stringValue()).isEqualTo("/queues/orders");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "not json",
        "{}",
        "[]",
        "{\"Type\":\"Notification\",\"MessageId\":\"m\",\"TopicArn\":\"t\"}",
        "{\"Type\":\"Notification\",\"MessageId\":1,\"TopicArn\":\"t\",\"Message\":\"x\"}"
      })
  void aJobOfTheTypeSnsThatIsNoEnvelopeIsAnOrdinaryOne(String body) {
    Message message = Work.sns(body);
    assertThat(content(Payload.MESSAGE, message).bytes()).isEqualTo(message.body());
    assertThat(event(message).get("source").stringValue()).isEqualTo("/queues/orders");
  }

  private JsonNode event(Message message) {
    return PayloadJson.MAPPER.readTree(content(Payload.CLOUDEVENTS, message).bytes());
  }

  private Payload.Content content(Payload payload, Message message) {
    Delivery delivery = work.delivery(message);
    return payload.of(delivery, SnsEnvelope.in(message).orElse(null));
  }

  private static String text(Payload.Content content) {
    return new String(content.bytes(), StandardCharsets.UTF_8);
  }
}
