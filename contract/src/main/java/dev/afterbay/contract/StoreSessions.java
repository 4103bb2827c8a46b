package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Order within a session, and that one does not delay the others (store.md, 6). */
interface StoreSessions {

  StoreUser user();

  /** How many jobs wait behind a held session where that must not delay others. */
  default int blockedJobs() {
    return 100_000;
  }

  @Test
  default void aSessionIsHandedOutOneAtATimeInOrder() {
    List<JobId> ids = new ArrayList<>();
    for (int priority : List.of(4, 9, 0)) {
      ids.add(user().send(message().session("s").priority(priority)));
    }
    List<JobId> got = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      Job job = user().claimed();
      got.add(job.id());
      user().claimsNothing();
      user().settle(job, Outcome.done());
    }
    assertThat(got).isEqualTo(ids);
    user().claimsNothing();
  }

  @Test
  default void sessionsGoOnBesideEachOther() {
    JobId a = user().send(message().session("a"));
    user().send(message().session("a"));
    JobId b = user().send(message().session("b"));
    JobId none = user().send(message());

    assertThat(user().claim(10)).extracting(Job::id).containsExactly(a, b, none);
  }

  @Test
  default void aSessionWaitsBehindARelease() {
    List<JobId> ids = user().send(2, message().session("s"));
    user().settle(user().claimed(), Outcome.release());
    assertThat(user().claimed().id()).isEqualTo(ids.getFirst());
    user().claimsNothing();
  }

  @Test
  default void aSessionWaitsBehindARetry() {
    List<JobId> ids = user().send(2, message().session("s"));
    user().settle(user().claimed(), Outcome.retry("no", Duration.ofSeconds(5)));
    user().claimsNothing();
    user().reopen();
    user().claimsNothing();
    user().advance(Duration.ofSeconds(5));
    assertThat(user().claimed().id()).isEqualTo(ids.getFirst());
  }

  @Test
  default void aSessionWaitsBehindADelayedMessage() {
    JobId late = user().send(message().session("s").delay(Duration.ofSeconds(5)));
    user().send(message().session("s"));
    user().claimsNothing();
    user().advance(Duration.ofSeconds(5));
    assertThat(user().claimed().id()).isEqualTo(late);
  }

  @Test
  default void aSessionWaitsBehindALapse() {
    List<JobId> ids = user().send(2, message().session("s"));
    user().claimed();
    user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS));
    user().claimsNothing();
    Job lapsed =
        Await.value(
            "a lapsed lease", () -> user().store().overdue(Overdue.LAPSED, 9).stream().findAny());
    user().go(lapsed, lapsed.lapsed(QueueSettings.STANDARD, user().now(), user().random));
    user().claimsNothing();
    user().advance(Duration.ofMinutes(1));
    assertThat(user().claimed().id()).isEqualTo(ids.getFirst());
  }

  @Test
  default void aSessionWaitsBehindWhatWasProcessingWhenTheStoreWasClosed() {
    List<JobId> ids = user().send(2, message().session("s"));
    user().claimed();
    user().reopen();
    user().claimsNothing();
    Job claimed = user().job(ids.getFirst());
    user().settle(claimed, Outcome.done());
    assertThat(user().claimed().id()).isEqualTo(ids.get(1));
  }

  @Test
  default void aSessionGoesOnAfterAFailedOrCancelledJob() {
    List<JobId> ids = user().send(3, message().session("s"));
    user().settle(user().claimed(), Outcome.fail("poison"));
    Job second = user().job(ids.get(1));
    user().go(second, second.cancelled(QueueSettings.STANDARD, user().now()));
    assertThat(user().claimed().id()).isEqualTo(ids.get(2));
  }

  @Test
  default void aRedrivenJobIsBackAtItsOldPlace() {
    List<JobId> ids = user().send(3, message().session("s"));
    user().settle(user().claimed(), Outcome.fail("poison"));
    Job second = user().claimed();
    Job failed = user().job(ids.getFirst());
    user().go(failed, failed.redriven(user().now()));
    user().claimsNothing();
    user().settle(second, Outcome.done());

    Job redriven = user().claimed();
    assertThat(redriven.id()).isEqualTo(ids.getFirst());
    user().settle(redriven, Outcome.done());
    assertThat(user().claimed().id()).isEqualTo(ids.get(2));
  }

  @Test
  default void aRedrivenJobComesWhileTheOneAfterItWaitsForItsRetry() {
    user().send(message().session("s"));
    Job failed = user().settle(user().claimed(), Outcome.fail("no"));
    user().send(message().session("s"));
    Job claimed = user().claimed();
    user().go(failed, failed.redriven(user().now()));
    user().claimsNothing();

    user().settle(claimed, Outcome.retry("later", Duration.ofHours(1)));
    assertThat(user().claimed().id()).isEqualTo(failed.id());
  }

  @Test
  default void aRedrivenJobWaitsForTheOneThatItsConsumerWorksOn() {
    user().send(message().session("s"));
    Job failed = user().settle(user().claimed(), Outcome.fail("no"));
    JobId second = user().send(message().session("s"));
    SessionLease held = user().hold("s");
    Job claimed = user().claimed(held);
    assertThat(claimed.id()).isEqualTo(second);
    user().go(failed, failed.redriven(user().now()));

    assertThat(user().claim(StoreUser.QUEUE, 10, held)).isEmpty();
    user().settle(claimed, Outcome.done());
    assertThat(user().claimed(held).id()).isEqualTo(failed.id());
  }

  @Test
  default void aRescheduledJobOfASessionIsDueAtItsNewTime() {
    Job job = user().job(user().send(message().session("s")));
    user().go(job, job.rescheduled(new Due.AtTick(user().now().tick()), user().now()));
    job = user().settle(user().claimed(), Outcome.release());
    long later = user().now().tick() + 1_000;
    job = user().go(job, job.rescheduled(new Due.AtTick(later), user().now()));
    user().claimsNothing();
    job = user().go(job, job.rescheduled(new Due.AtTick(user().now().tick()), user().now()));
    assertThat(user().claimed().id()).isEqualTo(job.id());
  }

  /** However many sessions there are, those that somebody uses stay what they are. */
  @Test
  default void sessionsInUseAreKeptAmongManyOthers() {
    List<JobId> ids = user().send(2, message().session("active").priority(9));
    assertThat(user().claimed().id()).isEqualTo(ids.getFirst());
    SessionLease held = user().hold("held");
    for (int i = 0; i < 5; i++) {
      user().send(message().session("other " + i));
    }

    assertThat(user().store().held(StoreUser.QUEUE, "held")).isEqualTo(held);
    assertThat(user().claim(10)).hasSize(5).extracting(Job::id).doesNotContain(ids.getLast());
  }

  @Test
  default void aSessionIsPeekedAtInItsOrder() {
    List<JobId> ids = user().send(4, message().session("s"));
    assertThat(user().store().peek(StoreUser.QUEUE, 3))
        .extracting(Job::id)
        .isEqualTo(ids.subList(0, 3));
    user().claimed();
    assertThat(user().store().peek(StoreUser.QUEUE, 10))
        .extracting(Job::id)
        .isEqualTo(ids.subList(1, 4));
  }

  /** As if each were done before the next is taken. */
  @Test
  default void sessionsAreShownAmongOthersInTheOrderOfDelivery() {
    Message a = message().session("a");
    Message z = message().session("z");
    JobId z1 = user().send(z);
    JobId plain = user().send(message());
    JobId z2 = user().send(z.priority(9));
    JobId a1 = user().send(a);
    JobId later = user().send(message());
    JobId a2 = user().send(a);
    JobId urgent = user().send(message().priority(5));
    List<JobId> order = List.of(urgent, z1, z2, plain, a1, later, a2);

    for (int max = 1; max <= order.size(); max++) {
      assertThat(user().store().peek(StoreUser.QUEUE, max))
          .extracting(Job::id)
          .isEqualTo(order.subList(0, max));
    }
    List<JobId> delivered = new ArrayList<>();
    for (int i = 0; i < order.size(); i++) {
      Job claimed = user().claimed();
      delivered.add(claimed.id());
      user().settle(claimed, Outcome.done());
    }
    assertThat(delivered).isEqualTo(order);
  }

  @Test
  default void sessionsInUseAreShownAsIfTheirConsumersWereDone() {
    List<JobId> claimed = user().send(2, message().session("active"));
    List<JobId> held = user().send(2, message().session("held"));
    JobId plain = user().send(message());
    List<JobId> delayed =
        List.of(
            user().send(message().session("delayed").delay(Duration.ofHours(1))),
            user().send(message().session("delayed").priority(9)));
    JobId last = user().send(message().session("active").priority(9));
    assertThat(user().claimed().id()).isEqualTo(claimed.getFirst());
    user().hold("held");

    assertThat(user().store().peek(StoreUser.QUEUE, 20))
        .extracting(Job::id)
        .containsExactly(
            claimed.get(1),
            last,
            held.getFirst(),
            held.getLast(),
            plain,
            delayed.getFirst(),
            delayed.getLast());
  }

  @Test
  default void aFifoQueueIsOneSession() {
    user().configure(QueueSettings.STANDARD.order(QueueSettings.Order.FIFO));
    List<JobId> ids = user().send(2, message());
    JobId urgent = user().send(message().priority(9));

    Job first = user().claimed();
    assertThat(first.id()).isEqualTo(ids.getFirst());
    user().claimsNothing();
    user().settle(first, Outcome.retry("no", Duration.ofSeconds(1)));
    user().claimsNothing();
    user().advance(Duration.ofSeconds(1));
    user().settle(user().claimed(), Outcome.done());
    Job second = user().claimed();
    assertThat(second.id()).isEqualTo(ids.get(1));
    user().settle(second, Outcome.done());
    assertThat(user().claimed().id()).isEqualTo(urgent);
  }

  @Test
  default void aHeldSessionWithManyJobsDelaysNobody() {
    user().hold("flood");
    user().send(blockedJobs(), message().session("flood"));
    JobId session = user().send(message().session("other"));
    JobId plain = user().send(message().priority(0));
    List<JobId> behind = List.of(session, plain);

    assertThat(user().claim(10)).extracting(Job::id).isEqualTo(behind);
    for (JobId id : behind) {
      user().settle(user().job(id), Outcome.release());
    }
    user().reopen();
    assertThat(user().claim(10)).extracting(Job::id).isEqualTo(behind);
  }
}
