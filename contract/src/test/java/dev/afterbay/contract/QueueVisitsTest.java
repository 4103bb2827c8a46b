package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Outcome;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What a call about one queue looks at, beside another queue that has many jobs. */
class QueueVisitsTest {

  private static final int FLOOD = Integer.getInteger("afterbay.flood", 100_000);
  private static final int WINDOW = 50;

  private final CountingTables tables = new CountingTables();
  private final StoreUser user =
      new StoreUser(clock -> MemoryStore.open(tables, clock, new Ledger.Sizes(WINDOW, WINDOW)), 1);

  @Test
  void scheduledJobsOfAQueueAreListedAndPurgedWithoutALookAtOthers() {
    int jobs = 500;
    List<JobId> ids = user.send(jobs, message().delay(Duration.ofHours(1)));
    user.send("other", FLOOD, message());
    user.send("other", FLOOD, message().delay(Duration.ofHours(2)));
    listsNewestFirst(Status.Kind.PENDING, ids);
    purges(jobs);
  }

  @Test
  void waitingJobsOfAQueueAreListedWithoutALookAtOthers() {
    List<JobId> ids = new ArrayList<>();
    for (int i = 0; i < 500; i++) {
      ids.add(sendWaiting());
    }
    user.send("other", FLOOD, message());
    listsNewestFirst(Status.Kind.WAITING, ids);
  }

  @Test
  void pendingJobsOfAQueueAreListedWithoutALookAtOthers() {
    List<JobId> ids = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      ids.add(user.send(message().priority(i % 10)));
      ids.add(user.send(message().session("s" + i % 7)));
      ids.add(user.send(message().delay(Duration.ofHours(1))));
      ids.add(user.send(message().session("s" + i % 7).delay(Duration.ofHours(1))));
    }
    user.send("other", FLOOD, message());
    user.hold("s1");
    listsNewestFirst(Status.Kind.PENDING, ids);
    purges(ids.size());
  }

  @Test
  void activeJobsOfAQueueAreListedWithoutALookAtOthersThatAreNot() {
    List<JobId> ids = user.send(500, message());
    user.claim(500);
    user.send("other", FLOOD, message());
    listsNewestFirst(Status.Kind.PROCESSING, ids);
  }

  @Test
  void allJobsOfASmallQueueAreOnOnePageBesideALargeOne() {
    List<JobId> ids = sendFailed(20);
    ids.addAll(user.send(20, message().delay(Duration.ofHours(1))));
    ids.add(sendWaiting());
    ids.addAll(user.send(20, message().session("s")));
    ids.addAll(user.send(20, message()));
    user.claim(5);
    user.send("other", FLOOD, message());
    user.claim("other", 1_000, null);
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE);
    tables.reset();
    Jobs.JobPage page = user.store().list(query, null, 100);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed());
    assertThat(tables.bodies).isLessThan(2_100);
    assertThat(tables.visits).isLessThan(2_100);
    assertThat(user.list(query, 7)).extracting(Job::id).isEqualTo(ids.reversed());
  }

  @Test
  void theFewJobsInAStateAreOnOnePageWhateverQueuesTheyAreOf() {
    List<JobId> ids = sendFailed(20);
    user.send("other", FLOOD, message());
    user.claim("other", 1, null)
        .forEach(job -> {
          user.settle(job, Outcome.fail("no"));
          ids.add(job.id());
        });
    user.send("third", FLOOD, message());
    Jobs.JobQuery query = Jobs.JobQuery.ALL.status(Status.Kind.FAILED);
    tables.reset();
    Jobs.JobPage page = user.store().list(query, null, 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed());
    assertThat(page.next()).isNull();
    assertThat(tables.bodies).isLessThan(100);
    assertThat(tables.visits).isLessThan(100);
    assertThat(user.list(query, 7)).extracting(Job::id).isEqualTo(ids.reversed());
  }

  @Test
  void theFewJobsInAStateAreOnOnePageHoweverManyOtherQueuesThereAre() {
    List<JobId> ids = sendFailed(20);
    for (int n = 0; n < 5_000; n++) {
      user.send("other" + n, message());
    }
    for (Status.Kind kind : List.of(Status.Kind.FAILED, Status.Kind.CANCELLED)) {
      tables.reset();
      Jobs.JobPage page = user.store().list(Jobs.JobQuery.ALL.status(kind), null, 50);
      assertThat(page.jobs()).hasSize(kind == Status.Kind.FAILED ? ids.size() : 0);
      assertThat(page.next()).isNull();
      assertThat(tables.bodies).isLessThan(100);
    }
  }

  @Test
  void aPageOfWhatIsMostOfTheStoreCostsItsJobs() {
    List<JobId> ids = user.send(10_000, message());
    for (Jobs.JobQuery query :
        List.of(Jobs.JobQuery.ofQueue(QUEUE), Jobs.JobQuery.ALL.status(Status.Kind.PENDING))) {
      tables.reset();
      Jobs.JobPage page = user.store().list(query, null, 50);
      assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(0, 50));
      assertThat(tables.bodies).isLessThan(60);
      assertThat(tables.visits).isLessThan(60);
    }
  }

  @Test
  void anEmptyStateOfAQueueIsListedAndPurgedAtOnce() {
    user.send("other", FLOOD, message());
    user.claim("other", 1_000, null);
    user.send(message().delay(Duration.ofHours(1)));
    tables.reset();
    for (Status.Kind kind :
        List.of(Status.Kind.FAILED, Status.Kind.WAITING, Status.Kind.PROCESSING)) {
      assertThat(user.list(ofQueue(kind), 50)).isEmpty();
    }
    try (Engine engine = Engine.open(user.store())) {
      assertThat(engine.queue("empty").admin().orElseThrow().purge(Status.Kind.PENDING)).isZero();
      assertThat(engine.queue("empty").admin().orElseThrow().purge(Status.Kind.FAILED)).isZero();
      engine.queue("empty").admin().orElseThrow().delete(true);
    }
    assertThat(tables.bodies).isLessThan(10);
    assertThat(tables.visits).isLessThan(10);
  }

  @Test
  void deletingAQueueLooksAtNoOther() {
    int jobs = 300;
    sendFailed(jobs);
    user.send(jobs, message().delay(Duration.ofHours(1)));
    for (int i = 0; i < jobs; i++) {
      sendWaiting();
    }
    user.send(jobs, message().session("s"));
    user.send(jobs, message());
    user.claim(jobs);
    user.send("other", FLOOD, message());
    tables.reset();
    try (Engine engine = Engine.open(user.store())) {
      engine.queue(QUEUE).admin().orElseThrow().delete(true);
      assertThat(engine.queue(QUEUE).stats().depth()).isZero();
    }
    assertThat(tables.bodies).as("bodies that a delete reads").isLessThan(5L * 5 * jobs);
    assertThat(tables.visits).as("rows that a delete visits").isLessThan(5L * 5 * jobs);
  }

  /** Too many to walk their index for each page: then they are met on the way, or it is walked. */
  @Test
  void pagesOfManyJobsCostAFewJobsOrTheRowsOfTheirQueue() {
    List<JobId> scattered = user.send(1, message());
    List<JobId> ids = user.send(FLOOD / 2, message());
    user.send("other", FLOOD / 2, message());
    tables.reset();
    Jobs.JobPage page = user.store().list(ofQueue(Status.Kind.PENDING), null, 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(0, 50));
    assertThat(tables.bodies).isLessThanOrEqualTo(2_100);
    assertThat(tables.visits).as("the rows of the queue").isLessThan(FLOOD / 2 + 5_000);

    tables.reset();
    page = user.store().list(ofQueue(Status.Kind.PENDING), page.next(), 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(50, 100));
    assertThat(tables.bodies).isLessThanOrEqualTo(60);
    assertThat(tables.visits).isLessThanOrEqualTo(60);

    assertThat(user.list(ofQueue(Status.Kind.PENDING), Jobs.PAGE_MAX))
        .extracting(Job::id)
        .startsWith(ids.getLast())
        .endsWith(scattered.getFirst())
        .hasSize(1 + ids.size())
        .doesNotHaveDuplicates();
  }

  @Test
  void aListOfEndedJobsBeyondThoseThatAreWalkedGoesOnBehindOtherQueues() {
    int failed = 21_000;
    List<JobId> ids = sendFailed(failed);
    user.send("other", FLOOD, message());
    tables.reset();
    Jobs.JobPage page = user.store().list(ofQueue(Status.Kind.FAILED), null, 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(0, 50));
    assertThat(tables.bodies).isLessThanOrEqualTo(2_100);
    assertThat(tables.visits).as("the rows of the queue").isLessThan(failed + 5_000);
  }

  private static Jobs.JobQuery ofQueue(Status.Kind kind) {
    return Jobs.JobQuery.ofQueue(QUEUE).status(kind);
  }

  private JobId sendWaiting() {
    Job job = user.waiting(message(), 1);
    return user.done(Commit.synced(new Change.Append(job, null))).ids().getFirst();
  }

  private void listsNewestFirst(Status.Kind kind, List<JobId> ids) {
    tables.reset();
    Jobs.JobPage page = user.store().list(ofQueue(kind), null, 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(0, 50));
    assertThat(tables.bodies).as("bodies of a page").isLessThan(100);
    assertThat(tables.visits).as("rows of a page").isLessThan(2L * ids.size());
    assertThat(user.list(ofQueue(kind), 50)).extracting(Job::id).isEqualTo(ids.reversed());
  }

  private void purges(int jobs) {
    tables.reset();
    try (Engine engine = Engine.open(user.store())) {
      assertThat(engine.queue(QUEUE).admin().orElseThrow().purge(Status.Kind.PENDING))
          .isEqualTo(jobs);
      assertThat(engine.queue(QUEUE).stats().depth()).isZero();
    }
    assertThat(tables.bodies).as("bodies that a purge reads").isLessThan(6L * jobs);
    assertThat(tables.visits).as("rows that a purge visits").isLessThan(6L * jobs);
  }

  private List<JobId> sendFailed(int count) {
    List<JobId> ids = user.send(count, message());
    for (int left = count; left > 0; left -= 100) {
      user.claim(Math.min(left, 100)).forEach(job -> user.settle(job, Outcome.fail("no")));
    }
    return ids;
  }
}
