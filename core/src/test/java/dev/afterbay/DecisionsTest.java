package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.worker.BreakerSettings;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What applies where nobody says otherwise: the table "Decisions" of model.md. */
class DecisionsTest {

  private static final QueueSettings SETTINGS = QueueSettings.STANDARD;

  @Test
  void aJobHasThreeAttempts() {
    assertThat(SETTINGS.maxAttempts()).isEqualTo(3);
    assertThat(SETTINGS.giveUpAfter()).isNull();
  }

  @Test
  void aLeaseIsThirtySeconds() {
    assertThat(SETTINGS.lease()).isEqualTo(Duration.ofSeconds(30));
  }

  @Test
  void theBackoffBeginsWithASecondTimesFiveUpToFiveMinutesWithAJitterOfAFifth() {
    assertThat(SETTINGS.backoff())
        .isEqualTo(new RetryPolicy(Duration.ofSeconds(1), 5, Duration.ofSeconds(300), 0.2));
  }

  @Test
  void aBreakerOpensAfterFiveFailuresForThirtySecondsAndClosesAfterThreeSuccesses() {
    assertThat(BreakerSettings.STANDARD)
        .isEqualTo(new BreakerSettings(5, Duration.ofSeconds(30), 3));
  }

  @Test
  void whatIsDoneIsKeptForADayIfItIsTrackedElseNotAtAllAndDeadLettersForAMonth() {
    Message plain = Message.of("note", "hello");
    assertThat(SETTINGS.retention().doneOf(plain.options())).isZero();
    assertThat(SETTINGS.retention().doneOf(plain.tracked().options()))
        .isEqualTo(Duration.ofHours(24));
    assertThat(SETTINGS.retention().failed()).isEqualTo(Duration.ofDays(30));
  }

  @Test
  void aKeyIsRememberedForFiveMinutes() {
    assertThat(SETTINGS.dedupWindow()).isEqualTo(Duration.ofMinutes(5));
  }

  @Test
  void aQueueDeliversAtLeastOnceByPriorityAndHasNoLimitOfDepth() {
    assertThat(SETTINGS.delivery()).isEqualTo(QueueSettings.DeliveryMode.AT_LEAST_ONCE);
    assertThat(SETTINGS.order()).isEqualTo(QueueSettings.Order.PRIORITY);
    assertThat(SETTINGS.depthMax()).isNull();
    assertThat(SETTINGS.timeToLive()).isNull();
  }

  @Test
  void thePriorityIsFourOfNine() {
    assertThat(Message.of("note", "hello").options().priority()).isEqualTo(4);
    assertThat(Message.PRIORITY_MAX).isEqualTo(9);
  }

  @Test
  void theLimitsAreThoseOfTheModel() {
    assertThat(Limits.STANDARD.bodyBytesMax()).isEqualTo(1 << 20);
    assertThat(Limits.BODY_BYTES_MAX).isEqualTo(64 << 20);
    assertThat(Message.ATTRIBUTES_MAX).isEqualTo(64);
    assertThat(Limits.STANDARD.attributesBytesMax()).isEqualTo(64 << 10);
    assertThat(Limits.STANDARD.batchMessagesMax()).isEqualTo(1_000);
    assertThat(Limits.STANDARD.batchBytesMax()).isEqualTo(16 << 20);
    assertThat(Job.HISTORY_MAX).isEqualTo(32);
    assertThat(Outcome.REASON_CHARS_MAX).isEqualTo(2_048);
  }

  @Test
  void aTypeIsOneTo128LettersDigitsDotsLinesAndHyphensAndNotOnlyDots() {
    for (String good : List.of("a", "A.b_c-9", "x".repeat(128))) {
      assertThat(Message.of(good, "hello").type()).isEqualTo(good);
    }
    for (String bad : List.of("", ".", "..", "a b", "ä", "a/b", "x".repeat(129))) {
      assertThatExceptionOfType(BrokerException.Rejected.class)
          .as(bad)
          .isThrownBy(() -> Message.of(bad, "hello"));
    }
  }

  @Test
  void theWordsOfEventsAreThoseOfTheModelAndThoseOfSubscriptionsAndNotes() {
    assertThat(Arrays.stream(Event.Type.values()).map(Event.Type::word))
        .containsExactlyInAnyOrder(
            "enqueued",
            "scheduled",
            "leased",
            "renewed",
            "lapsed",
            "released",
            "retried",
            "done",
            "failed",
            "expired",
            "cancelled",
            "redriven",
            "deleted",
            "session-held",
            "session-freed",
            "queue-paused",
            "queue-resumed",
            "breaker-opened",
            "breaker-half-open",
            "breaker-closed",
            "subscription-confirmed",
            "subscription-ended",
            "progress",
            "logged",
            "checkpoint",
            "result");
  }
}
