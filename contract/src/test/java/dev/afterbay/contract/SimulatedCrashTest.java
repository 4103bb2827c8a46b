package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The power is lost between any two batches that a store writes, and what is left is whole. */
class SimulatedCrashTest {

  private static final Ledger.Sizes SMALL = new Ledger.Sizes(2, 1);

  private final CrashingTables tables = new CrashingTables();
  private final StoreUser user = new StoreUser(clock -> MemoryStore.open(tables, clock, SMALL), 1);

  @Test
  void aLongSessionGoesOnAfterACrash() {
    user.send(80, message().session("s"));
    for (int i = 0; i < 80; i++) {
      user.settle(user.claimed(), Outcome.done());
    }
    crashAnywhere();
  }

  @Test
  void aCommitOfSeveralChangesHappensOrNot() {
    user.send(80, message().session("s").tracked());
    List<JobId> routed = new ArrayList<>();
    List<JobId> members = new ArrayList<>();
    for (int i = 0; i < 80; i++) {
      Job claimed = user.claimed();
      Job next = user.created("next", message());
      Transition done =
          claimed.settled(Outcome.done(), QueueSettings.STANDARD, user.now(), user.random);
      user.done(
          Commit.synced(List.of(StoreUser.swap(claimed, done), new Change.Append(next, null))));
      members.add(claimed.id());
      routed.add(next.id());
    }
    for (int kept = 0; kept <= tables.unsynced(); kept++) {
      StoreUser after = after(kept);
      for (int i = 0; i < members.size(); i++) {
        boolean done =
            after
                .find(members.get(i))
                .filter(job -> job.status() instanceof Status.Done)
                .isPresent();
        assertThat(after.find(routed.get(i)).isPresent()).as("after %s", kept).isEqualTo(done);
      }
      after.store().close();
    }
  }

  @Test
  void anythingCanBeWorkedOffAfterACrash() {
    for (int i = 0; i < 40; i++) {
      user.send(message().session("s" + i % 3));
      user.send(message().priority(i % 10).delay(Duration.ofMillis(i % 4 * 100L)));
      user.send(message().session("t").timeToLive(Duration.ofSeconds(i)).tracked());
      user.claim(2).forEach(job -> user.settle(job, Outcome.retry("no", Duration.ofMillis(50))));
      user.claim(2).forEach(job -> user.settle(job, Outcome.fail("no")));
      user.claim(1);
      user.advance(Duration.ofMillis(100));
      if (i % 7 == 0) {
        user.store().hold(QUEUE, null, "consumer", 1_000);
      }
    }
    crashAnywhere();
  }

  /** The claim was only written: the power took it, but not the receipt. */
  @Test
  void aReceiptFromBeforeAPowerLossIsHarmless() throws Exception {
    JobId id = user.send(message().tracked());
    tables.sync();
    Receipt lost;
    ReceiveOptions detached = ReceiveOptions.STANDARD.detached(true);
    try (Engine engine = Engine.open(user.store())) {
      lost = engine.queue(QUEUE).receiver(detached).receive(1, Duration.ZERO).getFirst().detach();
    }
    StoreUser after = after(0);
    try (Engine engine = Engine.open(after.store())) {
      Delivery again = engine.queue(QUEUE).receiver().receive(1, Duration.ZERO).getFirst();
      assertThat(again.job().id()).isEqualTo(id);
      assertThat(again.attempt()).as("the lost claim is not counted").isEqualTo(1);
      BrokerUser.leaseLost(() -> engine.queue(QUEUE).settle(lost, Outcome.done()));
      assertThat(engine.queue(QUEUE).renew(List.of(lost), null).getFirst())
          .get()
          .isInstanceOf(BrokerException.LeaseLost.class);
      assertThat(after.job(id).state()).isEqualTo(again.job().state());
      again.done();
      assertThat(after.job(id).status()).isInstanceOf(Status.Done.class);
    }
    after.store().close();
  }

  private void crashAnywhere() {
    for (int kept = 0; kept <= tables.unsynced(); kept++) {
      StoreUser after = after(kept);
      String where = "after " + kept + " of " + tables.unsynced() + " batches";
      assertThat(counted(after)).as(where).isEqualTo(listed(after));
      for (int round = 0; round < 60 && counted(after) > 0; round++) {
        workOff(after);
      }
      assertThat(after.store().stats(QUEUE).depth()).as(where).isZero();
      assertThat(listed(after)).as(where).isZero();
      after.store().close();
    }
  }

  private StoreUser after(int kept) {
    return new StoreUser(clock -> MemoryStore.open(tables.crash(kept), clock, SMALL), 1);
  }

  private static void workOff(StoreUser user) {
    for (Job job : user.store().overdue(Overdue.ORPHANED, 100)) {
      user.go(job, job.orphaned("crash", QueueSettings.STANDARD, user.now()));
    }
    for (Job job : user.store().overdue(Overdue.EXPIRED, 100)) {
      user.go(job, job.expired(QueueSettings.STANDARD, user.now()));
    }
    List<Job> claimed = user.claim(100);
    while (!claimed.isEmpty()) {
      claimed.forEach(job -> user.settle(job, Outcome.done()));
      claimed = user.claim(100);
    }
    user.advance(Duration.ofSeconds(2));
  }

  private static long counted(StoreUser user) {
    return user.store().stats(QUEUE).depth();
  }

  private static long listed(StoreUser user) {
    return user.list(Jobs.JobQuery.ALL, 100).stream()
        .filter(job -> !job.status().kind().isFinal())
        .count();
  }
}
