package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Pages of jobs, and counts that agree with them. */
interface StoreListing {

  Jobs.JobQuery ALL = Jobs.JobQuery.ALL;

  StoreUser user();

  @Test
  default void aListIsNewestFirst() {
    List<JobId> ids = user().send(10, message());
    user().claim(3);
    for (int max : List.of(1, 3, 10, 11, Jobs.PAGE_MAX)) {
      assertThat(user().list(ALL, max)).extracting(Job::id).isEqualTo(ids.reversed());
    }
  }

  @Test
  default void aListIsStableWhileJobsAreAdded() {
    List<JobId> ids = user().send(20, message());
    List<JobId> seen = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = user().store().list(ALL, cursor, 3);
      page.jobs().forEach(job -> seen.add(job.id()));
      cursor = page.next();
      user().advance(Duration.ofMillis(1));
      user().send(2, message());
    } while (cursor != null);
    assertThat(seen).isEqualTo(ids.reversed());
  }

  @Test
  default void aListWithoutBodiesHasTheAttributes() {
    Map<String, String> attributes = Map.of("tenant", "acme");
    JobId id = user().send(Message.of("x", "body").attributes(attributes));
    for (int i = 0; i < 3; i++) {
      Message listed = user().list(ALL, 1).getFirst().message();
      assertThat(listed.attributes()).isEqualTo(attributes);
      assertThat(listed.body()).isEmpty();
      assertThat(user().list(ALL.bodies(true), 1).getFirst().message().text()).isEqualTo("body");
      user().reopen();
    }
    assertThat(user().job(id).message().attributes()).isEqualTo(attributes);
  }

  @Test
  default void aCursorOutlivesAReopening() {
    List<JobId> ids = user().send(6, message());
    String cursor = user().store().list(ALL, null, 4).next();
    assertThat(cursor).isNotNull();
    user().reopen();
    assertThat(user().store().list(ALL, cursor, 4).jobs())
        .extracting(Job::id)
        .containsExactly(ids.get(1), ids.get(0));
  }

  @Test
  default void aForeignCursorIsRejected() {
    user().send(message());
    for (String cursor : List.of("", "x", "!!!!", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")) {
      assertThatExceptionOfType(BrokerException.Rejected.class)
          .as(cursor)
          .isThrownBy(() -> user().store().list(ALL, cursor, 10));
    }
  }

  @Test
  default void aListIsFilteredByAnything() {
    JobId a = user().send("a", Message.of("x", "").session("s"));
    user().advance(Duration.ofSeconds(10));
    JobId b = user().send("b", Message.of("x", ""));
    user().advance(Duration.ofSeconds(10));
    JobId c = user().send("a", Message.of("y", ""));
    user().claim("b", 1, null);

    assertThat(ids("a", null, null, null, null)).containsExactly(c, a);
    assertThat(ids(null, Status.Kind.PROCESSING, null, null, null)).containsExactly(b);
    assertThat(ids("a", Status.Kind.PROCESSING, null, null, null)).isEmpty();
    assertThat(ids("a", Status.Kind.PENDING, null, null, null)).containsExactly(c, a);
    assertThat(ids(null, null, "x", null, null)).containsExactly(b, a);
    assertThat(ids(null, null, null, "s", null)).containsExactly(a);
    assertThat(ids(null, null, null, null, TestClock.START.plusSeconds(5))).containsExactly(c, b);
    assertThat(ids("c", null, null, null, null)).isEmpty();
    assertThat(ids("a", null, "x", "s", TestClock.START.minusSeconds(1))).containsExactly(a);
  }

  @Test
  default void aListByStatusFollowsTheJob() {
    JobId id = user().send(message().tracked());
    Job claimed = user().claimed();
    user().settle(claimed, Outcome.done());
    assertThat(ids(QUEUE, Status.Kind.PROCESSING, null, null, null)).isEmpty();
    assertThat(ids(QUEUE, Status.Kind.DONE, null, null, null)).containsExactly(id);
    assertThat(ids(null, Status.Kind.DONE, null, null, null)).containsExactly(id);
    Job done = user().job(id);
    user().go(done, done.redriven(user().now()));
    assertThat(ids(QUEUE, Status.Kind.DONE, null, null, null)).isEmpty();
    assertThat(ids(QUEUE, Status.Kind.PENDING, null, null, null)).containsExactly(id);
  }

  @Test
  default void whatEndedIsListedInTheOrderInWhichItDid() {
    List<JobId> ids = user().send(5, message());
    user().send("other", message());
    List<Job> jobs = new ArrayList<>(user().claim(4));
    for (Job job : jobs.reversed()) {
      user().advance(Duration.ofMillis(1));
      user().settle(job, Outcome.fail("no"));
    }
    List<JobId> expected = ids.subList(0, 4).reversed();
    for (int max : new int[] {1, 3, 4, 10}) {
      assertThat(ended(max, false)).isEqualTo(expected);
      assertThat(ended(max, true)).isEqualTo(expected.reversed());
    }
    Jobs.JobPage first = user().store().ended(QUEUE, Status.Kind.FAILED, false, null, 3);
    assertThat(first.jobs()).hasSize(3).allMatch(job -> job.message().body().length == 0);
    assertThat(first.jobs()).allMatch(job -> "no".equals(job.lastError()));

    user().advance(Duration.ofMillis(1));
    user().settle(user().claimed(), Outcome.fail("no"));
    Job gone = first.jobs().getLast();
    user().go(gone, gone.redriven(user().now()));
    Jobs.JobPage second = user().store().ended(QUEUE, Status.Kind.FAILED, false, first.next(), 10);
    assertThat(second.jobs()).extracting(Job::id).containsExactly(ids.get(0), ids.get(4));
    assertThat(second.next()).isNull();
    assertThat(user().store().ended(QUEUE, Status.Kind.DONE, false, null, 10).jobs()).isEmpty();
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .isThrownBy(() -> user().store().ended(QUEUE, Status.Kind.FAILED, false, "AAAA", 10));
  }

  private List<JobId> ended(int max, boolean newestFirst) {
    List<JobId> all = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobPage page = user().store().ended(QUEUE, Status.Kind.FAILED, newestFirst, cursor, max);
      page.jobs().forEach(job -> all.add(job.id()));
      cursor = page.next();
    } while (cursor != null);
    return all;
  }

  @Test
  default void aListWithBodiesHasTheMessagesAndTheHistory() {
    Message message = message().attributes(Map.of("a", "b"));
    JobId id = user().send(message);
    user().settle(user().claimed(), Outcome.retry("no", Duration.ZERO));
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).bodies(true);
    assertThat(user().list(query, 10))
        .singleElement()
        .isEqualTo(user().job(id))
        .matches(job -> job.message().equals(message) && job.history().size() == 1);
  }

  @Test
  default void countsAgreeWithTheListAfterAnything() {
    for (int seed = 1; seed <= 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int step = 0; step < 200; step++) {
        anything(random);
      }
      assertCounts("seed " + seed);
      user().reopen();
      assertCounts("reopened, seed " + seed);
    }
  }

  private void anything(SplittableRandom random) {
    switch (random.nextInt(8)) {
      case 0 -> user().send(message().tracked());
      case 1 -> user().send(message().session("s" + random.nextInt(3)));
      case 2 -> user().send(message().delay(Duration.ofMillis(random.nextInt(3_000))));
      case 3 -> user().done(Commit.synced(new Change.Append(user().waiting(message(), 1), null)));
      case 4 -> user().claim(1 + random.nextInt(4));
      case 5 -> any(Status.Kind.PROCESSING, random, job -> settle(job, random));
      case 6 ->
          any(
              Status.Kind.PENDING,
              random,
              job -> user().go(job, job.cancelled(QueueSettings.STANDARD, user().now())));
      default -> {
        user().advance(Duration.ofMillis(random.nextInt(1_000)));
        any(Status.Kind.FAILED, random, job -> user().go(job, job.redriven(user().now())));
      }
    }
  }

  private void any(Status.Kind kind, SplittableRandom random, Consumer<Job> action) {
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).status(kind).bodies(true);
    List<Job> jobs = user().list(query, Jobs.PAGE_MAX);
    if (!jobs.isEmpty()) {
      action.accept(jobs.get(random.nextInt(jobs.size())));
    }
  }

  private void settle(Job job, SplittableRandom random) {
    List<Outcome> outcomes =
        List.of(
            Outcome.done(),
            Outcome.retry("no"),
            Outcome.fail("bad"),
            Outcome.release(),
            Outcome.retry("no", Duration.ZERO));
    user().settle(job, outcomes.get(random.nextInt(outcomes.size())));
  }

  private void assertCounts(String what) {
    Await.until(
        "all that is due",
        () ->
            user().list(ALL, Jobs.PAGE_MAX).stream().filter(this::isDue).count()
                == user().store().stats(QUEUE).pending());
    for (Status.Kind kind : Status.Kind.values()) {
      assertThat(user().list(query(kind), 3))
          .as(what + ", " + kind)
          .isEqualTo(List.copyOf(jobs(kind).values()));
      assertThat(user().list(Jobs.JobQuery.ALL.status(kind), 3))
          .as(what + ", any queue, " + kind)
          .isEqualTo(List.copyOf(jobs(kind).values()));
    }
    List<Job> jobs = user().list(ALL, 7);
    assertThat(user().list(Jobs.JobQuery.ofQueue(QUEUE), 4)).as(what).isEqualTo(jobs);
    Set<JobId> distinct = new HashSet<>();
    Map<Status.Kind, Long> counts = new EnumMap<>(Status.Kind.class);
    long scheduled = 0;
    for (Job job : jobs) {
      assertThat(distinct.add(job.id())).as(what).isTrue();
      counts.merge(job.status().kind(), 1L, Long::sum);
      scheduled += job.status() instanceof Status.Pending && !isDue(job) ? 1 : 0;
    }
    QueueStats stats = user().store().stats(QUEUE);
    assertThat(
            new QueueStats(
                counts.getOrDefault(Status.Kind.PENDING, 0L) - scheduled,
                scheduled,
                counts.getOrDefault(Status.Kind.WAITING, 0L),
                counts.getOrDefault(Status.Kind.PROCESSING, 0L),
                counts.getOrDefault(Status.Kind.DONE, 0L),
                counts.getOrDefault(Status.Kind.FAILED, 0L),
                counts.getOrDefault(Status.Kind.CANCELLED, 0L),
                stats.oldestPendingAge()))
        .as(what)
        .isEqualTo(stats);
  }

  @Test
  default void pagesOfAStateHaveEachJobOnceWhileJobsChange() {
    for (int seed = 1; seed <= 5; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      for (int step = 0; step < 100; step++) {
        anything(random);
      }
      for (Status.Kind kind : Status.Kind.values()) {
        Map<JobId, Job> before = jobs(kind);
        Set<JobId> seen = new HashSet<>();
        String cursor = null;
        do {
          Jobs.JobPage page = user().store().list(query(kind), cursor, 3);
          for (Job job : page.jobs()) {
            assertThat(job.status().kind()).isEqualTo(kind);
            assertThat(seen.add(job.id())).as("twice, seed " + seed).isTrue();
          }
          cursor = page.next();
          anything(random);
        } while (cursor != null);
        for (Job job : jobs(kind).values()) {
          Job known = before.get(job.id());
          // Else it was in another state meanwhile.
          if (known != null && known.state().version() == job.state().version()) {
            assertThat(seen).as(kind + ", seed " + seed).contains(job.id());
          }
        }
      }
    }
  }

  private static Jobs.JobQuery query(Status.Kind kind) {
    return Jobs.JobQuery.ofQueue(QUEUE).status(kind);
  }

  private Map<JobId, Job> jobs(Status.Kind kind) {
    Map<JobId, Job> jobs = new LinkedHashMap<>();
    user().list(ALL, Jobs.PAGE_MAX).stream()
        .filter(job -> job.status().kind() == kind)
        .forEach(job -> jobs.put(job.id(), job));
    return jobs;
  }

  private boolean isDue(Job job) {
    return job.status() instanceof Status.Pending(Due due) && due.isOver(user().now());
  }

  private List<JobId> ids(
      @Nullable String queue,
      Status.@Nullable Kind status,
      @Nullable String type,
      @Nullable String session,
      @Nullable Instant after) {
    Jobs.JobQuery query =
        Jobs.JobQuery.ALL
            .queue(queue)
            .status(status)
            .type(type)
            .session(session)
            .createdAfter(after);
    List<JobId> small = user().list(query, 1).stream().map(Job::id).toList();
    assertThat(user().list(query, 100)).extracting(Job::id).isEqualTo(small);
    return small;
  }
}
