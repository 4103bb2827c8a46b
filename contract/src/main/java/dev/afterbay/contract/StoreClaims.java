package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Status;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is handed out, to whom, in which order (store.md, rules 4, 6 to 8). */
interface StoreClaims {

  StoreUser user();

  @Test
  default void aHigherPriorityComesFirstThenTheOrderOfAcceptance() {
    JobId plain = user().send(message());
    JobId low = user().send(message().priority(0));
    JobId high = user().send(message().priority(9));
    JobId second = user().send(message());
    JobId highToo = user().send(message().priority(9));

    assertThat(user().claim(10))
        .extracting(Job::id)
        .containsExactly(high, highToo, plain, second, low);
  }

  @Test
  default void theOrderOutlivesAReopening() {
    List<JobId> ids = user().send(5, message());
    JobId high = user().send(message().priority(9));
    user().reopen();

    assertThat(user().claim(2)).extracting(Job::id).containsExactly(high, ids.getFirst());
    user().reopen();
    assertThat(user().claim(10)).extracting(Job::id).isEqualTo(ids.subList(1, 5));
  }

  @Test
  default void aRetriedJobKeepsItsPlace() {
    List<JobId> ids = user().send(3, message());
    Job first = user().claimed();
    user().settle(first, Outcome.retry("not yet", Duration.ZERO));
    user().awaitPending(3);

    assertThat(user().claim(10)).extracting(Job::id).isEqualTo(ids);
    assertThat(user().job(first.id()).seq()).isEqualTo(first.seq());
  }

  @Test
  default void aClaimIsALeaseAndATry() {
    JobId id = user().send(message().attributes(Map.of("a", "b")));
    Job before = user().job(id);
    Job claimed = user().claimed();

    Lease lease = claimed.lease();
    assertThat(lease.consumer()).isEqualTo("worker");
    assertThat(lease.untilTick()).isEqualTo(user().now().tick() + StoreUser.LEASE_TICKS);
    assertThat(lease.since()).isEqualTo(user().now().wall());
    assertThat(lease.detached()).isFalse();
    assertThat(claimed.message()).isEqualTo(before.message());
    assertThat(claimed.state().attempts()).isEqualTo(1);
    assertThat(claimed.state().version()).isEqualTo(before.state().version() + 1);
    assertThat(user().job(id)).isEqualTo(claimed);
  }

  @Test
  default void aDetachedLeaseSaysSo() {
    user().send(message());
    assertThat(user().claimDetached(1)).singleElement().matches(job -> job.lease().detached());
  }

  @Test
  default void aJobIsLeasedOnce() {
    user().send(3, message());
    assertThat(user().claim(2)).hasSize(2);
    assertThat(user().claim(10)).hasSize(1);
    user().claimsNothing();
    user().reopen();
    user().claimsNothing();
  }

  @Test
  default void manyClaimantsShareTheJobs() throws Exception {
    int jobs = 1_000;
    List<JobId> sent = user().send(jobs, message());
    Callable<List<JobId>> claimant =
        () -> {
          List<JobId> mine = new ArrayList<>();
          List<Job> some = user().claim(7);
          while (!some.isEmpty()) {
            some.forEach(job -> mine.add(job.id()));
            some = user().claim(7);
          }
          return mine;
        };
    List<JobId> all = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Future<List<JobId>> claimed :
          threads.invokeAll(Stream.generate(() -> claimant).limit(8).toList())) {
        all.addAll(claimed.get());
      }
    }
    assertThat(all).containsExactlyInAnyOrderElementsOf(sent);
  }

  @Test
  default void queuesAreApart() {
    user().send("other", message());
    user().claimsNothing();
    assertThat(user().claim("other", 10, null)).hasSize(1);
  }

  @Test
  default void typesThatAreNotTakenAreLeftAlone() {
    List<JobId> ids = new ArrayList<>();
    for (String type : List.of("a", "b", "c", "a", "b", "c")) {
      ids.add(user().send(Message.of(type, "")));
    }
    assertThat(claim(ReceiveOptions.Types.only(Set.of("b"))))
        .containsExactly(ids.get(1), ids.get(4));
    assertThat(claim(ReceiveOptions.Types.allBut(Set.of("b", "c"))))
        .containsExactly(ids.get(0), ids.get(3));
    assertThat(claim(ReceiveOptions.Types.only(Set.of("b")))).isEmpty();
    assertThat(claim(ReceiveOptions.Types.ALL)).containsExactly(ids.get(2), ids.get(5));
  }

  @Test
  default void aPausedQueueHandsOutNothing() {
    user().send(message());
    user().state(QueueState.Kind.PAUSED);
    user().send(message());
    user().claimsNothing();
    user().reopen();
    user().claimsNothing();

    user().state(QueueState.Kind.ACTIVE);
    assertThat(user().claim(10)).hasSize(2);
  }

  @Test
  default void aDrainingQueueHandsOutWhatItHas() {
    user().send(message());
    user().state(QueueState.Kind.DRAINING);
    assertThat(user().claim(10)).hasSize(1);
  }

  @Test
  default void anAtMostOnceClaimRemovesTheJob() {
    user().configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    List<JobId> ids = user().send(2, message());

    Job claimed = user().claimed();
    assertThat(claimed.id()).isEqualTo(ids.getFirst());
    assertThat(claimed.message()).isEqualTo(message());
    assertThat(claimed.status()).isInstanceOf(Status.Gone.class);
    assertThat(claimed.state().attempts()).isEqualTo(1);
    assertThat(user().find(claimed.id())).isEmpty();
    user().reopen();
    assertThat(user().claim(10)).extracting(Job::id).containsExactly(ids.get(1));
    assertThat(user().store().stats(StoreUser.QUEUE).depth()).isZero();
    assertThat(user().store().overdue(Overdue.ORPHANED, 10)).isEmpty();
  }

  @Test
  default void noTwoLeasesHaveTheSameFenceAcrossReopenings() {
    user().send(9, message());
    List<Long> fences = new ArrayList<>();
    List<Long> epochs = new ArrayList<>();
    for (int opening = 0; opening < 3; opening++) {
      for (Job job : user().claim(3)) {
        fences.add(job.lease().fence());
      }
      epochs.add(fences.getLast() >>> Lease.FENCE_NUMBER_BITS);
      user().reopen();
    }
    assertThat(fences).hasSize(9).isSorted().doesNotHaveDuplicates();
    assertThat(epochs).isSorted().doesNotHaveDuplicates();
  }

  @Test
  default void peekingShowsWhatComesNextAndLeasesNothing() {
    List<JobId> ids = user().send(3, message());
    JobId high = user().send(message().priority(9));
    user().send(message().delay(Duration.ofHours(1)));

    List<Job> peeked = user().store().peek(StoreUser.QUEUE, 2);
    assertThat(peeked).extracting(Job::id).containsExactly(high, ids.getFirst());
    assertThat(peeked).extracting(Job::message).contains(message());
    assertThat(user().store().peek(StoreUser.QUEUE, 100)).hasSize(4);
    assertThat(user().store().peek("other", 100)).isEmpty();
    assertThat(user().claim(10)).hasSize(4);
  }

  @Test
  default void whatHasExpiredHidesNothingThatIsPeekedAt() {
    user().send(5, message().timeToLive(Duration.ofSeconds(1)));
    List<JobId> alive = user().send(3, message());
    user().advance(Duration.ofSeconds(2));

    assertThat(user().store().peek(StoreUser.QUEUE, 3)).extracting(Job::id).isEqualTo(alive);
  }

  private List<JobId> claim(ReceiveOptions.Types types) {
    return user().claim(StoreUser.QUEUE, 10, null, types).stream().map(Job::id).toList();
  }
}
