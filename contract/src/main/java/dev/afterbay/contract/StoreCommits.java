package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static dev.afterbay.contract.StoreUser.swap;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Guards, and all or none (store.md, rules 1 to 3 and 9). */
interface StoreCommits {

  StoreUser user();

  @Test
  default void anAppendedJobIsFoundAsItWasSent() {
    Message message =
        message()
            .attributes(Map.of("a", "1", "b", ""))
            .session("s")
            .key("k")
            .priority(7)
            .timeToLive(Duration.ofHours(1))
            .maxAttempts(9)
            .tracked();
    Job created = user().created(StoreUser.QUEUE, message);
    user().done(Commit.synced(user().append(created)));

    Job found = user().job(created.id());
    assertThat(found).isEqualTo(created.accepted(found.seq()));
    user().reopen();
    assertThat(user().job(created.id())).isEqualTo(found);
  }

  @Test
  default void sequenceNumbersGrowInTheOrderOfAcceptance() {
    List<JobId> ids = user().send(5, message());
    user().reopen();
    ids = Stream.concat(ids.stream(), user().send(5, message()).stream()).toList();

    assertThat(user().store().find(ids, false))
        .extracting(Job::seq)
        .isSorted()
        .doesNotHaveDuplicates();
  }

  @Test
  default void jobsAreFoundInTheOrderAskedFor() {
    List<JobId> ids = user().send(3, message());
    List<JobId> asked = List.of(ids.get(2), user().id(), ids.get(0));

    assertThat(user().store().find(asked, true))
        .extracting(Job::id)
        .containsExactly(ids.get(2), ids.get(0));
  }

  @Test
  default void aCommitIsAllOrNone() {
    Job known = user().job(user().send(message()));
    Job other = user().created(StoreUser.QUEUE, message().key("taken later"));
    Change bad = new Change.Swap(known.id(), 7, known.cancelled(QueueSettings.STANDARD, now()));
    Setting setting = new Setting("note", "n", 1, Map.of("a", "b"));

    Committed.Stale stale =
        user().stale(Commit.synced(List.of(user().append(other), new Change.Put(setting), bad)));
    assertThat(stale.change()).isEqualTo(2);
    assertThat(stale.job()).isNotNull().extracting(Job::state).isEqualTo(known.state());
    assertThat(user().find(other.id())).isEmpty();
    assertThat(user().store().setting("note", "n")).isEmpty();
    assertThat(user().store().stats(StoreUser.QUEUE).depth()).isEqualTo(1);

    user().send(message().key("taken later"));
    assertThat(user().store().stats(StoreUser.QUEUE).depth()).isEqualTo(2);
  }

  /** A renewal raises no version, so whoever cancels may have read an older lease. */
  @Test
  default void aCancelRequestKeepsTheLeaseThatWasRenewedMeanwhile() {
    user().send(message());
    Job seen = user().claimed();
    long later = seen.lease().untilTick() + 60_000;
    user().done(Commit.written(new Change.Renew(seen.id(), seen.lease().fence(), later)));

    Commit cancel = Commit.synced(swap(seen, seen.cancelled(QueueSettings.STANDARD, now())));
    user().done(cancel);
    Job asked = user().job(seen.id());
    assertThat(asked.lease().untilTick()).isEqualTo(later);
    assertThat(asked.state().cancelRequested()).isTrue();
    user().done(cancel);
    user().reopen();
    assertThat(user().job(seen.id()).lease().untilTick()).isGreaterThanOrEqualTo(later);
  }

  @Test
  default void aStaleCommitLeavesTheOthersOfItsGatheringAlone() {
    Job first = user().created(StoreUser.QUEUE, message());
    Job second = user().created(StoreUser.QUEUE, message());
    Commit bad = Commit.synced(new Change.Renew(first.id(), 1, 1));

    List<Committed> committed =
        user()
            .store()
            .commit(
                List.of(
                    Commit.synced(user().append(first)),
                    bad,
                    Commit.synced(user().append(second))));
    assertThat(committed)
        .extracting(Object::getClass)
        .isEqualTo(List.of(Committed.Done.class, Committed.Stale.class, Committed.Done.class));
    assertThat(user().store().find(List.of(first.id(), second.id()), false)).hasSize(2);
  }

  @Test
  default void laterCommitsOfAGatheringSeeEarlierOnes() {
    Job job = user().created(StoreUser.QUEUE, message().tracked());
    Transition cancelled = job.cancelled(QueueSettings.STANDARD, now());
    Commit append = Commit.synced(user().append(job));
    Commit cancel = Commit.synced(swap(job, cancelled));

    assertThat(user().store().commit(List.of(append, cancel, cancel)))
        .hasOnlyElementsOfType(Committed.Done.class);
    assertThat(user().job(job.id()).state()).isEqualTo(cancelled.after());
    user().claimsNothing();
  }

  @Test
  default void aSwapOfAnOldVersionIsStale() {
    user().send(message().tracked());
    Job claimed = user().claimed();
    Job done = user().settle(claimed, Outcome.done());

    Transition late = claimed.settled(Outcome.retry("late"), settings(), now(), user().random);
    Committed.Stale stale = user().stale(Commit.written(swap(claimed, late)));
    assertThat(stale.change()).isZero();
    assertThat(stale.job()).isNotNull().extracting(Job::state).isEqualTo(done.state());
    assertThat(user().job(claimed.id()).state()).isEqualTo(done.state());
  }

  @Test
  default void aSwapOfAJobThatIsNotThereIsStaleWithoutAJob() {
    Job never = user().created(StoreUser.QUEUE, message().tracked());
    Transition cancelled = never.cancelled(settings(), now());

    assertThat(user().stale(Commit.written(swap(never, cancelled))).job()).isNull();
  }

  @Test
  default void aStaleSwapUnderALivingLeaseCanBeComputedAgain() {
    user().send(message().tracked());
    Job claimed = user().claimed();
    Job asked = user().go(claimed, claimed.cancelled(settings(), now()));
    assertThat(asked.lease()).isEqualTo(claimed.lease());

    Transition early = claimed.settled(Outcome.done(), settings(), now(), user().random);
    Job current = current(user().stale(Commit.written(swap(claimed, early))));
    assertThat(current.lease().fence()).isEqualTo(claimed.lease().fence());
    assertThat(current.state().cancelRequested()).isTrue();
    Job done = user().settle(current, Outcome.done());
    assertThat(user().job(claimed.id()).state()).isEqualTo(done.state());
  }

  @Test
  default void aStaleSwapOfALostLeaseShowsAnotherFence() {
    user().send(message().tracked());
    Job first = user().claimed();
    user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS));
    Job lapsed =
        Await.value(
            "a lapsed lease", () -> user().store().overdue(Overdue.LAPSED, 1).stream().findAny());
    user().go(lapsed, lapsed.orphaned("gone", settings(), now()));
    Job second = user().claimed();

    Transition late = first.settled(Outcome.done(), settings(), now(), user().random);
    Job current = current(user().stale(Commit.written(swap(first, late))));
    assertThat(current.lease().fence())
        .isEqualTo(second.lease().fence())
        .isNotEqualTo(first.lease().fence());
  }

  @Test
  default void aRenewalKeepsTheVersion() {
    user().send(message());
    Job claimed = user().claimed();
    long until = claimed.lease().untilTick() + 5_000;
    user().done(Commit.written(new Change.Renew(claimed.id(), claimed.lease().fence(), until)));

    Job renewed = user().job(claimed.id());
    assertThat(renewed.lease().untilTick()).isEqualTo(until);
    assertThat(renewed.state().version()).isEqualTo(claimed.state().version());
    user().settle(claimed, Outcome.done());
  }

  @Test
  default void aRenewalIsGuardedByTheFence() {
    user().send(message());
    Job claimed = user().claimed();
    long fence = claimed.lease().fence();
    user().stale(Commit.written(new Change.Renew(claimed.id(), fence + 1, 1 << 20)));
    assertThat(user().job(claimed.id()).lease()).isEqualTo(claimed.lease());

    user().settle(claimed, Outcome.release());
    user().stale(Commit.written(new Change.Renew(claimed.id(), fence, 1 << 20)));
    user().stale(Commit.written(new Change.Renew(user().id(), fence, 1 << 20)));
  }

  @Test
  default void aWaitingJobIsDueOnceAllOthersAreDone() {
    Job callback = user().waiting(message(), 3);
    user().done(Commit.synced(new Change.Append(callback, null)));
    Change good = new Change.Ended(callback.id(), true);
    assertThat(user().store().stats(StoreUser.QUEUE).waiting()).isEqualTo(1);

    user().done(Commit.written(good));
    assertThat(user().job(callback.id()).status()).isEqualTo(new Status.Waiting(2, 0));
    user().claimsNothing();
    user().done(new Commit(Commit.Durability.WRITTEN, List.of(good, good)));

    assertThat(user().claimed().id()).isEqualTo(callback.id());
    user().done(Commit.written(good));
  }

  @Test
  default void aWaitingJobIsCancelledOnceAllOthersHaveEndedIfOneWasNotDone() {
    Job callback = user().waiting(message().tracked(), 2);
    user().done(Commit.synced(new Change.Append(callback, null)));
    user().done(Commit.written(new Change.Ended(callback.id(), false)));
    assertThat(user().job(callback.id()).status()).isEqualTo(new Status.Waiting(1, 1));

    user().done(Commit.written(new Change.Ended(callback.id(), true)));
    assertThat(user().job(callback.id()).status()).isInstanceOf(Status.Cancelled.class);
    user().claimsNothing();
  }

  @Test
  default void theHistoryOfAJobGrowsAndKeepsTheLatest() {
    int attempts = Job.HISTORY_MAX + 3;
    JobId id = user().send(message().maxAttempts(1_000));
    for (int n = 1; n <= attempts; n++) {
      user().settle(user().claimed(), Outcome.retry("failure " + n, Duration.ZERO));
    }
    user().reopen();

    Job job = user().job(id);
    assertThat(job.state().attempts()).isEqualTo(attempts);
    assertThat(job.state().ended()).isEqualTo(attempts);
    assertThat(job.history()).hasSize(Job.HISTORY_MAX);
    assertThat(job.history().getFirst().outcome())
        .isEqualTo(Outcome.retry("failure 4", Duration.ZERO));
    assertThat(job.lastError()).isEqualTo("failure " + attempts);
  }

  @Test
  default void aJobMayBeAppendedInAnyState() {
    Job fresh = user().created(StoreUser.QUEUE, message().tracked());
    Transition cancelled = fresh.cancelled(settings(), now());
    Job ended = fresh.with(cancelled.after(), null);
    user().done(Commit.synced(new Change.Append(ended, null)));

    assertThat(user().job(ended.id()).state()).isEqualTo(ended.state());
    assertThat(user().store().stats(StoreUser.QUEUE).cancelled()).isEqualTo(1);
    user().claimsNothing();
  }

  @Test
  default void aProcessingJobThatIsAppendedLapses() {
    Job fresh = user().created(StoreUser.QUEUE, message().tracked());
    Lease lease = new Lease("elsewhere", 1, now().wall(), now().tick() + 60_000, true);
    Job claimed = fresh.with(fresh.claimed(lease, now()).after(), null);
    user().done(Commit.synced(new Change.Append(claimed, null)));
    user().reopen();

    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(StoreUser.QUEUE).status(Status.Kind.PROCESSING);
    assertThat(user().list(query, 10)).extracting(Job::id).containsExactly(claimed.id());
    assertThat(user().job(claimed.id()).state()).isEqualTo(claimed.state());
    user().advance(Duration.ofSeconds(70));
    Await.until("the lapse", () -> user().store().overdue(Overdue.LAPSED, 1).size() == 1);
  }

  @Test
  default void aClosedStoreIsUnavailable() {
    Commit commit = Commit.synced(user().append(user().created(StoreUser.QUEUE, message())));
    user().store().close();

    assertThatExceptionOfType(BrokerException.Unavailable.class)
        .isThrownBy(() -> user().store().commit(commit));
    assertThatExceptionOfType(BrokerException.Unavailable.class).isThrownBy(() -> user().claim(1));
    user().store().close();
  }

  private static Job current(Committed.Stale stale) {
    return Objects.requireNonNull(stale.job());
  }

  private Moment now() {
    return user().now();
  }

  private QueueSettings settings() {
    return user().settings(StoreUser.QUEUE);
  }
}
