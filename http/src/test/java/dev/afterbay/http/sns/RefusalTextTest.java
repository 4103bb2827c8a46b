package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is said of a refused request, in the log and in the answer, is not what it holds. */
class RefusalTextTest {
  private static final String SECRET = "hunter2secret";
  private static final String GOOD = TestMessage.notification().signed().json();

  private final TestWebhook webhook = TestWebhook.withCertificate();

  @ParameterizedTest
  @ValueSource(
      strings = {
        SECRET,
        "'" + SECRET + "'",
        "\"" + SECRET + "\"",
        "\"" + SECRET,
        "[\"" + SECRET + "\"]",
        "{" + SECRET + "}",
        "{'" + SECRET + "':1}",
        "{\"Message\": " + SECRET + "}",
        "{\"Message\": \"" + SECRET,
        "{\"Message\": 1" + SECRET + "}",
        "{\"Message\": \"\\u" + SECRET + "\"}",
        "{\"" + SECRET + "\": 1, \"" + SECRET + "\": 2}",
        "{\"x\": {\"" + SECRET + "\": 1, \"" + SECRET + "\": 2}}",
        "{\"" + SECRET + "\": 1 \"x\": 2}",
        "{\"" + SECRET + "\": \"\\ud800\"}",
        "{\"" + SECRET + "\\u0000\": 1}",
        "{} " + SECRET,
        "{\"MessageAttributes\": {\"" + SECRET + "\": 1}}",
        "{\"MessageAttributes\": {\"" + SECRET + "\": {}}}",
        "{\"MessageAttributes\": {\"a\": {\"Type\": \"" + SECRET + "\\u0001\"}}}",
        "{\"Type\": \"" + SECRET + "\"}",
      })
  void ofABrokenBodyNothingIsQuoted(String body) throws Exception {
    assertThat(texts(refused(body, Map.of()))).noneMatch(it -> it.contains("hunter2"));
  }

  @ParameterizedTest
  @EnumSource(Field.class)
  void ofAFieldNothingIsQuoted(Field field) throws Exception {
    for (String value :
        List.of(
            SECRET,
            "1" + SECRET,
            SECRET + "\u0001",
            "arn:aws:sns:us-east-1:" + SECRET + ":orders",
            TestMessage.TOPIC + " " + SECRET,
            "https://" + SECRET + "/",
            TestMessage.CERTIFICATE_URL + "?" + SECRET,
            TestMessage.TIME + SECRET)) {
      for (TestMessage message :
          List.of(
              TestMessage.notification().signed(),
              TestMessage.confirmation("SubscriptionConfirmation").signed(),
              TestMessage.confirmation("UnsubscribeConfirmation").signed())) {
        Verdict verdict =
            webhook.post(message.with(field.text(), value).body(), Map.of("x-amz-sns-x", SECRET));
        if (verdict instanceof Verdict.Refused refused) {
          assertThat(texts(refused)).noneMatch(it -> it.contains("hunter2"));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x-amz-sns-message-type", "x-amz-sns-message-id", "x-amz-sns-topic-arn"})
  void ofAHeaderNothingIsQuoted(String header) throws Exception {
    Verdict.Refused refused = refused(GOOD, Map.of(header, SECRET));
    assertThat(refused.code()).isEqualTo("header-mismatch:" + header);
    assertThat(texts(refused)).noneMatch(it -> it.contains("hunter2"));
  }

  /** Enough to find the place in what the sender has. */
  @Test
  void ofBrokenJsonThePlaceAndTheKindAreSaid() throws Exception {
    assertThat(refused("{\n  \"Message\": " + SECRET + "}", Map.of()).detail())
        .isEqualTo("not JSON, at line 2, column 14");
    assertThat(refused("{\"a\": 1,\n \"a\": 2}", Map.of()).detail())
        .startsWith("a name is there twice, at line 2, column ");
    assertThat(refused("{\"a\": \"x", Map.of()).detail()).startsWith("it ends in its middle, at ");
    assertThat(refused("{\"a\": " + "[".repeat(20), Map.of()).detail())
        .startsWith("nested deeper than 16 levels, or a name or number is too long");
  }

  /** An operator must know which topic is missing, and which message to look for. */
  @Test
  void anArnAndAnIdAreNamed() throws Exception {
    String other = "arn:aws:sns:us-east-1:123456789012:others";
    TestMessage message = TestMessage.notification();
    assertThat(refused(message.with("TopicArn", other).signed().json(), Map.of()).detail())
        .contains(other);
    String forged = TestMessage.notification().signed().with("Message", SECRET).json();
    assertThat(refused(forged, Map.of()).detail()).contains(TestMessage.ID);
    String elsewhere = TestMessage.notification().with("SigningCertURL", "https://x/").json();
    assertThat(refused(elsewhere.replaceFirst("\\{", "{\"Signature\":\"\","), Map.of()).detail())
        .contains(TestMessage.ID);
  }

  private static List<String> texts(Verdict.Refused refused) {
    return Stream.of(refused.code(), refused.detail()).toList();
  }

  private Verdict.Refused refused(String body, Map<String, String> headers) throws Exception {
    return (Verdict.Refused) webhook.post(body.getBytes(StandardCharsets.UTF_8), headers);
  }
}
