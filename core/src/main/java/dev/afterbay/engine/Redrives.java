package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.Status;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Gives the failed of a queue a fresh set of attempts, at once or at a rate.
 *
 * <p>A redrive at a rate lives in this process: what it had not come to when the process ended
 * stays failed, and can be redriven again.
 */
final class Redrives {

  private static final int PAGE = 200;
  private static final long SECOND_TICKS = 1_000;

  private final Engine engine;

  Redrives(Engine engine) {
    this.engine = engine;
  }

  /**
   * The failed jobs that are still to be redriven. Not a list of them, as there may be millions:
   * they are found again, page by page.
   */
  private final class Going {
    private final String queue;
    private final Redrive redrive;
    private final Instant started;
    private long left;
    private @Nullable String cursor;
    private boolean atEnd;

    Going(String queue, Redrive redrive) {
      this.queue = queue;
      this.redrive = redrive;
      this.started = engine.clock().now().wall();
      this.left = redrive.limit() == null ? Long.MAX_VALUE : redrive.limit();
    }

    boolean hasMore() {
      return left > 0 && !atEnd;
    }

    /** Up to so many, and perhaps none though there are more; what died since does not count. */
    List<Job> next(int max) {
      Jobs.JobPage page =
          engine.store.ended(queue, Status.Kind.FAILED, false, cursor, (int) Math.min(max, left));
      List<Job> jobs = page.jobs().stream().filter(this::isMeant).toList();
      cursor = page.next();
      atEnd = cursor == null || page.jobs().stream().anyMatch(this::diedSince);
      left -= jobs.size();
      return jobs;
    }

    private boolean isMeant(Job job) {
      return job.status() instanceof Status.Failed
          && !diedSince(job)
          && (redrive.type() == null || redrive.type().equals(job.message().type()))
          && matches(job.lastError(), redrive.errorContains());
    }

    private boolean diedSince(Job job) {
      return job.status() instanceof Status.Failed(Instant at, _, _) && at.isAfter(started);
    }
  }

  Redrive.Result start(String queue, Redrive redrive) {
    long matched = 0;
    if (engine.store.stats(queue).failed() == 0) {
      return new Redrive.Result(0, newId());
    }
    Going counted = new Going(queue, redrive);
    while (counted.hasMore()) {
      matched += counted.next(PAGE).size();
    }
    if (!redrive.dryRun()) {
      go(new Going(queue, redrive));
    }
    return new Redrive.Result(matched, newId());
  }

  private String newId() {
    return engine.ids.next(engine.clock().now().wall().toEpochMilli()).toString();
  }

  private void go(Going going) {
    long started = engine.clock().now().tick();
    Integer perSecond = going.redrive.perSecond();
    long left = perSecond == null ? Long.MAX_VALUE : perSecond;
    while (going.hasMore() && left > 0) {
      if (engine.isClosed()) {
        return;
      }
      List<Job> jobs = going.next((int) Math.min(left, PAGE));
      redrive(jobs);
      left -= jobs.size();
    }
    if (going.hasMore()) {
      engine
          .clock()
          .at(started + SECOND_TICKS, () -> engine.inBackground("redrive", () -> go(going)));
    }
  }

  private void redrive(List<Job> jobs) {
    List<Commit> commits = new ArrayList<>();
    for (Job job : jobs) {
      commits.add(commit(job));
    }
    // One that is stale was changed by somebody else meanwhile, which counts.
    if (!commits.isEmpty()) {
      engine.store.commit(commits);
    }
  }

  /** Those that have not changed meanwhile in one trip to the store, the others one by one. */
  List<Optional<BrokerException>> each(List<JobId> ids, EngineJobs oneByOne) {
    engine.requireOpen();
    Map<JobId, Job> ended = new LinkedHashMap<>();
    for (Job job : engine.store.find(ids, false)) {
      if (job.status().kind().isFinal()) {
        ended.put(job.id(), job);
      }
    }
    List<Commit> commits = new ArrayList<>(ended.size());
    ended.values().forEach(job -> commits.add(commit(job)));
    List<Committed> committed = commits.isEmpty() ? List.of() : engine.store.commit(commits);
    Set<JobId> redriven = new HashSet<>();
    Iterator<Committed> each = committed.iterator();
    for (JobId id : ended.keySet()) {
      if (each.next() instanceof Committed.Done) {
        redriven.add(id);
      }
    }
    List<Optional<BrokerException>> results = new ArrayList<>(ids.size());
    for (JobId id : ids) {
      // Each counts once: of an id that is given twice the second finds it pending.
      results.add(redriven.remove(id) ? Optional.empty() : redriven(id, oneByOne));
    }
    return results;
  }

  private static Optional<BrokerException> redriven(JobId id, EngineJobs oneByOne) {
    try {
      oneByOne.redrive(id);
      return Optional.empty();
    } catch (BrokerException e) {
      return Optional.of(e);
    }
  }

  private Commit commit(Job job) {
    return Settling.commit(job, job.redriven(engine.clock().now()));
  }

  private static boolean matches(@Nullable String error, @Nullable String contains) {
    return contains == null || (error != null && error.contains(contains));
  }
}
