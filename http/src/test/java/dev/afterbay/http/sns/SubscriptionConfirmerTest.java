package dev.afterbay.http.sns;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** sns.md 3.1. */
class SubscriptionConfirmerTest {
  private static final Duration PLENTY = Duration.ofSeconds(9);
  private static final String URL = TestMessage.confirmUrl(TestMessage.TOPIC, TestMessage.TOKEN);
  private static final String SUBSCRIPTION = TestMessage.TOPIC + ":" + TestMessage.ID;
  private static final Verdict.Confirmation CONFIRMATION =
      new Verdict.Confirmation(
          SnsTopic.of(TestMessage.TOPIC), TestMessage.ID, Instant.EPOCH, TestMessage.TOKEN, URL);

  private final FakeWeb web = new FakeWeb();
  private final SubscriptionConfirmer confirmer = new SubscriptionConfirmer(web);

  @Test
  void theComputedUrlIsVisitedOnceAndTheArnRead() throws Exception {
    web.serving(URL, answer(SUBSCRIPTION));

    assertThat(confirmer.confirm(CONFIRMATION, PLENTY))
        .isEqualTo(new SubscriptionConfirmer.Result.Confirmed(SUBSCRIPTION));
    assertThat(web.asked()).containsExactly(URL);
  }

  @Test
  void onlyStatus200Counts() throws Exception {
    for (int status : List.of(201, 204, 301, 302, 400, 403, 404, 500, 503)) {
      web.answering(URL, new OutgoingGet.Answer.Status(status));
      assertFailed(confirmer.confirm(CONFIRMATION, PLENTY));
    }
  }

  @Test
  void noAnswerAndATooLongOneAreFailures() throws Exception {
    assertFailed(confirmer.confirm(CONFIRMATION, PLENTY));
    web.serving(URL, "x".repeat(SubscriptionConfirmer.ANSWER_BYTES_MAX + 1));
    assertFailed(confirmer.confirm(CONFIRMATION, PLENTY));
  }

  @Test
  void aFailureSaysNothingSecret() throws Exception {
    assertThat(confirmer.confirm(CONFIRMATION, PLENTY).toString())
        .doesNotContain(TestMessage.TOKEN);
  }

  @Test
  void withoutTimeNothingIsVisited() throws Exception {
    assertFailed(confirmer.confirm(CONFIRMATION, Duration.ZERO));
    assertThat(web.asked()).isEmpty();
  }

  @Test
  void anAnswerWithoutAnArnOfTheTopicIsStillAConfirmation() throws Exception {
    for (String body :
        List.of(
            "",
            "ok",
            answer("pending confirmation"),
            answer("arn:aws:sns:us-east-1:1:x:y"),
            answer("<!ENTITY x SYSTEM 'file:///etc/passwd'>&x;"),
            "<SubscriptionArn>" + " ".repeat(50_000))) {
      web.serving(URL, body);
      assertThat(confirmer.confirm(CONFIRMATION, PLENTY))
          .isEqualTo(new SubscriptionConfirmer.Result.Confirmed(null));
    }
  }

  @Test
  void atMostFiveSecondsAreGiven() throws Exception {
    OutgoingGet checking =
        (url, bytesMax, atMost) -> {
          assertThat(atMost).isBetween(Duration.ofMillis(1), Duration.ofSeconds(5));
          return new OutgoingGet.Answer.Ok("");
        };
    SubscriptionConfirmer limited = new SubscriptionConfirmer(checking);
    limited.confirm(CONFIRMATION, PLENTY);
    limited.confirm(CONFIRMATION, Duration.ofMillis(1));
  }

  @Test
  void anEndedSubscriptionIsTakenBackOnlyWhenAsked() throws Exception {
    web.serving(URL, answer(SUBSCRIPTION));
    Verdict.Unsubscribed ended =
        new Verdict.Unsubscribed(
            SnsTopic.of(TestMessage.TOPIC),
            TestMessage.ID,
            Instant.EPOCH,
            "You have chosen to deactivate",
            TestMessage.TOKEN,
            URL,
            null);

    assertThat(confirmer.resubscribe(ended, PLENTY))
        .isEqualTo(new SubscriptionConfirmer.Result.Confirmed(SUBSCRIPTION));
  }

  private static void assertFailed(SubscriptionConfirmer.Result result) {
    assertThat(result)
        .isInstanceOfSatisfying(
            SubscriptionConfirmer.Result.Failed.class,
            it -> assertThat(TestWebhook.brief(it.answer())).isEqualTo("503 confirm-failed"));
  }

  private static String answer(String arn) {
    return "<ConfirmSubscriptionResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\n"
        + "  <ConfirmSubscriptionResult>\n    <SubscriptionArn>"
        + arn
        + "</SubscriptionArn>\n  </ConfirmSubscriptionResult>\n"
        + "</ConfirmSubscriptionResponse>";
  }
}
