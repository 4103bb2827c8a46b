package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.SessionLease;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Holding a session: who may, for how long, and what the end of a hold does (store.md, 6). */
interface StoreSessionLeases {

  StoreUser user();

  @Test
  default void aHeldSessionIsForItsConsumer() {
    List<JobId> ids = user().send(2, message().session("s"));
    JobId other = user().send(message());
    SessionLease held = user().hold("s");
    assertThat(held.consumer()).isEqualTo("worker");
    assertThat(held.untilTick()).isEqualTo(user().now().tick() + StoreUser.LEASE_TICKS);
    assertThat(user().store().held(StoreUser.QUEUE, "s")).isEqualTo(held);
    assertThat(user().store().hold(StoreUser.QUEUE, "s", "rival", 1_000)).isNull();

    assertThat(user().claim(10)).extracting(Job::id).containsExactly(other);
    for (JobId id : ids) {
      List<Job> got = user().claim(StoreUser.QUEUE, 10, held);
      assertThat(got).extracting(Job::id).containsExactly(id);
      assertThat(user().claim(StoreUser.QUEUE, 10, held)).isEmpty();
      user().settle(got.getFirst(), Outcome.done());
    }
  }

  @Test
  default void aSessionThatNobodyHoldsHasNoConsumer() {
    user().send(message().session("s"));
    assertThat(user().store().held(StoreUser.QUEUE, "s")).isNull();
    assertThat(user().store().held("other", "s")).isNull();
  }

  @Test
  default void aSessionMayBeHeldBeforeItsFirstMessage() {
    SessionLease held = user().hold("s");
    JobId id = user().send(message().session("s"));
    user().claimsNothing();
    assertThat(user().claimed(held).id()).isEqualTo(id);
  }

  @Test
  default void aSessionThatIsWorkedOnCannotBeHeld() {
    user().send(2, message().session("s"));
    Job claimed = user().claimed();
    assertThat(user().store().hold(StoreUser.QUEUE, "s", "h", 1_000)).isNull();
    assertThat(user().store().hold(StoreUser.QUEUE, null, "h", 1_000)).isNull();
    user().settle(claimed, Outcome.done());
    user().hold("s");
  }

  @Test
  default void aHoldWithoutANameTakesTheFreeSessionWhoseHeadComesFirst() {
    user().send(message());
    user().send(message().session("late").delay(Duration.ofSeconds(5)));
    user().send(message().session("first"));
    user().send(message().session("second"));
    user().send(message().session("urgent").priority(9));

    assertThat(user().hold(null).session()).isEqualTo("urgent");
    assertThat(user().hold(null).session()).isEqualTo("first");
    assertThat(user().hold(null).session()).isEqualTo("second");
    assertThat(user().store().hold(StoreUser.QUEUE, null, "h", 1_000)).isNull();
    user().advance(Duration.ofSeconds(5));
    SessionLease late =
        Await.value(
            "the late session",
            () -> Optional.ofNullable(user().store().hold(StoreUser.QUEUE, null, "h", 1_000)));
    assertThat(late.session()).isEqualTo("late");
  }

  @Test
  default void aHoldWithoutANameComparesTheHeadsOfAllTypes() {
    user().send(message().session("low").priority(0));
    user().send(Message.of("other", "").session("high").priority(9));
    user().send(Message.of("third", "").session("middle"));
    assertThat(user().hold(null).session()).isEqualTo("high");
    assertThat(user().hold(null).session()).isEqualTo("middle");
    assertThat(user().hold(null).session()).isEqualTo("low");
  }

  @Test
  default void aSessionOfAPausedQueueCannotBeHeld() {
    user().send(message().session("s"));
    user().state(QueueState.Kind.PAUSED);
    assertThat(user().store().hold(StoreUser.QUEUE, "s", "worker", 1_000)).isNull();
    assertThat(user().store().hold(StoreUser.QUEUE, null, "worker", 1_000)).isNull();
  }

  @Test
  default void aConsumerIsNotGivenWhatHasExpired() {
    user().send(message().session("s").timeToLive(Duration.ofSeconds(10)));
    SessionLease held = user().hold("s");
    user().advance(Duration.ofSeconds(10));
    assertThat(user().claim(StoreUser.QUEUE, 1, held)).isEmpty();
  }

  @Test
  default void aFreedSessionIsForAnybody() {
    JobId id = user().send(message().session("s"));
    SessionLease held = user().hold("s");
    user().free(held);

    assertThat(user().store().held(StoreUser.QUEUE, "s")).isNull();
    assertThat(user().claim(StoreUser.QUEUE, 1, held)).isEmpty();
    assertThat(user().claimed().id()).isEqualTo(id);
  }

  @Test
  default void aHoldIsKeptAndFreedOnlyUnderItsFence() {
    SessionLease first = user().hold("s");
    user().free(first);
    SessionLease second = user().hold("s");
    assertThat(second.fence()).isGreaterThan(first.fence());
    long until = second.untilTick() + 60_000;

    user().stale(Commit.synced(hold(first, null)));
    user().stale(Commit.synced(hold(first, until)));
    assertThat(user().store().held(StoreUser.QUEUE, "s")).isEqualTo(second);
    user().done(Commit.synced(hold(second, until)));
    SessionLease kept = user().store().held(StoreUser.QUEUE, "s");
    assertThat(kept).isEqualTo(new SessionLease("s", "worker", second.fence(), until));
  }

  @Test
  default void aHoldLapses() {
    JobId id = user().send(message().session("s"));
    SessionLease held = user().hold("s");
    user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS - 1));
    assertThat(user().store().held(StoreUser.QUEUE, "s")).isEqualTo(held);
    user().claimsNothing();
    user().advance(Duration.ofMillis(1));

    assertThat(user().claimed().id()).isEqualTo(id);
    assertThat(user().store().held(StoreUser.QUEUE, "s")).isNull();
    assertThat(user().claim(StoreUser.QUEUE, 1, held)).isEmpty();
    user().stale(Commit.synced(hold(held, 1_000_000L)));
  }

  @Test
  default void whatAConsumerHasNotSettledIsBackWhenItEndsItsHold() {
    JobId id = user().send(message().session("s"));
    SessionLease held = user().hold("s");
    Job claimed = user().claimed(held);
    user().free(held);
    assertThat(user().job(id).state().attempts()).isZero();
    assertThat(user().claimed(user().hold("s")).lease().fence())
        .isGreaterThan(claimed.lease().fence());
  }

  @Test
  default void whatAConsumerHasNotSettledIsBackWhenItsHoldLapses() {
    JobId id = user().send(message().session("s"));
    SessionLease held = user().hold("s");
    user().claimed(held);
    user().done(Commit.written(new Change.Renew(id, user().job(id).lease().fence(), 1 << 30)));
    user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS));
    SessionLease next =
        Await.value(
            "the session",
            () -> Optional.ofNullable(user().store().hold(StoreUser.QUEUE, "s", "next", 1_000)));
    assertThat(user().claimed(next).state().attempts()).isEqualTo(2);
  }

  @Test
  default void aHoldOutlivesAReopening() {
    user().send(message().session("s"));
    SessionLease held = user().hold("s");
    user().reopen();

    assertThat(user().store().held(StoreUser.QUEUE, "s"))
        .isNotNull()
        .extracting(SessionLease::fence)
        .isEqualTo(held.fence());
    user().claimsNothing();
    user().claimed(held);
    user().advance(Duration.ofMillis(2 * StoreUser.LEASE_TICKS));
    Await.until("the lapse", () -> user().store().held(StoreUser.QUEUE, "s") == null);
  }

  @Test
  default void aPausedQueueGivesItsSessionsNothing() {
    user().send(message().session("s"));
    SessionLease held = user().hold("s");
    user().state(QueueState.Kind.PAUSED);
    assertThat(user().claim(StoreUser.QUEUE, 1, held)).isEmpty();
  }

  /** The consumer is gone, so nobody else tells those who wait for what it worked on. */
  @Test
  default void whatTheStoreEndsItselfEndsTheWaitOfOthers() {
    Job last = user().waiting(message().tracked(), 1);
    Job callback = user().then(user().waiting(message().tracked(), 1), last.id());
    Message message = message().session("s").tracked();
    Job member = user().then(user().created(StoreUser.QUEUE, message), callback.id());
    for (Job job : List.of(last, callback, member)) {
      user().done(Commit.synced(new Change.Append(job, null)));
    }
    SessionLease held = user().hold("s");
    Job claimed = user().claim(StoreUser.QUEUE, 1, held).getFirst();
    user().go(claimed, claimed.cancelled(QueueSettings.STANDARD, user().now()));

    user().done(Commit.synced(new Change.Hold(StoreUser.QUEUE, "s", held.fence(), null)));
    for (Job job : List.of(member, callback, last)) {
      assertThat(user().job(job.id()).status()).isInstanceOf(Status.Cancelled.class);
    }
  }

  private static Change.Hold hold(SessionLease held, @Nullable Long until) {
    return new Change.Hold(StoreUser.QUEUE, held.session(), held.fence(), until);
  }
}
