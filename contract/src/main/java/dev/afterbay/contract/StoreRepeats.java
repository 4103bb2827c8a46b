package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static dev.afterbay.contract.StoreUser.swap;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Setting;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** A commit that is sent again is answered, and not applied twice (store.md, rules 1 to 3). */
interface StoreRepeats {

  StoreUser user();

  @Test
  default void anAppendIsKnownByItsId() {
    Commit commit = Commit.synced(user().append(user().created(StoreUser.QUEUE, message())));
    List<JobId> ids = user().done(commit).ids();
    Job claimed = user().claimed();

    assertThat(user().done(commit).ids()).isEqualTo(ids);
    assertThat(user().job(claimed.id())).isEqualTo(claimed);
    user().reopen();
    assertThat(user().done(commit).ids()).isEqualTo(ids);
    assertThat(user().store().stats(StoreUser.QUEUE).depth()).isEqualTo(1);
  }

  /** The job of a message whose key was taken was never stored, and yet its append happened. */
  @Test
  default void aRepeatAnswersForKeysThatWereTaken() {
    JobId first = user().send(message().key("k"));
    Job known = user().created(StoreUser.QUEUE, message().key("k"));
    Job fresh = user().created(StoreUser.QUEUE, message());
    Commit commit = Commit.synced(List.of(user().append(known), user().append(fresh)));

    assertThat(user().done(commit).ids()).containsExactly(first, fresh.id());
    assertThat(user().done(commit).ids()).containsExactly(first, fresh.id());
    assertThat(user().store().stats(StoreUser.QUEUE).depth()).isEqualTo(2);
  }

  @Test
  default void aCommitIsARepeatOnlyIfAllOfItHappened() {
    Job first = user().job(user().send(message().tracked()));
    Job second = user().job(user().send(message().tracked()));
    Transition cancelled = second.cancelled(QueueSettings.STANDARD, now());
    user().done(Commit.synced(swap(second, cancelled)));

    Change other = swap(first, first.cancelled(QueueSettings.STANDARD, now()));
    assertThat(user().stale(Commit.synced(List.of(other, swap(second, cancelled)))).change())
        .isEqualTo(1);
    assertThat(user().job(first.id()).state()).isEqualTo(first.state());
    Setting setting = new Setting("note", "n", 1, Map.of("a", "b"));
    Change put = new Change.Put(setting);
    user().stale(Commit.synced(List.of(put, swap(second, cancelled))));
    assertThat(user().store().setting("note", "n")).isEmpty();

    Commit both = Commit.synced(List.of(other, put));
    user().done(both);
    user().done(both);
  }

  @Test
  default void aRepeatedCommitIsNotAppliedTwice() {
    Job callback = user().waiting(message(), 2);
    user().done(Commit.synced(new Change.Append(callback, null)));
    user().send(message().tracked());
    Job claimed = user().claimed();
    Transition done = claimed.settled(Outcome.done(), settings(), now(), user().random);
    Commit commit =
        new Commit(
            Commit.Durability.WRITTEN,
            List.of(swap(claimed, done), new Change.Ended(callback.id(), true)));

    user().done(commit);
    user().done(commit);
    user().reopen();
    user().done(commit);

    assertThat(user().job(callback.id()).status()).isEqualTo(new Status.Waiting(1, 0));
    assertThat(user().job(claimed.id())).isEqualTo(claimed.with(done.after(), done.ended()));
    assertThat(user().store().stats(StoreUser.QUEUE).done()).isEqualTo(1);
  }

  @Test
  default void aRepeatedSwapToGoneIsNotAppliedTwice() {
    Job callback = user().waiting(message(), 2);
    user().done(Commit.synced(new Change.Append(callback, null)));
    user().send(message());
    Job claimed = user().claimed();
    Transition done = claimed.settled(Outcome.done(), settings(), now(), user().random);
    assertThat(done.after().status()).isInstanceOf(Status.Gone.class);
    Commit commit =
        new Commit(
            Commit.Durability.WRITTEN,
            List.of(swap(claimed, done), new Change.Ended(callback.id(), true)));

    user().done(commit);
    user().done(commit);

    assertThat(user().find(claimed.id())).isEmpty();
    assertThat(user().job(callback.id()).status()).isEqualTo(new Status.Waiting(1, 0));
    assertThat(user().store().stats(StoreUser.QUEUE).depth()).isEqualTo(1);
  }

  /** A job that was forgotten for another reason must not pass for one that was routed. */
  @Test
  default void aJobThatIsGoneIsARepeatOnlyWithWhatWasAppendedBesideIt() {
    user().send(message());
    Job claimed = user().claimed();
    Transition done = claimed.settled(Outcome.done(), settings(), now(), user().random);
    user().go(claimed, done);
    Job next = user().created("next", message());

    Commit commit = Commit.synced(List.of(swap(claimed, done), new Change.Append(next, null)));
    assertThat(user().stale(commit).job()).isNull();
    assertThat(user().find(next.id())).isEmpty();
  }

  private Moment now() {
    return user().now();
  }

  private QueueSettings settings() {
    return user().settings(StoreUser.QUEUE);
  }
}
