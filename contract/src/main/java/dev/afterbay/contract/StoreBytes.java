package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Status;
import dev.afterbay.store.Claim;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** No call brings more bytes than it asks for, or one message. */
interface StoreBytes {

  int BODY = 10_000;

  /** Room for three jobs, however a store counts what is not their bodies. */
  long THREE = 3 * BODY + BODY / 2;

  StoreUser user();

  @Test
  default void aClaimEndsAtItsLimitInBytesAndTheNextGoesOn() {
    List<JobId> ids = user().send(10, large());
    List<JobId> claimed = new ArrayList<>();
    List<Integer> sizes = new ArrayList<>();
    for (List<Job> some = claim(THREE, null); !some.isEmpty(); some = claim(THREE, null)) {
      some.forEach(job -> claimed.add(job.id()));
      sizes.add(some.size());
    }
    assertThat(claimed).isEqualTo(ids);
    assertThat(sizes).containsExactly(3, 3, 3, 1);
  }

  /** A job grows with each attempt, also while only its place in the queue is in memory. */
  @Test
  default void aClaimLeasesNoJobThatItDoesNotBring() {
    user().configure(QueueSettings.STANDARD.maxAttempts(QueueSettings.UNLIMITED));
    int count = user().send(10, StoreUser.message()).size();
    for (int round = 0; round < 10; round++) {
      List<Job> claimed = new ArrayList<>();
      for (List<Job> some = claim(THREE, null); !some.isEmpty(); some = claim(THREE, null)) {
        claimed.addAll(some);
      }
      assertThat(claimed).as("round %d", round).hasSize(count);
      int attempts = round;
      assertThat(claimed).allMatch(job -> job.history().size() == attempts, "its whole history");
      claimed.forEach(job -> user().settle(job, Outcome.retry("x".repeat(2_000), Duration.ZERO)));
    }
  }

  @Test
  default void aClaimBringsOneMessageHoweverLargeItIs() {
    user().send(3, large());
    assertThat(claim(1, null)).hasSize(1);
    user().reopen();
    assertThat(claim(1, null)).hasSize(1);
  }

  @Test
  default void aClaimThatEndedAtItsLimitWakesOthers() throws Exception {
    user().send(5, large());
    AtomicInteger wakes = new AtomicInteger();
    try (AutoCloseable _ = user().store().wake(_ -> wakes.incrementAndGet())) {
      assertThat(claim(THREE, null)).hasSize(3);
    }
    assertThat(wakes).hasPositiveValue();
  }

  @Test
  default void whatAClaimLeftForItsBytesComesWholeToTheNext() {
    Message message = large().attributes(Map.of("a", "x".repeat(BODY)));
    user().send(20, message);
    user().reopen();
    for (int i = 0; i < 20; i += 2) {
      assertThat(claim(7L * BODY, null))
          .hasSize(2)
          .allMatch(job -> job.message().equals(message), "the whole message");
    }
  }

  @Test
  default void aClaimAtMostOnceTakesNoMoreThanItBrings() {
    user().configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    user().send(10, large());
    assertThat(claim(THREE, null)).hasSize(3);
    assertThat(user().store().stats(QUEUE).pending()).isEqualTo(7);
  }

  @Test
  default void aClaimFromASessionEndsAtItsLimitInBytes() {
    user().send(5, large().session("s"));
    SessionLease held = user().hold("s");
    assertThat(claim(THREE, held)).hasSizeBetween(1, 3);
  }

  @Test
  default void aPeekEndsAtItsLimitInBytes() {
    List<JobId> ids = user().send(5, large());
    assertThat(user().store().peek(QUEUE, 5, THREE))
        .extracting(Job::id)
        .isEqualTo(ids.subList(0, 3));
    assertThat(user().store().peek(QUEUE, 5, 1)).hasSize(1);
    user().send(5, large().session("s"));
    assertThat(user().store().peek(QUEUE, 10, 7 * THREE / 3)).hasSize(7);
  }

  @Test
  default void aPageEndsAtItsLimitInBytesAndItsCursorGoesOn() {
    List<JobId> ids = user().send(10, large());
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).bodies(true);
    for (long max : List.of(1L, THREE, 20L * BODY)) {
      assertThat(pages(query, max)).as("%d bytes", max).isEqualTo(ids.reversed());
    }
    assertThat(user().store().list(query, null, 10, THREE).jobs()).hasSize(3);
  }

  @Test
  default void aPageOfTheEndedEndsAtItsLimitInBytes() {
    List<JobId> ids = user().send(5, large());
    user().claim(5).forEach(job -> user().settle(job, Outcome.fail("x".repeat(2_000))));
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).status(Status.Kind.FAILED).bodies(true);
    assertThat(pages(query, THREE)).containsExactlyInAnyOrderElementsOf(ids);
    assertThat(user().store().list(query, null, 10, THREE).jobs()).hasSizeBetween(2, 3);
  }

  @Test
  default void theHistoryCountsAmongTheBytesOfAPage() {
    user().send(2, StoreUser.message());
    for (int i = 0; i < 2; i++) {
      user()
          .claim(2)
          .forEach(job -> user().settle(job, Outcome.retry("x".repeat(2_000), Duration.ZERO)));
    }
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).bodies(true);
    assertThat(user().store().list(query, null, 10, 6_000).jobs()).hasSize(1);
  }

  @Test
  default void findEndsAtItsLimitInBytesAndGoesOnBehindTheLast() {
    List<JobId> ids = user().send(5, large());
    List<JobId> found = new ArrayList<>();
    List<JobId> rest = ids;
    while (!rest.isEmpty()) {
      List<Job> some = user().store().find(rest, THREE);
      assertThat(some).hasSizeBetween(1, 3);
      some.forEach(job -> found.add(job.id()));
      rest = rest.subList(rest.indexOf(some.getLast().id()) + 1, rest.size());
    }
    assertThat(found).isEqualTo(ids);
    assertThat(user().store().find(ids, Store.NO_BODIES)).hasSize(5);
  }

  private List<JobId> pages(Jobs.JobQuery query, long bytesMax) {
    List<JobId> ids = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = user().store().list(query, cursor, 100, bytesMax);
      page.jobs().forEach(job -> ids.add(job.id()));
      cursor = page.next();
    } while (cursor != null);
    return ids;
  }

  private List<Job> claim(long bytesMax, @Nullable SessionLease held) {
    return user()
        .store()
        .claim(
            new Claim(
                QUEUE,
                "worker",
                StoreUser.LEASE_TICKS,
                false,
                100,
                ReceiveOptions.Types.ALL,
                held,
                bytesMax));
  }

  private static Message large() {
    return Message.of(new byte[BODY]);
  }
}
