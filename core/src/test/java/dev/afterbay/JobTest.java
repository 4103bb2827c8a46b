package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.afterbay.State.Transition;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

/** The transitions of model.md, each as a pure function. */
class JobTest {

  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Moment NOW = new Moment(START, 1_000);
  private static final Moment LATER = new Moment(START.plusSeconds(60), 61_000);
  private static final Lease LEASE = new Lease("w", 7, START, 31_000, false);
  private static final JobId ID = new JobId(new UUID(0x7000, 1L << 63));
  private static final QueueSettings SETTINGS =
      QueueSettings.STANDARD.backoff(
          new RetryPolicy(Duration.ofSeconds(1), 5, Duration.ofSeconds(300), 0));

  private final RandomGenerator random = new SplittableRandom(1);

  @Test
  void aPlainMessageIsDueAtOnce() {
    Job job = pending(message());
    assertThat(job.status()).isEqualTo(new Status.Pending(new Due.AtTick(1_000)));
    assertThat(job.state().version()).isZero();
    assertThat(job.createdAt()).isEqualTo(START);
    assertThat(job.line()).isNull();
  }

  @Test
  void aDelayCountsInTicksAndRoundsUp() {
    Job job = pending(message().delay(Duration.ofNanos(2_000_001)));
    assertThat(job.status()).isEqualTo(new Status.Pending(new Due.AtTick(1_003)));
  }

  @Test
  void aTimeIsOfTheCalendar() {
    Job job = pending(message().notBefore(START.plusSeconds(5)));
    assertThat(job.status()).isEqualTo(new Status.Pending(Due.at(START.plusSeconds(5))));
  }

  @Test
  void aHigherPriorityHasALowerRank() {
    assertThat(pending(message().priority(9)).rank()).isZero();
    assertThat(pending(message()).rank()).isEqualTo(5);
    assertThat(pending(message().priority(0)).rank()).isEqualTo(9);
  }

  @Test
  void theQueueGivesATimeToLiveToMessagesWithoutOne() {
    QueueSettings settings = SETTINGS.timeToLive(Duration.ofMinutes(1));
    Job standard = Job.created(ID, "q", message(), settings, NOW);
    assertThat(standard.expiresAt()).isEqualTo(START.plusSeconds(60));
    Message own = message().timeToLive(Duration.ofSeconds(1));
    assertThat(Job.created(ID, "q", own, settings, NOW).expiresAt())
        .isEqualTo(START.plusSeconds(1));
    assertThat(pending(message()).expiresAt()).isNull();
  }

  @Test
  void aFifoQueueIsOneSessionAndRefusesOthers() {
    QueueSettings fifo = SETTINGS.order(QueueSettings.Order.FIFO);
    assertThat(Job.created(ID, "q", message(), fifo, NOW).line()).isEmpty();
    assertThat(pending(message().session("s")).line()).isEqualTo("s");
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> Job.created(ID, "q", message().session("s"), fifo, NOW))
        .matches(e -> e.field().equals("session"));
  }

  @Test
  void aClaimIsATry() {
    Job job = claimed(message());
    assertThat(job.lease()).isEqualTo(LEASE);
    assertThat(job.state().attempts()).isEqualTo(1);
    assertThat(job.state().version()).isEqualTo(1);
  }

  @Test
  void anAtMostOnceClaimIsTheEnd() {
    Transition transition = pending(message()).claimedForever(NOW);
    assertThat(transition.after().status()).isInstanceOf(Status.Gone.class);
    assertThat(transition.event()).isEqualTo(Event.Type.LEASED);
  }

  @Test
  void aDoneJobIsKeptForItsRetention() {
    assertThat(settled(message(), Outcome.done(), SETTINGS).status())
        .isInstanceOf(Status.Gone.class);
    assertThat(settled(message().tracked(), Outcome.done(), SETTINGS).status())
        .isEqualTo(new Status.Done(LATER.wall()));
    QueueSettings keeps =
        SETTINGS.retention(new QueueSettings.Retention(Duration.ofHours(1), Duration.ofHours(1)));
    assertThat(settled(message(), Outcome.done(), keeps).status())
        .isEqualTo(new Status.Done(LATER.wall()));
    QueueSettings forgets =
        SETTINGS.retention(new QueueSettings.Retention(Duration.ZERO, Duration.ZERO));
    assertThat(settled(message().tracked(), Outcome.done(), forgets).status())
        .isInstanceOf(Status.Gone.class);
    assertThat(settled(message(), Outcome.fail("no"), forgets).status())
        .isInstanceOf(Status.Gone.class);
  }

  @Test
  void anEndedAttemptStandsInTheHistory() {
    Job job = settled(message().tracked(), Outcome.fail("no"), SETTINGS);
    assertThat(job.history())
        .containsExactly(new Attempt("w", START, LATER.wall(), Outcome.fail("no")));
    assertThat(job.state().ended()).isEqualTo(1);
    assertThat(job.lastError()).isEqualTo("no");
    assertThat(job.status())
        .isEqualTo(new Status.Failed(LATER.wall(), Status.Reason.REJECTED, "no"));
  }

  @Test
  void aRetryWaitsForTheBackoffOrItsOwnDelay() {
    assertThat(settled(message(), Outcome.retry("no"), SETTINGS).status())
        .isEqualTo(new Status.Pending(new Due.AtTick(62_000)));
    assertThat(settled(message(), Outcome.retry("no", Duration.ofSeconds(7)), SETTINGS).status())
        .isEqualTo(new Status.Pending(new Due.AtTick(68_000)));
    assertThat(settled(message(), Outcome.retry("no", Duration.ZERO), SETTINGS).status())
        .isEqualTo(new Status.Pending(new Due.AtTick(61_000)));
  }

  @Test
  void theLastAttemptEndsFailed() {
    Job own = settled(message().maxAttempts(1), Outcome.retry("no"), SETTINGS);
    assertThat(own.status())
        .isEqualTo(new Status.Failed(LATER.wall(), Status.Reason.MAX_ATTEMPTS, "no"));
    assertThat(own.lastError()).isEqualTo("no");
    Job queues = settled(message(), Outcome.retry("no"), SETTINGS.maxAttempts(1));
    assertThat(queues.status().kind()).isEqualTo(Status.Kind.FAILED);
    QueueSettings unlimited = SETTINGS.maxAttempts(QueueSettings.UNLIMITED);
    assertThat(settled(message(), Outcome.retry("no"), unlimited).status().kind())
        .isEqualTo(Status.Kind.PENDING);
  }

  @Test
  void aFailureOfAnOldJobEndsFailed() {
    QueueSettings settings = SETTINGS.giveUpAfter(Duration.ofSeconds(60));
    assertThat(settled(message(), Outcome.retry("no"), settings).status())
        .isEqualTo(new Status.Failed(LATER.wall(), Status.Reason.GIVEN_UP, "no"));
    QueueSettings longer = SETTINGS.giveUpAfter(Duration.ofSeconds(61));
    assertThat(settled(message(), Outcome.retry("no"), longer).status().kind())
        .isEqualTo(Status.Kind.PENDING);
  }

  @Test
  void aReleaseDoesNotCount() {
    Job job = settled(message().maxAttempts(1), Outcome.release(), SETTINGS);
    assertThat(job.status()).isEqualTo(new Status.Pending(new Due.AtTick(61_000)));
    assertThat(job.state().attempts()).isZero();
    assertThat(job.state().ended()).isEqualTo(1);
  }

  @Test
  void aLapseCountsAndAnOrphanIsDueAtOnce() {
    Job claimed = claimed(message());
    Transition lapsed = claimed.lapsed(SETTINGS, LATER, random);
    assertThat(lapsed.after().attempts()).isEqualTo(1);
    assertThat(lapsed.after().status()).isEqualTo(new Status.Pending(new Due.AtTick(62_000)));
    assertThat(lapsed.event()).isEqualTo(Event.Type.LAPSED);
    Transition orphaned = claimed.orphaned("gone", SETTINGS, LATER);
    assertThat(orphaned.after().attempts()).isEqualTo(1);
    assertThat(orphaned.after().status()).isEqualTo(new Status.Pending(new Due.AtTick(61_000)));
    assertThat(claimed(message().maxAttempts(1)).lapsed(SETTINGS, LATER, random).after().status())
        .isInstanceOf(Status.Failed.class);
  }

  @Test
  void aJobThatComesBackAfterItsTimeToLiveIsExpired() {
    Message message = message().timeToLive(Duration.ofSeconds(60));
    Job job = settled(message, Outcome.retry("no"), SETTINGS);
    assertThat(job.status())
        .isEqualTo(new Status.Failed(LATER.wall(), Status.Reason.EXPIRED, "no"));
    assertThat(settled(message.tracked(), Outcome.done(), SETTINGS).status().kind())
        .isEqualTo(Status.Kind.DONE);
  }

  @Test
  void onlyAPendingJobWhoseTimeIsOverExpires() {
    Job job = pending(message().timeToLive(Duration.ofSeconds(60)));
    assertThat(job.expired(SETTINGS, LATER).after().status())
        .isEqualTo(new Status.Failed(LATER.wall(), Status.Reason.EXPIRED, "expired"));
    assertThatIllegalStateException().isThrownBy(() -> job.expired(SETTINGS, NOW));
    Job claimed = claimed(message().timeToLive(Duration.ofSeconds(60)));
    assertThatIllegalStateException().isThrownBy(() -> claimed.expired(SETTINGS, LATER));
  }

  @Test
  void aCancelEndsWhatWaitsAndOnlyAsksWhatIsProcessing() {
    assertThat(pending(message().tracked()).cancelled(SETTINGS, NOW).after().status())
        .isEqualTo(new Status.Cancelled(START));
    assertThat(waiting(2).cancelled(SETTINGS, NOW).after().status().kind())
        .isEqualTo(Status.Kind.GONE);
    State asked = claimed(message()).cancelled(SETTINGS, LATER).after();
    assertThat(asked.status()).isEqualTo(new Status.Processing(LEASE));
    assertThat(asked.cancelRequested()).isTrue();
    assertThat(asked.version()).isEqualTo(2);
  }

  @Test
  void aCancelChangesAJobWhenItEndsItAndNotWhenItOnlyAsks() {
    Transition ended = pending(message().tracked()).cancelled(SETTINGS, LATER);
    assertThat(ended.after().changedAt()).isEqualTo(LATER.wall());
    Transition asked = claimed(message().tracked()).cancelled(SETTINGS, LATER);
    assertThat(asked.after().changedAt()).isEqualTo(NOW.wall());
  }

  @Test
  void whatWasAskedToStopEndsCancelledUnlessItIsDoneOrFailed() {
    Job claimed = claimed(message().tracked());
    Job asked = apply(claimed, job -> job.cancelled(SETTINGS, NOW));
    for (Outcome outcome : List.of(Outcome.retry("no"), Outcome.release())) {
      assertThat(asked.settled(outcome, SETTINGS, LATER, random).after().status())
          .isEqualTo(new Status.Cancelled(LATER.wall()));
    }
    assertThat(asked.lapsed(SETTINGS, LATER, random).after().status().kind())
        .isEqualTo(Status.Kind.CANCELLED);
    assertThat(asked.settled(Outcome.done(), SETTINGS, LATER, random).after().status().kind())
        .isEqualTo(Status.Kind.DONE);
    assertThat(asked.settled(Outcome.fail("no"), SETTINGS, LATER, random).after().status().kind())
        .isEqualTo(Status.Kind.FAILED);
  }

  @Test
  void aRedriveGivesAFreshSetOfAttemptsAndKeepsTheHistory() {
    Message message = message().timeToLive(Duration.ofSeconds(90)).session("s");
    Job failed = settled(message, Outcome.fail("no"), SETTINGS).accepted(42);
    Job job = apply(failed, it -> it.redriven(LATER));
    assertThat(job.status()).isEqualTo(new Status.Pending(new Due.AtTick(61_000)));
    assertThat(job.state().attempts()).isZero();
    assertThat(job.state().redrives()).isEqualTo(1);
    assertThat(job.state().since()).isEqualTo(LATER.wall());
    assertThat(job.history()).hasSize(1);
    assertThat(job.seq()).isEqualTo(42);
    assertThat(job.line()).isEqualTo("s");
    assertThat(job.expiresAt()).isNull();
    assertThatIllegalStateException().isThrownBy(() -> job.redriven(LATER));
  }

  @Test
  void aRescheduledJobIsDueAtItsNewTime() {
    Due due = Due.at(START.plusSeconds(99));
    Job job = apply(pending(message()), it -> it.rescheduled(due, NOW));
    assertThat(job.status()).isEqualTo(new Status.Pending(due));
    assertThatIllegalStateException().isThrownBy(() -> claimed(message()).rescheduled(due, NOW));
  }

  @Test
  void aWaitingJobCountsDown() {
    Transition first = waiting(2).predecessorEnded(true, SETTINGS, NOW);
    assertThat(first.event()).as("what watchers are told while it waits").isNull();
    assertThat(first.after().status()).isEqualTo(new Status.Waiting(1, 0));
    Job one = waiting(2).with(first.after(), null);
    Transition last = one.predecessorEnded(true, SETTINGS, LATER);
    assertThat(last.event()).isEqualTo(Event.Type.ENQUEUED);
    Job due = one.with(last.after(), null);
    assertThat(due.status().kind()).isEqualTo(Status.Kind.PENDING);
    assertThatIllegalStateException().isThrownBy(() -> due.predecessorEnded(true, SETTINGS, LATER));
  }

  @Test
  void aWaitingJobIsCancelledIfNotAllOfTheOthersWereDone() {
    Job one = apply(waiting(2), job -> job.predecessorEnded(false, SETTINGS, NOW));
    assertThat(one.status()).isEqualTo(new Status.Waiting(1, 1));
    Transition last = one.predecessorEnded(true, SETTINGS, LATER);
    assertThat(last.event()).isEqualTo(Event.Type.CANCELLED);
    assertThat(last.after().status()).isInstanceOfAny(Status.Cancelled.class, Status.Gone.class);
  }

  @Test
  void aWaitingJobIsDueAsItsMessageSays() {
    Duration delay = Duration.ofSeconds(5);
    Job delayed =
        apply(waiting(message().delay(delay), 1), job -> job.predecessorEnded(true, SETTINGS, NOW));
    assertThat(delayed.status())
        .isEqualTo(new Status.Pending(new Due.AtTick(NOW.tick() + delay.toMillis())));
    Instant time = NOW.wall().plusSeconds(7);
    Job timed =
        apply(
            waiting(message().notBefore(time), 1),
            job -> job.predecessorEnded(true, SETTINGS, NOW));
    assertThat(timed.status()).isEqualTo(new Status.Pending(new Due.At(time)));
  }

  @Test
  void whatIsNotProcessingCannotBeSettledAndWhatIsNotPendingCannotBeClaimed() {
    Job pending = pending(message().tracked());
    Job done = settled(message().tracked(), Outcome.done(), SETTINGS);
    for (Job job : List.of(pending, done)) {
      assertThatIllegalStateException()
          .isThrownBy(() -> job.settled(Outcome.done(), SETTINGS, NOW, random));
      assertThatIllegalStateException().isThrownBy(() -> job.lapsed(SETTINGS, NOW, random));
      assertThatIllegalStateException().isThrownBy(job::lease);
    }
    for (Job job : List.of(claimed(message()), done, waiting(1))) {
      assertThatIllegalStateException().isThrownBy(() -> job.claimed(LEASE, NOW));
      assertThatIllegalStateException().isThrownBy(() -> job.claimedForever(NOW));
    }
    assertThatIllegalStateException().isThrownBy(() -> done.cancelled(SETTINGS, NOW));
    assertThatIllegalStateException().isThrownBy(() -> pending.redriven(NOW));
  }

  @Test
  void everyTransitionRaisesTheVersionByOne() {
    Job job = pending(message().tracked().maxAttempts(9));
    long version = 0;
    List<Function<Job, Transition>> life =
        List.of(
            it -> it.rescheduled(new Due.AtTick(0), NOW),
            it -> it.claimed(LEASE, NOW),
            it -> it.cancelled(SETTINGS, NOW),
            it -> it.settled(Outcome.fail("no"), SETTINGS, NOW, random),
            it -> it.redriven(NOW),
            it -> it.claimed(LEASE, NOW),
            it -> it.settled(Outcome.release(), SETTINGS, NOW, random),
            it -> it.claimed(LEASE, NOW),
            it -> it.lapsed(SETTINGS, NOW, random),
            it -> it.cancelled(SETTINGS, NOW),
            it -> it.deleted(NOW));
    for (Function<Job, Transition> step : life) {
      job = apply(job, step);
      assertThat(job.state().version()).isEqualTo(++version);
    }
  }

  @Test
  void theHistoryKeepsTheLatestAttempts() {
    Job job = pending(message().maxAttempts(1_000));
    for (int n = 1; n <= Job.HISTORY_MAX + 5; n++) {
      Outcome failure = Outcome.retry("failure " + n, Duration.ZERO);
      job = apply(job, it -> it.claimed(LEASE, NOW));
      job = apply(job, it -> it.settled(failure, SETTINGS, NOW, random));
    }
    assertThat(job.history()).hasSize(Job.HISTORY_MAX);
    assertThat(job.history().getFirst().outcome())
        .isEqualTo(Outcome.retry("failure 6", Duration.ZERO));
    assertThat(job.state().ended()).isEqualTo(Job.HISTORY_MAX + 5);
  }

  private static Message message() {
    return Message.of("note", "hello");
  }

  private static Job pending(Message message) {
    return Job.created(ID, "q", message, SETTINGS, NOW);
  }

  private static Job claimed(Message message) {
    return apply(pending(message), job -> job.claimed(LEASE, NOW));
  }

  private static Job waiting(int left) {
    return waiting(message(), left);
  }

  private static Job waiting(Message message, int left) {
    Job job = pending(message);
    return job.with(job.state().in(new Status.Waiting(left, 0)), null);
  }

  @Test
  void aDelayIsNoLongerThanTenYears() {
    for (Duration delay : List.of(Duration.ofMillis(Long.MAX_VALUE), Duration.ofDays(4_000))) {
      assertThatExceptionOfType(BrokerException.Rejected.class)
          .isThrownBy(() -> Outcome.retry("no", delay))
          .withMessageStartingWith("delay must be 0 to ");
    }
  }

  private Job settled(Message message, Outcome outcome, QueueSettings settings) {
    return apply(claimed(message), job -> job.settled(outcome, settings, LATER, random));
  }

  private static Job apply(Job job, Function<Job, Transition> step) {
    Transition transition = step.apply(job);
    return job.with(transition.after(), transition.ended());
  }
}
