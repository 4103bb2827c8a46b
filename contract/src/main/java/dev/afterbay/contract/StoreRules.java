package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.LEASE_TICKS;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules of model.md and store.md that no other part of the contract is about. */
interface StoreRules {

  StoreUser user();

  @Test
  default void aLapsedLeaseCannotBeRenewed() {
    user().send(message());
    Job claimed = user().claimed();
    user().advance(Duration.ofMillis(LEASE_TICKS - 1));
    long fence = claimed.lease().fence();
    long until = user().now().tick() + LEASE_TICKS;
    user().done(Commit.written(new Change.Renew(claimed.id(), fence, until)));
    user().advance(Duration.ofMillis(LEASE_TICKS));
    user().stale(Commit.written(new Change.Renew(claimed.id(), fence, until + LEASE_TICKS)));
    assertThat(user().job(claimed.id()).lease().untilTick()).isEqualTo(until);
  }

  @Test
  default void aWaitingJobIsCancelledAtOnceAndTheEndOfTheOthersBringsItNoFurther() {
    Job callback = user().waiting(message().tracked(), 2);
    JobId id = callback.id();
    user().done(Commit.synced(new Change.Append(callback, null)));
    Job waiting = user().job(id);
    user().go(waiting, waiting.cancelled(QueueSettings.STANDARD, user().now()));
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.CANCELLED);

    Change good = new Change.Ended(id, true);
    user().done(new Commit(Commit.Durability.WRITTEN, List.of(good, good)));
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.CANCELLED);
    user().claimsNothing();
  }

  @Test
  default void aRankIsFixedAtAcceptanceWhateverBecomesOfTheQueue() {
    JobId low = user().send(message().priority(0));
    user().configure(QueueSettings.STANDARD.maxAttempts(9));
    JobId high = user().send(message().priority(9));
    Job before = user().job(low);
    user().reopen();
    assertThat(user().job(low).rank()).isEqualTo(before.rank());
    assertThat(user().claimed().id()).isEqualTo(high);
    assertThat(user().claimed().id()).isEqualTo(low);
  }
}
