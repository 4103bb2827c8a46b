package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.Test;

/** Consumers have at most as many unsettled jobs of a queue, and sessions, as its settings say. */
interface StoreUnsettled {

  StoreUser user();

  @Test
  default void noMoreJobsAreHandedOutThanMayBeUnsettled() {
    unsettledMax(3);
    user().send(5, message());
    user().send("other", message());

    assertThat(user().claim(2)).hasSize(2);
    List<Job> last = user().claim(10);
    assertThat(last).hasSize(1);
    user().claimsNothing();
    assertThat(user().claim("other", 1, null)).as("another queue").hasSize(1);

    user().settle(last.getFirst(), Outcome.done());
    assertThat(user().claim(10)).hasSize(1);
    user().claimsNothing();
    user().reopen();
    user().claimsNothing();
    assertThat(user().store().stats(QUEUE).processing()).isEqualTo(3);
  }

  @Test
  default void whateverEndsALeaseMakesRoomForAnother() throws Exception {
    unsettledMax(1);
    user().send(1, message());
    user().send(1, message().session("s"));
    user().send(9, message());
    BlockingQueue<Store.Wake> wakes = new LinkedBlockingQueue<>();
    try (AutoCloseable _ = user().store().wake(wakes::add)) {
      Job job = oneThenNone(wakes);
      user().settle(job, Outcome.done());
      woken(wakes, QUEUE);
      job = oneThenNone(wakes);
      user().settle(job, Outcome.fail("no"));
      woken(wakes, QUEUE);
      job = oneThenNone(wakes);
      user().settle(job, Outcome.release());
      woken(wakes, QUEUE);
      job = oneThenNone(wakes);
      user().go(job, job.deleted(user().now()));
      woken(wakes, QUEUE);
      oneThenNone(wakes);
      user().time.advance(QueueSettings.STANDARD.lease());
      Job lapsed = user().store().overdue(Overdue.LAPSED, 10).getFirst();
      user().go(lapsed, lapsed.lapsed(user().settings(QUEUE), user().now(), user().random));
      woken(wakes, QUEUE);
      oneThenNone(wakes);
      unsettledMax(2);
      woken(wakes, QUEUE);
      assertThat(user().claim(10)).hasSize(1);
    }
  }

  @Test
  default void theConsumerOfASessionWaitsToo() throws Exception {
    unsettledMax(1);
    user().send(message().session("s"));
    user().send(message().session("t"));
    unsettledMax(2);
    SessionLease held = user().hold("s");
    unsettledMax(1);
    Job other = user().claimed();
    BlockingQueue<Store.Wake> wakes = new LinkedBlockingQueue<>();
    try (AutoCloseable _ = user().store().wake(wakes::add)) {
      assertThat(user().claim(QUEUE, 1, held)).isEmpty();
      wakes.clear();
      user().settle(other, Outcome.done());
      Store.Wake ofConsumer = new Store.Wake(QUEUE, "s");
      Await.until("a wake of the consumer", () -> wakes.contains(ofConsumer));
      assertThat(user().claim(QUEUE, 1, held)).hasSize(1);
    }
  }

  @Test
  default void aLowerLimitHoldsForTheNextClaim() throws Exception {
    user().send(10, message());
    List<Job> jobs = user().claim(4);
    unsettledMax(2);
    BlockingQueue<Store.Wake> wakes = new LinkedBlockingQueue<>();
    try (AutoCloseable _ = user().store().wake(wakes::add)) {
      user().claimsNothing();
      user().settle(jobs.get(0), Outcome.done());
      user().settle(jobs.get(1), Outcome.done());
      assertThat(wakes).as("there is no room yet").isEmpty();
      user().claimsNothing();
      user().settle(jobs.get(2), Outcome.done());
      woken(wakes, QUEUE);
      assertThat(user().claim(4)).hasSize(1);
    }
  }

  @Test
  default void noMoreSessionsAreHeldThanMayBe() throws Exception {
    unsettledMax(2);
    user().send(message().session("c"));
    SessionLease first = user().hold("a");
    user().hold("b");
    assertThat(user().store().hold(QUEUE, "d", "worker", StoreUser.LEASE_TICKS)).isNull();
    assertThat(user().store().hold(QUEUE, null, "worker", StoreUser.LEASE_TICKS)).isNull();
    assertThat(user().store().hold("other", "d", "worker", StoreUser.LEASE_TICKS)).isNotNull();
    user().reopen();
    assertThat(user().store().hold(QUEUE, "d", "worker", StoreUser.LEASE_TICKS)).isNull();

    BlockingQueue<Store.Wake> wakes = new LinkedBlockingQueue<>();
    try (AutoCloseable _ = user().store().wake(wakes::add)) {
      user().free(first);
      woken(wakes, QUEUE);
      assertThat(user().hold(null).session()).isEqualTo("c");
      assertThat(user().store().hold(QUEUE, "d", "worker", StoreUser.LEASE_TICKS)).isNull();
    }
  }

  @Test
  default void whatIsHandedOutForEverIsNotUnsettled() {
    user()
        .configure(
            QueueSettings.STANDARD
                .delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE)
                .unsettledMax(1));
    user().send(5, message());
    assertThat(user().claim(4)).hasSize(4);
    assertThat(user().claim(4)).hasSize(1);
  }

  /** A claim of one job, and one that the limit refuses. */
  private Job oneThenNone(BlockingQueue<Store.Wake> wakes) {
    List<Job> one = user().claim(10);
    assertThat(one).hasSize(1);
    user().claimsNothing();
    wakes.clear();
    return one.getFirst();
  }

  private static void woken(BlockingQueue<Store.Wake> wakes, String queue) {
    Store.Wake wake = new Store.Wake(queue, null);
    Await.until("a wake of " + queue, () -> wakes.contains(wake));
    wakes.clear();
  }

  private void unsettledMax(int max) {
    user().configure(QueueSettings.STANDARD.unsettledMax(max));
  }
}
