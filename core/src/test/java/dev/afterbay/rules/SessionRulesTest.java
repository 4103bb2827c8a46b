package dev.afterbay.rules;

import static dev.afterbay.rules.RuleSamples.NOW;
import static dev.afterbay.rules.RuleSamples.SETTINGS;
import static dev.afterbay.rules.RuleSamples.TICK;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Due;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.rules.SessionRules.Turn;
import dev.afterbay.store.SessionLease;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The order within a session and who holds it, as "Session" and "Order" of model.md say. */
class SessionRulesTest {

  @ParameterizedTest
  @CsvSource({
    // first is due, held, being worked on, turn
    "true,  false, false, ANYBODY",
    "true,  true,  false, CONSUMER", // while it is held, only who holds it reads
    "true,  false, true,  NOBODY", // one job of a session at a time
    "true,  true,  true,  NOBODY",
    "false, false, false, NOBODY", // a session waits behind its delayed job
    "false, true,  false, NOBODY",
    "false, false, true,  NOBODY",
    "false, true,  true,  NOBODY",
  })
  void aSessionHandsOutOneJobAtATimeToItsConsumerAndWaitsForItsFirst(
      boolean isFirstDue, boolean isHeld, boolean isWorkedOn, Turn turn) {
    assertThat(SessionRules.turn(isFirstDue, isHeld, isWorkedOn)).isEqualTo(turn);
  }

  @Test
  void aJobKeepsOthersOfItsSessionWaitingUntilItHasEnded() {
    Job ofSession = RuleSamples.sent(1, RuleSamples.message().session("s"));
    for (Job job : RuleSamples.inEveryState()) {
      boolean hasEnded =
          switch (job.status().kind()) {
            case PENDING, WAITING, PROCESSING -> false;
            case DONE, FAILED, CANCELLED, GONE -> true;
          };
      Job same = RuleSamples.in(ofSession, job.status());
      assertThat(SessionRules.isInLine(same)).as(same.status().toString()).isEqualTo(!hasEnded);
      assertThat(SessionRules.isInLine(job)).as("of no session").isFalse();
    }
  }

  @Test
  void aFifoQueueIsOneSession() {
    Job job =
        Job.created(
            RuleSamples.id(1), "q", RuleSamples.message(), RuleSamples.FIFO, RuleSamples.NOW);
    assertThat(SessionRules.isInLine(job)).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    // paused, held, max_unsettled, may hold one more
    "false, 0, 2, true",
    "false, 1, 2, true",
    "false, 2, 2, false",
    "false, 3, 2, false", // the setting was lowered since
    "true,  0, 2, false",
  })
  void aPausedQueueAndOneWithTooManyHeldSessionsGiveNoSession(
      boolean isPaused, int held, int max, boolean mayHold) {
    assertThat(SessionRules.mayHold(isPaused, held, SETTINGS.unsettledMax(max))).isEqualTo(mayHold);
  }

  @ParameterizedTest
  @CsvSource({"-1, true", "0, true", "1, false"})
  void aSessionIsLostOnceItsTimeIsOver(long untilFromNow, boolean hasLapsed) {
    SessionLease held = new SessionLease("s", "worker", RuleSamples.FENCE, TICK + untilFromNow);
    assertThat(SessionRules.hasLapsed(held, NOW)).isEqualTo(hasLapsed);
  }

  @Test
  void closingASessionHandsItsJobsBackUncountedAndDueNow() {
    Transition transition = SessionRules.freed(RuleSamples.processing(), SETTINGS, NOW);
    assertThat(transition.after().status()).isEqualTo(new Status.Pending(new Due.AtTick(TICK)));
    assertThat(transition.after().attempts()).isZero();
    assertThat(transition.event()).isEqualTo(Event.Type.RELEASED);
  }

  @Test
  void losingASessionHandsItsJobsBackDueNowAndCountsAnAttempt() {
    Transition transition = SessionRules.lost(RuleSamples.processing(), SETTINGS, NOW);
    assertThat(transition.after().status()).isEqualTo(new Status.Pending(new Due.AtTick(TICK)));
    assertThat(transition.after().attempts()).isEqualTo(1);
    assertThat(transition.event()).isEqualTo(Event.Type.LAPSED);
  }

  @Test
  void aJobThatLosesItsSessionInItsLastAttemptFailsAndOneWhoseSessionIsClosedDoesNot() {
    Job job = RuleSamples.processing();
    Status lost = SessionRules.lost(job, SETTINGS.maxAttempts(1), NOW).after().status();
    assertThat(lost)
        .isInstanceOfSatisfying(
            Status.Failed.class, failed -> assertThat(failed.error()).isEqualTo("session lost"));
    assertThat(SessionRules.freed(job, SETTINGS.maxAttempts(1), NOW).after().status())
        .isInstanceOf(Status.Pending.class);
  }
}
