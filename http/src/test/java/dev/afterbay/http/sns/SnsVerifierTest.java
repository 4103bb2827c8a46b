package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What a verdict contains, and which fault is found first: sns.md 3 to 3.3. */
class SnsVerifierTest {
  private final TestWebhook webhook = TestWebhook.withCertificate();

  @Test
  void aNotificationTellsEverything() throws Exception {
    TestMessage message =
        TestMessage.notification()
            .with("SignatureVersion", "1")
            .signed()
            .with("MessageAttributes", Map.of("a", Map.of("Type", "Number", "Value", "1")));
    String subscription = TestMessage.TOPIC + ":2bcfbf39-05c3-41de-beaa-fcfcc21c8f55";

    Verdict verdict =
        webhook.post(message.body(), Map.of("x-amz-sns-subscription-arn", subscription));

    assertThat(verdict)
        .isEqualTo(
            new Verdict.Notification(
                SnsTopic.of(TestMessage.TOPIC),
                TestMessage.ID,
                "Hi",
                "{\"order\":42}",
                Instant.parse(TestMessage.TIME),
                1,
                Map.of("a", new UntrustedAttribute("Number", "1")),
                subscription));
  }

  @Test
  void theKeyIsTopicAndMessage() throws Exception {
    Verdict.Notification it =
        (Verdict.Notification) webhook.post(TestMessage.notification().signed());

    assertThat(it.key())
        .isEqualTo(
            "arn:aws:sns:us-east-1:123456789012:orders/f7157e87-e5f1-4e8e-92a3-b9629d18e83b");
  }

  @Test
  void theLongestNameOfATopicStillMakesAKey() throws Exception {
    String arn = TestMessage.TOPIC.replace("orders", "x".repeat(256));
    String other = TestMessage.TOPIC.replace("orders", "x".repeat(255) + "y");
    webhook.topics = List.of(SnsTopic.of(arn), SnsTopic.of(other));
    String key = ((Verdict.Notification) webhook.post(of(arn))).key();

    assertThat(key).startsWith("sha256:").endsWith("/" + TestMessage.ID).hasSizeLessThan(257);
    assertThat(((Verdict.Notification) webhook.post(of(other))).key()).isNotEqualTo(key);
    String longest = TestMessage.TOPIC.replace("orders", "x".repeat(184));
    webhook.topics = List.of(SnsTopic.of(longest));
    assertThat(((Verdict.Notification) webhook.post(of(longest))).key())
        .isEqualTo(longest + "/" + TestMessage.ID)
        .hasSize(256);
  }

  private static TestMessage of(String arn) {
    return TestMessage.notification().with("TopicArn", arn).signed();
  }

  @Test
  void theSubscriptionOfAnotherTopicIsNotBelieved() throws Exception {
    for (String header :
        List.of("x", TestMessage.TOPIC, TestMessage.TOPIC + "s:" + TestMessage.ID, "")) {
      Verdict verdict =
          webhook.post(
              TestMessage.notification().signed().body(),
              Map.of("x-amz-sns-subscription-arn", header));
      assertThat(verdict)
          .isInstanceOfSatisfying(
              Verdict.Notification.class, it -> assertThat(it.subscriptionArn()).isNull());
    }
  }

  @Test
  void aConfirmationBringsTheComputedUrlAndHidesIt() throws Exception {
    Verdict verdict = webhook.post(TestMessage.confirmation("SubscriptionConfirmation").signed());

    assertThat(verdict)
        .isInstanceOfSatisfying(
            Verdict.Confirmation.class,
            it -> {
              assertThat(it.confirmUrl())
                  .isEqualTo(TestMessage.confirmUrl(TestMessage.TOPIC, TestMessage.TOKEN));
              assertThat(it.token()).isEqualTo(TestMessage.TOKEN);
              assertThat(it.topic().autoConfirm()).isTrue();
            });
    assertThat(verdict.toString()).doesNotContain(TestMessage.TOKEN, "https");
  }

  @Test
  void anEndedSubscriptionIsNotVisited() throws Exception {
    Verdict verdict = webhook.post(TestMessage.confirmation("UnsubscribeConfirmation").signed());

    assertThat(verdict).isInstanceOf(Verdict.Unsubscribed.class);
    assertThat(verdict.toString()).doesNotContain(TestMessage.TOKEN, "https");
    assertThat(webhook.web.asked()).containsExactly(TestMessage.CERTIFICATE_URL);
  }

  @Test
  void rawDeliveryIsRefusedWhateverTheBodyHolds() throws Exception {
    for (byte[] body :
        List.of(new byte[0], new byte[] {-1}, TestMessage.notification().signed().body())) {
      assertThat(webhook.post(body, Map.of("x-amz-sns-rawdelivery", "true")))
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              it -> {
                assertThat(TestWebhook.brief(it)).isEqualTo("403 raw-unsigned");
                assertThat(it.detail()).contains("RawMessageDelivery");
              });
    }
    assertThat(webhook.web.asked()).isEmpty();
  }

  @Test
  void rawDeliveryInDisguiseGetsTheSameHint() throws Exception {
    for (String body : List.of("order 42", "42", "[1]", "{\"order\":42}", "")) {
      assertThat(webhook.post(body.getBytes(StandardCharsets.UTF_8), Map.of()))
          .isInstanceOfSatisfying(
              Verdict.Refused.class,
              it -> assertThat(it.detail()).as(body).contains("raw message delivery"));
    }
    assertThat(webhook.post("{\"Type\":".getBytes(StandardCharsets.UTF_8), Map.of()))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            it -> assertThat(it.detail()).doesNotContain("raw message", "[Source"));
  }

  @Test
  void theSizeComesBeforeRawDelivery() throws Exception {
    assertThat(
            TestWebhook.brief(
                webhook.post(new byte[(2 << 20) + 1], Map.of("x-amz-sns-rawdelivery", "true"))))
        .isEqualTo("413 body-too-large");
  }

  @Test
  void headersMustSayWhatTheBodySays() throws Exception {
    byte[] body = TestMessage.notification().signed().body();
    for (String name :
        List.of("x-amz-sns-message-type", "x-amz-sns-message-id", "x-amz-sns-topic-arn")) {
      assertThat(TestWebhook.brief(webhook.post(body, Map.of(name, "x"))))
          .isEqualTo("400 header-mismatch:" + name);
      assertThat(TestWebhook.brief(webhook.post(body, Map.of(name, ""))))
          .isEqualTo("400 header-mismatch:" + name);
    }
    assertThat(
            TestWebhook.brief(
                webhook.post(
                    body,
                    Map.of(
                        "x-amz-sns-message-type", "Notification",
                        "x-amz-sns-message-id", TestMessage.ID,
                        "x-amz-sns-topic-arn", TestMessage.TOPIC,
                        "content-type", "image/png",
                        "x-amz-sns-rawdelivery", "false"))))
        .isEqualTo("200");
  }

  @Test
  void theFirstFaultInTheOrderOfChecksDecides() throws Exception {
    TestMessage all =
        TestMessage.confirmation("SubscriptionConfirmation")
            .with("TopicArn", TestMessage.TOPIC + "x")
            .with("SignatureVersion", "3")
            .with("SigningCertURL", "https://evil/")
            .with("SubscribeURL", "https://evil/")
            .with("Signature", "!")
            .with("Timestamp", "x");
    Map<String, String> headers = Map.of("x-amz-sns-message-id", "x");

    assertThat(brief(all, headers)).isEqualTo("400 bad-timestamp");
    all.with("Timestamp", "2020-01-01T00:00:00.000Z");
    assertThat(brief(all, headers)).isEqualTo("400 header-mismatch:x-amz-sns-message-id");
    assertThat(brief(all, Map.of())).isEqualTo("403 topic-not-allowed");
    all.with("TopicArn", TestMessage.TOPIC);
    assertThat(brief(all, Map.of())).isEqualTo("400 bad-signature-version");
    all.with("SignatureVersion", "2");
    assertThat(brief(all, Map.of())).isEqualTo("403 bad-cert-url");
    all.with("SigningCertURL", TestMessage.CERTIFICATE_URL.replace("abc", "000"));
    assertThat(brief(all, Map.of())).isEqualTo("403 bad-subscribe-url");
    all.with("SubscribeURL", TestMessage.confirmUrl(TestMessage.TOPIC, TestMessage.TOKEN));
    assertThat(brief(all, Map.of())).isEqualTo("400 bad-base64");
    all.with("Signature", "A".repeat(342) + "==");
    assertThat(webhook.web.asked()).isEmpty();
    assertThat(brief(all, Map.of())).isEqualTo("503 cert-unavailable");
    all.with("SigningCertURL", TestMessage.CERTIFICATE_URL);
    assertThat(brief(all, Map.of())).isEqualTo("403 bad-signature");
    assertThat(brief(all.signed(), Map.of())).isEqualTo("400 stale");
    all.with("Timestamp", TestMessage.TIME).signed();
    assertThat(brief(all, Map.of())).isEqualTo("200");
  }

  @Test
  void aVersionOneOnATopicThatRequiresTwoIsRefused() throws Exception {
    webhook.topics = List.of(new SnsTopic(TestMessage.TOPIC, 2, true, null));

    assertThat(webhook.answer(TestMessage.notification().with("SignatureVersion", "1").signed()))
        .isEqualTo("403 signature-v1-not-allowed");
    assertThat(webhook.web.asked()).isEmpty();
    assertThat(webhook.answer(TestMessage.notification().signed())).isEqualTo("200");
  }

  @Test
  void anUnknownTopicMayBeToldToComeAgain() throws Exception {
    TestMessage message = TestMessage.notification().signed();
    webhook.topics = List.of();
    assertThat(webhook.post(message))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            it -> {
              assertThat(it.status()).isEqualTo(403);
              assertThat(it.topicArn()).isEqualTo(TestMessage.TOPIC);
              assertThat(it.detail()).contains(TestMessage.TOPIC);
              assertThat(it.retryAfter()).isNull();
            });

    webhook.settings = new SnsSettings(Duration.ofDays(1), Duration.ZERO, 1_000_000, 503);
    assertThat(webhook.post(message))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            it -> {
              assertThat(TestWebhook.brief(it)).isEqualTo("503 topic-not-allowed");
              assertThat(it.retryAfter()).isPositive();
            });
    assertThat(webhook.web.asked()).isEmpty();
  }

  @Test
  void aWrongClockOfOursIsNotFinalAndRaisesAnAlarm() throws Exception {
    webhook.now = webhook.now.minus(Duration.ofDays(1));

    assertThat(webhook.post(TestMessage.notification().signed()))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            it -> {
              assertThat(TestWebhook.brief(it)).isEqualTo("503 clock-skew");
              assertThat(it.alarm()).isTrue();
              assertThat(it.retryAfter()).isPositive();
            });
  }

  @Test
  void theContentAtFaultIsFinalAndRaisesNoAlarm() throws Exception {
    assertThat(webhook.post(TestMessage.notification().signed().with("Message", "forged")))
        .isInstanceOfSatisfying(
            Verdict.Refused.class,
            it -> {
              assertThat(it.alarm()).isFalse();
              assertThat(it.retryAfter()).isNull();
            });
  }

  @Test
  void otherHostsAndNamesComeFromTheTopic() throws Exception {
    String arn = "arn:aws-cn:sns:cn-north-1:123456789012:orders";
    String url = TestMessage.CERTIFICATE_URL.replace("us-east-1.amazonaws.com", "example.org");
    TestMessage message =
        TestMessage.notification().with("TopicArn", arn).with("SigningCertURL", url).signed();
    webhook.topics = List.of(new SnsTopic(arn, 1, true, "sns.example.org"));
    webhook.web.serving(
        url,
        TestCertificate.named("sns-cn-north-1.amazonaws.com.cn")
            .pem(TestCertificate.rsa().getPublic()));

    assertThat(webhook.answer(message)).isEqualTo("200");
    webhook.topics = List.of(SnsTopic.of(arn));
    assertThat(webhook.answer(message)).isEqualTo("403 bad-cert-url");
  }

  @Test
  void atOnceGivesUpOnlyWhereItWouldHaveToWait() throws Exception {
    TestMessage good = TestMessage.notification().signed();

    assertThat(TestWebhook.brief(webhook.postAtOnce(good))).isEqualTo("later");
    assertThat(TestWebhook.brief(webhook.postAtOnce(TestMessage.notification())))
        .isEqualTo("400 missing:Signature");
    assertThat(webhook.web.asked()).isEmpty();
    assertThat(webhook.answer(good)).isEqualTo("200");
    assertThat(TestWebhook.brief(webhook.postAtOnce(good))).isEqualTo("200");
  }

  private String brief(TestMessage message, Map<String, String> headers) throws Exception {
    return TestWebhook.brief(webhook.post(message.body(), headers));
  }
}
