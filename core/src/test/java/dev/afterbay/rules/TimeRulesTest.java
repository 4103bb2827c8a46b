package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.EPOCH;
import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.SETTINGS;
import static dev.afterbay.rules.RuleSamples.TICK;
import static dev.afterbay.rules.RuleSamples.WALL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What time does to jobs; each edge is tried a millisecond before it, at it and after it. */
class TimeRulesTest {

  private static final Duration HOUR = Duration.ofHours(1);

  @ParameterizedTest
  @CsvSource({"-1, false", "0, false", "1, true"})
  void nothingIsDueEarlyByEitherClock(long millisFromNow, boolean isScheduled) {
    Job byTick = RuleSamples.pending(new Due.AtTick(TICK + millisFromNow));
    Job byCalendar = RuleSamples.pending(new Due.At(WALL.plusMillis(millisFromNow)));
    assertThat(TimeRules.isScheduled(byTick, NOW)).isEqualTo(isScheduled);
    assertThat(TimeRules.isScheduled(byCalendar, NOW)).isEqualTo(isScheduled);
    long millisDue = Math.max(0, -millisFromNow);
    if (!isScheduled) {
      assertThat(TimeRules.millisDue(byTick, NOW)).isEqualTo(millisDue);
      assertThat(TimeRules.millisDue(byCalendar, NOW)).isEqualTo(millisDue);
    }
  }

  @Test
  void onlyAPendingJobIsScheduledDueOrExpires() {
    for (Job job : RuleSamples.inEveryState()) {
      Job old = RuleSamples.in(expiring(HOUR), job.status());
      boolean isPending = job.status() instanceof Status.Pending;
      if (!isPending) {
        assertThat(TimeRules.isScheduled(job, NOW)).isFalse();
        assertThat(TimeRules.millisDue(job, NOW)).isZero();
      }
      assertThat(TimeRules.expiry(old)).isEqualTo(isPending ? WALL.plus(HOUR) : null);
    }
  }

  @ParameterizedTest
  @CsvSource({"1, false", "0, true", "-1, true"})
  void aPendingJobExpiresOnceItsTimeToLiveIsOver(long millisLeft, boolean isExpired) {
    Duration timeToLive = HOUR.plusMillis(millisLeft);
    Job due = RuleSamples.in(expiring(timeToLive), new Status.Pending(new Due.AtTick(TICK)));
    var inAnHour = new Moment(WALL.plus(HOUR), TICK + 5);
    assertThat(TimeRules.isOverdue(Overdue.EXPIRED, due, inAnHour, EPOCH)).isEqualTo(isExpired);
    assertThat(TimeRules.millisDue(due, inAnHour)).isEqualTo(isExpired ? 0 : 5);
  }

  @Test
  void aJobThatIsBeingProcessedDoesNotExpireUntilItComesBack() {
    Job processing = RuleSamples.in(expiring(HOUR), RuleSamples.processing().status());
    var muchLater = new Moment(WALL.plus(HOUR).plus(HOUR), TICK);
    assertThat(TimeRules.isOverdue(Overdue.EXPIRED, processing, muchLater, EPOCH)).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"-1, true", "0, true", "1, false"})
  void aLeaseLapsesOnceItsTimeIsOver(long untilFromNow, boolean hasLapsed) {
    Job job = RuleSamples.processing(RuleSamples.lease(TICK + untilFromNow));
    assertThat(TimeRules.isOverdue(Overdue.LAPSED, job, NOW, EPOCH)).isEqualTo(hasLapsed);
  }

  @ParameterizedTest
  @CsvSource({
    // detached, epoch of the store now, orphaned
    "false, 3, false",
    "false, 4, true", // the process of the worker has ended
    "true,  3, false",
    "true,  4, false", // the consumer is elsewhere, and may live
  })
  void afterARestartLeasesOfTheDeadProcessAreOverAndThoseOfRemoteConsumersLive(
      boolean detached, long epoch, boolean isOrphaned) {
    Lease lease = new Lease("w", RuleSamples.FENCE, WALL, TICK + 30_000, detached);
    Job job = RuleSamples.processing(lease);
    assertThat(TimeRules.isOverdue(Overdue.ORPHANED, job, NOW, epoch)).isEqualTo(isOrphaned);
  }

  @Test
  void onlyAJobThatIsBeingProcessedLapsesOrIsOrphaned() {
    for (Job job : RuleSamples.inEveryState()) {
      boolean isProcessing = job.status() instanceof Status.Processing;
      var later = new Moment(WALL, TICK + 60_000);
      assertThat(TimeRules.isOverdue(Overdue.LAPSED, job, later, EPOCH)).isEqualTo(isProcessing);
      assertThat(TimeRules.isOverdue(Overdue.ORPHANED, job, later, EPOCH + 1))
          .isEqualTo(isProcessing);
    }
  }

  @Test
  void aRenewedLeaseIsTheSameLeaseOfTheSameAttempt() {
    Job job = RuleSamples.processing();
    State renewed = TimeRules.renewed(job, TICK + 90_000);
    assertThat(renewed.status()).isEqualTo(new Status.Processing(RuleSamples.lease(TICK + 90_000)));
    assertThat(renewed.version()).isEqualTo(job.state().version());
    assertThat(renewed.attempts()).isEqualTo(job.state().attempts());
    assertThat(renewed.changedAt()).isEqualTo(job.state().changedAt());
  }

  @ParameterizedTest
  @CsvSource({
    // rest of the lease at the opening, lease of the queue, rest after it
    "-5000, 30000, 30000",
    "10000, 30000, 30000",
    "30000, 30000, 30000",
    "40000, 30000, 40000",
  })
  void afterAnOpeningALeaseLastsForOneFullLengthAtLeast(long rest, long length, long after) {
    var settings = SETTINGS.lease(Duration.ofMillis(length));
    long until = TimeRules.untilAfterOpening(RuleSamples.lease(TICK + rest), settings, NOW);
    assertThat(until - TICK).isEqualTo(after);
  }

  @ParameterizedTest
  @CsvSource({"-1, false", "0, false", "1, true"})
  void aKeyIsRememberedUntilItsWindowIsOver(long untilFromNow, boolean isRemembered) {
    long until = WALL.toEpochMilli() + untilFromNow;
    assertThat(TimeRules.isRemembered(until, NOW)).isEqualTo(isRemembered);
  }

  @Test
  void aJobThatIsKeptTellsWhenItEndedAndNoOtherDoes() {
    for (Job job : RuleSamples.inEveryState()) {
      switch (job.status().kind()) {
        case DONE, FAILED, CANCELLED -> assertThat(TimeRules.endedAt(job)).isEqualTo(WALL);
        case PENDING, WAITING, PROCESSING, GONE ->
            assertThatIllegalStateException()
                .isThrownBy(() -> TimeRules.endedAt(job))
                .withMessageContaining("is not kept as ended");
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"-1, false", "0, false", "1, true"})
  void whatEndedIsForgottenOnceItsRetentionIsOver(long beforeFromItsEnd, boolean isForgotten) {
    for (Job job : RuleSamples.inEveryState()) {
      Status.Kind kind = job.status().kind();
      boolean isKept =
          kind == Status.Kind.DONE || kind == Status.Kind.FAILED || kind == Status.Kind.CANCELLED;
      if (isKept || !kind.isFinal()) {
        assertThat(TimeRules.isForgotten(forget("q", kind, beforeFromItsEnd), job))
            .as(kind.toString())
            .isEqualTo(isKept && isForgotten);
      }
    }
  }

  @Test
  void onlyJobsOfThatQueueAndThatEndAreForgotten() {
    Job failed = RuleSamples.failed();
    assertThat(TimeRules.isForgotten(forget("q", Status.Kind.FAILED, 1), failed)).isTrue();
    assertThat(TimeRules.isForgotten(forget("other", Status.Kind.FAILED, 1), failed)).isFalse();
    assertThat(TimeRules.isForgotten(forget("q", Status.Kind.DONE, 1), failed)).isFalse();
  }

  private static Change.Forget forget(String queue, Status.Kind kind, long millisAfterTheEnd) {
    return new Change.Forget(queue, kind, WALL.plusMillis(millisAfterTheEnd), 10);
  }

  private static Job expiring(Duration timeToLive) {
    return RuleSamples.sent(1, RuleSamples.message().timeToLive(timeToLive));
  }
}
