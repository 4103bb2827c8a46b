package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** What is kept of a notification: sns.md 3.1, config.md. */
class StoredEnvelopeTest {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final TestWebhook webhook = TestWebhook.withCertificate();

  @Test
  void secretsAndUnknownFieldsAreLeftOut() throws Exception {
    assertThat(stored(TestMessage.notification().signed().with("UnsubscribeUrl", "secret")))
        .isEqualTo(
            "{\"Type\":\"Notification\",\"MessageId\":\"f7157e87-e5f1-4e8e-92a3-b9629d18e83b\","
                + "\"TopicArn\":\"arn:aws:sns:us-east-1:123456789012:orders\",\"Subject\":\"Hi\","
                + "\"Message\":\"{\\\"order\\\":42}\",\"Timestamp\":\"2026-11-21T00:33:26.060Z\","
                + "\"SignatureVersion\":\"2\"}");
  }

  @Test
  void aMissingSubjectStaysAway() throws Exception {
    assertThat(stored(TestMessage.notification().without("Subject").signed()))
        .doesNotContain("Subject");
  }

  @Test
  void attributesStayInTheirOrderMarkedAsUntrusted() throws Exception {
    Map<String, Object> attributes = new LinkedHashMap<>();
    attributes.put("z", Map.of("Type", "String", "Value", "1\n2"));
    attributes.put("a", Map.of("Type", "Binary", "Value", "AA=="));

    assertThat(stored(TestMessage.notification().signed().with("MessageAttributes", attributes)))
        .endsWith(
            "\"MessageAttributes\":{\"z\":{\"Type\":\"String\",\"Value\":\"1\\n2\"},"
                + "\"a\":{\"Type\":\"Binary\",\"Value\":\"AA==\"}},"
                + "\"Untrusted\":[\"MessageAttributes\"]}");
  }

  @Test
  void everyCharacterComesThroughUnchanged() throws Exception {
    StringBuilder all = new StringBuilder("\t\n\r");
    for (int point = 0x20; point <= 0x10FFFF; point += point < 0x3000 ? 1 : 97) {
      if ((point < 0xD800 || point > 0xDFFF) && (point < 0xFFFE || point > 0xFFFF)) {
        all.appendCodePoint(point);
      }
    }
    String message = all.toString();

    String stored = stored(TestMessage.notification().with("Message", message).signed());

    JsonNode read = JSON.readTree(stored);
    assertThat(read.get("Message").asString()).isEqualTo(message);
    assertThat(read.get("Timestamp").asString()).isEqualTo(TestMessage.TIME);
  }

  @Test
  void theTimeKeepsItsMilliseconds() throws Exception {
    String time = "2026-11-21T00:33:00.000Z";
    assertThat(stored(TestMessage.notification().with("Timestamp", time).signed())).contains(time);
  }

  private String stored(TestMessage message) throws Exception {
    byte[] body = message.body();
    Verdict.Notification notification = (Verdict.Notification) webhook.post(body, Map.of());
    byte[] stored = notification.storedEnvelope();
    assertThat(stored.length).isLessThan(body.length);
    return new String(stored, StandardCharsets.UTF_8);
  }
}
