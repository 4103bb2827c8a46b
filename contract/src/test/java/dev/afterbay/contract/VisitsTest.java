package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How much a store looks at, counted in entries and not in time. */
class VisitsTest {

  private static final int FLOOD = Integer.getInteger("afterbay.flood", 100_000);
  private static final int WINDOW = 50;

  private final CountingTables tables = new CountingTables();
  private final StoreUser user =
      new StoreUser(clock -> MemoryStore.open(tables, clock, new Ledger.Sizes(WINDOW, WINDOW)), 1);

  @Test
  void aHeldSessionWithManyJobsCostsTheOthersNothing() {
    user.hold("flood");
    user.send(FLOOD, message().session("flood"));
    JobId other = user.send(message().session("other"));
    JobId plain = user.send(message());

    tables.visits = 0;
    assertThat(user.claimed().id()).isEqualTo(other);
    assertThat(user.claimed().id()).isEqualTo(plain);
    user.settle(user.job(other), Outcome.done());
    assertThat(tables.visits).isLessThan(10 * WINDOW);
  }

  @Test
  void openingLooksAtNoBacklog() {
    user.send(FLOOD, message());
    user.send(FLOOD / 10, message().session("s"));
    tables.visits = 0;
    user.reopen();
    user.claim(10);
    assertThat(tables.visits).isLessThan(10 * WINDOW);
  }

  @Test
  void countsLookAtNoBacklog() {
    user.send(FLOOD, message());
    tables.visits = 0;
    assertThat(user.store().stats(QUEUE).pending()).isEqualTo(FLOOD);
    assertThat(tables.visits).isZero();
  }

  @Test
  void workingOffABacklogLooksAtEachEntryAFewTimes() {
    int jobs = FLOOD / 10;
    user.send(jobs, message());
    tables.visits = 0;
    for (int left = jobs; left > 0; left -= 100) {
      user.claim(100).forEach(job -> user.settle(job, Outcome.done()));
    }
    assertThat(user.store().stats(QUEUE).depth()).isZero();
    assertThat(tables.visits).isLessThan(5L * jobs);
  }

  @Test
  void newSessionsAreLookedUpOnlyWhileSomeAreNotInMemory() {
    sendToSessions("few", WINDOW);
    assertThat(tables.scans).isZero();
    sendToSessions("more", WINDOW);
    sendToSessions("new", WINDOW);
    assertThat(tables.scans).isGreaterThan(0);

    user.claim(3 * WINDOW).forEach(job -> user.settle(job, Outcome.done()));
    assertThat(user.store().stats(QUEUE).depth()).isZero();
    sendToSessions("after", WINDOW);
    assertThat(tables.scans).isZero();
  }

  private void sendToSessions(String name, int sessions) {
    tables.reset();
    for (int i = 0; i < sessions; i++) {
      user.send(message().session(name + i));
    }
  }

  @Test
  void openingReadsNothingOfEmptyQueues() {
    for (int i = 0; i < 1_000; i++) {
      user.send("queue" + i, message());
      user.claim("queue" + i, 1, null).forEach(job -> user.settle(job, Outcome.done()));
    }
    tables.reset();
    user.reopen();
    assertThat(tables.scans).isLessThan(20);
  }

  @Test
  void openingWritesLeasesInPages() {
    int leases = 2_001;
    user.send(leases, message());
    assertThat(user.claimDetached(leases)).hasSize(leases);
    tables.reset();
    user.reopen();
    assertThat(tables.writtenAtOnce).isLessThan(2_100);
    assertThat(user.store().stats(QUEUE).processing()).isEqualTo(leases);
    user.time.advance(Duration.ofMillis(StoreUser.LEASE_TICKS - 1));
    assertThat(user.store().overdue(Overdue.LAPSED, leases)).isEmpty();
    user.time.advance(Duration.ofMillis(1));
    assertThat(user.store().overdue(Overdue.LAPSED, leases)).hasSize(leases);
  }

  @Test
  void aClaimLooksAtNoTypeBeforeItsTurn() {
    sendOfTypes(2_000);
    user.reopen();
    tables.reset();
    assertThat(user.claimed().message().type()).isEqualTo("t0");
    assertThat(tables.scans).isLessThan(5);
  }

  @Test
  void aClaimOfManyTypesReadsABoundedNumberOfThem() {
    sendOfTypes(2_000);
    user.reopen();
    tables.reset();
    assertThat(user.claim(1_000)).isNotEmpty();
    assertThat(tables.scans).isLessThan(100);
  }

  @Test
  void aPeekLooksAtNoTypeBeforeItsTurn() {
    sendOfTypes(2_000);
    tables.reset();
    assertThat(user.store().peek(QUEUE, 10)).hasSize(10);
    assertThat(tables.scans).isLessThan(100);
  }

  @Test
  void countsAfterAnOpenReadTheHeadsOfDeepTypesAndNoMore() {
    for (int i = 0; i < 20 * WINDOW; i++) {
      user.send(Message.of("t" + i % 20, "hello"));
    }
    user.reopen();
    tables.reset();
    assertThat(user.store().stats(QUEUE).pending()).isEqualTo(20 * WINDOW);
    assertThat(tables.bodies).isLessThan(20 * 5);
  }

  @Test
  void aClaimPassesOverABoundedNumberOfExpiredJobs() {
    user.send(FLOOD / 10, message().timeToLive(Duration.ofSeconds(1)));
    JobId live = user.send(message());
    user.time.advance(Duration.ofSeconds(2));

    int claims = 0;
    List<Job> claimed = List.of();
    while (claimed.isEmpty()) {
      tables.reset();
      claimed = user.claim(1);
      assertThat(tables.bodies).isLessThan(2_000);
      claims++;
    }
    assertThat(claimed.getFirst().id()).isEqualTo(live);
    assertThat(claims).isLessThan(FLOOD / 10 / 500);
  }

  @Test
  void countsReadNoExpiredJobs() {
    user.send(FLOOD / 10, message().timeToLive(Duration.ofSeconds(1)));
    user.time.advance(Duration.ofSeconds(2));
    tables.reset();
    user.store().stats(QUEUE);
    assertThat(tables.bodies).isLessThan(WINDOW);
  }

  @Test
  void thoseThatEndedInAQueueAreListedWithoutALookAtOthers() {
    int failed = 1_100;
    List<JobId> ids = sendFailed(failed);
    user.send("other", FLOOD, message());
    tables.reset();
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).status(Status.Kind.FAILED);
    Jobs.JobPage page = user.store().list(query, null, 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(0, 50));
    assertThat(tables.bodies).isLessThanOrEqualTo(51);
    assertThat(tables.visits).isLessThanOrEqualTo(failed + 100);
    page = user.store().list(query, page.next(), 50);
    assertThat(page.jobs()).extracting(Job::id).isEqualTo(ids.reversed().subList(50, 100));

    Jobs.JobQuery rare = Jobs.JobQuery.ofQueue(QUEUE).status(Status.Kind.FAILED).type("rare");
    assertThat(user.store().list(rare, null, 50)).isEqualTo(new Jobs.JobPage(List.of(), null));
  }

  @Test
  void aRareMatchAmongManyThatEndedCostsMorePagesAndNoSlowOne() {
    int failed = 5_000;
    sendFailed(failed);
    user.send(1, Message.of("rare", ""));
    user.settle(user.claimed(), Outcome.fail("no"));
    sendFailed(10);
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).status(Status.Kind.FAILED).type("note");
    assertThat(user.list(query, 300)).hasSize(failed + 10);
    Jobs.JobQuery rare = Jobs.JobQuery.ofQueue(QUEUE).status(Status.Kind.FAILED).type("rare");
    tables.reset();
    Jobs.JobPage page = user.store().list(rare, null, 50);
    assertThat(page.jobs()).hasSize(1);
    assertThat(page.next()).isNotNull();
    assertThat(tables.bodies).isLessThanOrEqualTo(2_000);
    assertThat(user.list(rare, 50)).hasSize(1);
  }

  @Test
  void redrivingAndPurgingLookAtNoOtherQueue() {
    int jobs = 1_100;
    sendFailed(jobs);
    user.send("other", FLOOD, message());
    tables.reset();
    try (Engine engine = Engine.open(user.store())) {
      assertThat(engine.queue(QUEUE).admin().orElseThrow().redrive(Redrive.ALL).matched())
          .isEqualTo(jobs);
      assertThat(engine.queue(QUEUE).stats().failed()).isZero();
      assertThat(tables.bodies).as("bodies that a redrive reads").isLessThan(5L * jobs);
      assertThat(tables.visits).as("rows that a redrive visits").isLessThan(5L * jobs);

      tables.reset();
      assertThat(engine.queue(QUEUE).admin().orElseThrow().purge(Status.Kind.PENDING))
          .isEqualTo(jobs);
      assertThat(tables.bodies).as("bodies that a purge reads").isLessThan(5L * jobs);
      assertThat(tables.visits).as("rows that a purge visits").isLessThan(5L * jobs);
    }
  }

  private List<JobId> sendFailed(int count) {
    List<JobId> ids = user.send(count, message());
    for (int left = count; left > 0; left -= 100) {
      user.claim(Math.min(left, 100)).forEach(job -> user.settle(job, Outcome.fail("no")));
    }
    return ids;
  }

  private void sendOfTypes(int types) {
    for (int i = 0; i < types; i++) {
      user.send(Message.of("t" + i, "hello"));
    }
  }

  @Test
  void largeBodiesAreReadWhenTheyAreClaimedAndDoNotFillTheMemory() {
    byte[] body = new byte[256 << 10];
    body[7] = 7;
    user.send(WINDOW, Message.of(body));
    tables.bodies = 0;

    for (Job job : user.claim(WINDOW)) {
      assertThat(job.message().body()).isEqualTo(body);
    }
    assertThat(tables.bodies).as("bodies that were not in memory").isGreaterThan(WINDOW / 2);
  }
}
