package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.LEASE_TICKS;
import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/** Ticks and wall times: delays, leases, time to live, reopening (store.md, rule 5). */
interface StoreTime {

  /** Longest that a store may take to see that the calendar was set. */
  Duration CALENDAR_LAG_MAX = Duration.ofMinutes(1);

  StoreUser user();

  @Test
  default void aDelayCountsInTicks() {
    JobId id = user().send(message().delay(Duration.ofSeconds(10)));
    assertThat(user().store().stats(QUEUE)).isEqualTo(stats(0, 1));
    user().time.setWall(TestClock.START.plus(Duration.ofDays(365)));
    user().advance(Duration.ofMillis(9_999));
    user().claimsNothing();
    user().time.setWall(TestClock.START.minus(Duration.ofDays(365)));
    user().advance(Duration.ofMillis(1));

    user().awaitPending(1);
    assertThat(user().store().stats(QUEUE)).isEqualTo(stats(1, 0));
    assertThat(user().claimed().id()).isEqualTo(id);
  }

  @Test
  default void aDelayGoesOnAfterAReopening() {
    user().send(message().delay(Duration.ofSeconds(10)));
    user().advance(Duration.ofSeconds(4));
    user().send("other", message());
    user().reopen();
    user().advance(Duration.ofMillis(5_999));
    user().claimsNothing();
    user().advance(Duration.ofMillis(1));
    user().claimed();
  }

  @Test
  default void aDelayGoesOnAfterAReopeningOfAStoreInWhichNothingElseHappened() {
    user().send(message().delay(Duration.ofHours(1)));
    user().advance(Duration.ofMinutes(59));
    user().reopen();
    user().advance(Duration.ofSeconds(59));
    user().claimsNothing();
    user().advance(Duration.ofSeconds(20));
    user().claimed();
  }

  @Test
  default void theAgeOfTheOldestIsNeverBelowZeroWhenTheWallClockIsSetBack() {
    user().send(message().notBefore(TestClock.START.plusSeconds(10)));
    user().advance(Duration.ofSeconds(11));
    user().awaitPending(1);
    user().time.setWall(TestClock.START);
    assertThat(oldestPendingAge()).isZero();
  }

  @Test
  default void theAgeOfTheOldestIsKnownAfterAReopening() {
    user().send(message());
    user().send(message().session("s"));
    user().advance(Duration.ofSeconds(5));
    user().send("other", message()); // So that the tick is written.
    user().reopen();
    user().advance(Duration.ofSeconds(2));
    assertThat(user().store().stats(StoreUser.QUEUE).oldestPendingAge())
        .isEqualTo(Duration.ofSeconds(7));
  }

  @Test
  default void theAgeOfAMessageOfASessionIsThatOfItsBeingDue() {
    user().send(message().session("delayed").delay(Duration.ofSeconds(60)));
    user().send(message().session("s"));
    user().advance(Duration.ofSeconds(50));
    user().settle(user().claimed(), Outcome.retry("later", Duration.ofSeconds(30)));
    user().awaitPending(0);
    assertThat(oldestPendingAge()).isZero();
    user().send(message().session("s")); // Behind the one that is tried again.
    user().hold("s");
    user().hold("delayed");
    user().advance(Duration.ofSeconds(14));
    user().awaitPending(2);
    assertThat(oldestPendingAge()).isEqualTo(Duration.ofSeconds(14));
    user().advance(Duration.ofSeconds(20));
    user().awaitPending(3);
    assertThat(oldestPendingAge()).isEqualTo(Duration.ofSeconds(34));
  }

  @Test
  default void theAgeOfWhatWaitsForTheConsumerOfItsSessionIsThatOfItsBeingDue() {
    user().send(2, message().session("s").delay(Duration.ofSeconds(60)));
    user().advance(Duration.ofSeconds(65));
    SessionLease held = user().hold("s");
    assertThat(oldestPendingAge()).isEqualTo(Duration.ofSeconds(5));
    user().claimed(held);
    assertThat(oldestPendingAge()).isEqualTo(Duration.ofSeconds(5));
  }

  @Test
  default void aTimeOfTheCalendarFollowsTheCalendarForward() {
    user().send(message().notBefore(TestClock.START.plus(Duration.ofDays(30))));
    user().advance(Duration.ofSeconds(1));
    user().claimsNothing();
    user().time.setWall(TestClock.START.plus(Duration.ofDays(31)));
    user().advance(CALENDAR_LAG_MAX);
    user().claimed();
  }

  @Test
  default void aTimeOfTheCalendarFollowsTheCalendarBack() {
    user().send(message().notBefore(TestClock.START.plusSeconds(10)));
    user().advance(Duration.ofSeconds(5));
    user().time.setWall(TestClock.START);
    user().advance(Duration.ofSeconds(9));
    user().claimsNothing();
    user().advance(CALENDAR_LAG_MAX);
    user().claimed();
  }

  @Test
  default void aTimeOfTheCalendarThatCameWhileTheStoreWasClosedIsSeen() {
    JobId id = user().send(message().notBefore(TestClock.START.plusSeconds(3_600)));
    user().store().close();
    user().advance(Duration.ofHours(1));
    user().reopen();
    assertThat(user().claimed().id()).isEqualTo(id);
  }

  @Test
  default void aRescheduledJobIsDueAtItsNewTimeOnly() {
    Job job = user().job(user().send(message().delay(Duration.ofSeconds(10))));
    Instant later = TestClock.START.plusSeconds(20);
    job = user().go(job, job.rescheduled(new Due.At(later), user().now()));
    user().advance(Duration.ofSeconds(19));
    user().claimsNothing();
    Due now = new Due.AtTick(user().now().tick());
    job = user().go(job, job.rescheduled(now, user().now()));
    user().reopen();
    assertThat(user().job(job.id()).state().rescheduledTo()).isEqualTo(user().now().wall());
    user().claimed();
    user().advance(CALENDAR_LAG_MAX);
    user().claimsNothing();
  }

  @Test
  default void severalThatAreDueTogetherKeepTheirOrder() {
    JobId first = user().send(message().delay(Duration.ofSeconds(2)));
    JobId second = user().send(message().delay(Duration.ofSeconds(1)));
    JobId third = user().send(message().notBefore(TestClock.START.plusSeconds(2)));
    user().advance(Duration.ofSeconds(2));
    user().awaitPending(3);
    assertThat(user().claim(10)).extracting(Job::id).containsExactly(first, second, third);
  }

  @Test
  default void aJobWhoseTimeToLiveIsOverIsNotHandedOut() {
    JobId id = user().send(message().timeToLive(Duration.ofSeconds(10)));
    user().send(message().timeToLive(Duration.ofSeconds(60)));
    assertThat(user().store().overdue(Overdue.EXPIRED, 10)).isEmpty();
    user().advance(Duration.ofSeconds(10));

    Job expired = overdue(Overdue.EXPIRED);
    assertThat(expired.id()).isEqualTo(id);
    assertThat(user().claim(10)).hasSize(1).extracting(Job::id).doesNotContain(id);
    user().go(expired, expired.expired(QueueSettings.STANDARD, user().now()));
    assertThat(user().store().overdue(Overdue.EXPIRED, 10)).isEmpty();
    assertThat(user().store().stats(QUEUE).failed()).isEqualTo(1);
    user().reopen();
    assertThat(user().store().overdue(Overdue.EXPIRED, 10)).isEmpty();
  }

  /** It stays stored until somebody ends it, but nobody will ever get it. */
  @Test
  default void aJobWhoseTimeToLiveIsOverIsNotPeekedAt() {
    Message message = message().timeToLive(Duration.ofSeconds(10));
    user().send(message);
    user().send(message.session("s"));
    JobId behind = user().send(message().session("s"));
    user().send(message.session("s"));
    assertThat(user().store().peek(QUEUE, 10)).hasSize(4);
    user().advance(Duration.ofSeconds(10));

    assertThat(user().store().peek(QUEUE, 10)).extracting(Job::id).containsExactly(behind);
  }

  @Test
  default void aDelayedJobExpiresToo() {
    Job sent =
        user()
            .job(
                user()
                    .send(message().delay(Duration.ofHours(1)).timeToLive(Duration.ofSeconds(10))));
    user().reopen();
    user().advance(Duration.ofSeconds(10));
    Job expired = overdue(Overdue.EXPIRED);
    assertThat(expired.id()).isEqualTo(sent.id());
    user().go(expired, expired.expired(QueueSettings.STANDARD, user().now()));
    assertThat(user().store().stats(QUEUE).scheduled()).isZero();
    user().advance(Duration.ofHours(1));
    user().claimsNothing();
  }

  @Test
  default void aLiveLeaseIsNoOverdueExpiry() {
    user().send(message().timeToLive(Duration.ofSeconds(1)));
    Job claimed = user().claimed();
    user().advance(Duration.ofSeconds(10));
    assertThat(user().store().overdue(Overdue.EXPIRED, 10)).isEmpty();
    user().settle(claimed, Outcome.done());
  }

  @Test
  default void workThatOutlivesItsTimeToLiveDelaysNoOtherTimer() {
    user().send(1_500, message().timeToLive(Duration.ofSeconds(1)).tracked());
    assertThat(user().claim(1_500)).hasSize(1_500);
    user().send(message().notBefore(TestClock.START.plusSeconds(5)));
    user().send(message().delay(Duration.ofHours(1)).timeToLive(Duration.ofSeconds(5)));
    user().advance(Duration.ofSeconds(10));
    user().claimed();
    overdue(Overdue.EXPIRED);
  }

  @Test
  default void anExpiredHeadDoesNotHoldUpItsSessionForEver() {
    user().send(message().session("s").timeToLive(Duration.ofSeconds(1)));
    JobId next = user().send(message().session("s"));
    user().advance(Duration.ofSeconds(1));
    user().claim(1).forEach(job -> assertThat(job.id()).isEqualTo(next));
    Job expired = overdue(Overdue.EXPIRED);
    user().go(expired, expired.expired(QueueSettings.STANDARD, user().now()));
    assertThat(user().store().stats(QUEUE).failed()).isEqualTo(1);
    if (user().job(next).status() instanceof Status.Pending) {
      assertThat(user().claimed().id()).isEqualTo(next);
    }
  }

  @Test
  default void aLeaseLapsesAtItsTick() {
    user().send(message());
    Job claimed = user().claimed();
    user().time.setWall(TestClock.START.plus(Duration.ofDays(1)));
    user().advance(Duration.ofMillis(LEASE_TICKS - 1));
    assertThat(user().store().overdue(Overdue.LAPSED, 10)).isEmpty();
    user().advance(Duration.ofMillis(1));

    Job lapsed = overdue(Overdue.LAPSED);
    assertThat(lapsed.state()).isEqualTo(claimed.state());
    user().claimsNothing();
    user().go(lapsed, lapsed.lapsed(QueueSettings.STANDARD, user().now(), user().random));
    assertThat(user().store().overdue(Overdue.LAPSED, 10)).isEmpty();
  }

  @Test
  default void noMoreThanWasAskedForIsOverdueAtATime() {
    user().send(3, message());
    assertThat(user().claim(3)).hasSize(3);
    user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS));
    Await.until("the lapse", () -> user().store().overdue(Overdue.LAPSED, 10).size() == 3);
    assertThat(user().store().overdue(Overdue.LAPSED, 2)).hasSize(2);
  }

  @Test
  default void aRenewedLeaseLapsesAtItsNewTick() {
    user().send(message());
    Job claimed = user().claimed();
    long until = claimed.lease().untilTick() + 10_000;
    Change renew = new Change.Renew(claimed.id(), claimed.lease().fence(), until);
    user().done(Commit.written(renew));
    user().advance(Duration.ofMillis(LEASE_TICKS + 9_999));
    assertThat(user().store().overdue(Overdue.LAPSED, 10)).isEmpty();
    user().advance(Duration.ofMillis(1));
    assertThat(overdue(Overdue.LAPSED).id()).isEqualTo(claimed.id());
  }

  @Test
  default void leasesInsideTheProcessThatEndedAreOrphaned() {
    user().send(3, message());
    List<Job> inside = user().claim(2);
    Job outside = user().claimDetached(1).getFirst();
    assertThat(user().store().overdue(Overdue.ORPHANED, 10)).isEmpty();
    user().reopen();

    List<Job> orphaned = user().store().overdue(Overdue.ORPHANED, 10);
    assertThat(orphaned)
        .extracting(Job::id)
        .containsExactlyInAnyOrderElementsOf(inside.stream().map(Job::id).toList());
    assertThat(user().store().overdue(Overdue.ORPHANED, 1)).hasSize(1);
    for (Job job : orphaned) {
      user().go(job, job.orphaned("gone", QueueSettings.STANDARD, user().now()));
    }
    assertThat(user().claim(10)).hasSize(2).allMatch(job -> job.state().attempts() == 2);
    assertThat(user().store().overdue(Overdue.ORPHANED, 10)).isEmpty();
    user().settle(user().job(outside.id()), Outcome.done());
  }

  @Test
  default void aDetachedLeaseOutlivesAReopening() {
    user().send(message().tracked());
    Job claimed = user().claimDetached(1).getFirst();
    user().store().close();
    user().advance(Duration.ofDays(1));
    user().reopen();
    assertThat(user().store().overdue(Overdue.LAPSED, 10)).isEmpty();
    assertThat(user().job(claimed.id()).lease().fence()).isEqualTo(claimed.lease().fence());
    user().advance(Duration.ofMillis(LEASE_TICKS + 1_000));
    assertThat(overdue(Overdue.LAPSED).id()).isEqualTo(claimed.id());
  }

  @Test
  default void aReopeningGivesALeaseItsWholeLengthAgain() {
    user().send(message());
    Job claimed = user().claimDetached(1).getFirst();
    user().advance(Duration.ofMillis(LEASE_TICKS - 1_000));
    user().send("other", message());
    user().reopen();
    user().advance(Duration.ofMillis(LEASE_TICKS - 1_000));
    assertThat(user().store().overdue(Overdue.LAPSED, 10)).isEmpty();
    user().advance(Duration.ofSeconds(12));
    assertThat(overdue(Overdue.LAPSED).id()).isEqualTo(claimed.id());
  }

  @Test
  default void theTickNeverGoesBackAndStandsStillWhileTheStoreIsClosed() {
    for (int opening = 0; opening < 3; opening++) {
      user().advance(Duration.ofSeconds(5));
      user().send(message());
      Moment before = user().now();
      user().store().close();
      user().advance(Duration.ofDays(1));
      user().reopen();
      assertThat(user().now().tick()).isBetween(before.tick(), before.tick() + 10_000);
      assertThat(user().now().wall()).isEqualTo(user().time.now().wall());
    }
  }

  @Test
  default void aJobThatHadExpiredIsClaimedWhenTheCalendarIsSetBack() {
    JobId first = user().send(message().timeToLive(Duration.ofMinutes(10)));
    JobId second = user().send(message().session("s").timeToLive(Duration.ofMinutes(10)));
    user().time.setWall(TestClock.START.plus(Duration.ofHours(1)));
    assertThat(user().claim(10)).isEmpty();
    user().time.setWall(TestClock.START.plusSeconds(1));
    assertThat(user().claim(10)).extracting(Job::id).containsExactly(first, second);
  }

  @Test
  default void alarmsRunAtTheTickOfTheStore() {
    user().advance(Duration.ofHours(1));
    user().send(message());
    user().reopen();
    List<Long> ran = new CopyOnWriteArrayList<>();
    long tick = user().now().tick();
    user().store().clock().at(tick + 10, () -> ran.add(user().now().tick()));
    user().store().clock().at(tick + 5, () -> ran.add(user().now().tick())).cancel();
    user().advance(Duration.ofMillis(9));
    assertThat(ran).isEmpty();
    user().advance(Duration.ofMillis(1));
    Await.until("the alarm", () -> ran.equals(List.of(tick + 10)));
  }

  private Duration oldestPendingAge() {
    return user().store().stats(QUEUE).oldestPendingAge();
  }

  private Job overdue(Overdue overdue) {
    return Await.value(
        overdue + " job", () -> user().store().overdue(overdue, 10).stream().findFirst());
  }

  private static QueueStats stats(int pending, int scheduled) {
    return new QueueStats(pending, scheduled, 0, 0, 0, 0, 0, Duration.ZERO);
  }
}
