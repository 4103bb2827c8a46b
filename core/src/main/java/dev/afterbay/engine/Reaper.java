package dev.afterbay.engine;

import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Moves on the jobs that nobody else moves: leases that lapsed, jobs whose time to live or whose
 * retention is over, jobs that a dead process left behind.
 */
final class Reaper implements AutoCloseable {

  /** How late a lapse may be seen, in ticks. */
  private static final long SWEEP_TICKS = 200;

  private static final long RETENTION_TICKS = 5_000;

  /** A store that failed stays so until it was opened again: the log need not say it every time. */
  private static final long FAILED_TICKS = 5_000;

  private static final int PAGE = 200;
  private static final int QUEUES_ASKED_MAX = 50;
  private static final String PROCESS_ENDED = "process ended during the attempt";

  /*
   * Retention has an alarm of its own: when a million jobs end theirs together, forgetting them takes
   * a while, in which leases lapse and jobs expire as ever.
   */

  private final Engine engine;
  private Clock.Alarm sweep = () -> {};
  private Clock.Alarm retention = () -> {};
  private boolean closed;

  Reaper(Engine engine) {
    this.engine = engine;
  }

  /** What a dead process left behind comes back before anything else is handed out. */
  void start() {
    sweep(Overdue.ORPHANED);
    scheduleSweep(SWEEP_TICKS);
    scheduleRetention();
  }

  @Override
  public synchronized void close() {
    closed = true;
    sweep.cancel();
    retention.cancel();
  }

  private synchronized void scheduleSweep(long ticks) {
    if (!closed) {
      sweep = in(ticks, this::sweepAndSchedule);
    }
  }

  private synchronized void scheduleRetention() {
    if (!closed) {
      retention = in(RETENTION_TICKS, this::retainAndSchedule);
    }
  }

  private Clock.Alarm in(long ticks, Runnable task) {
    Clock clock = engine.clock();
    return clock.at(clock.now().tick() + ticks, () -> engine.inBackground("reaper", task));
  }

  private void sweepAndSchedule() {
    long next = FAILED_TICKS;
    try {
      sweep(Overdue.LAPSED);
      sweep(Overdue.EXPIRED);
      next = SWEEP_TICKS;
    } finally {
      scheduleSweep(next);
    }
  }

  private void retainAndSchedule() {
    try {
      retain();
    } finally {
      scheduleRetention();
    }
  }

  private void sweep(Overdue overdue) {
    List<Job> jobs = engine.store.overdue(overdue, PAGE);
    while (!jobs.isEmpty()) {
      Moment now = engine.clock().now();
      List<Commit> commits = new ArrayList<>(jobs.size());
      for (Job job : jobs) {
        // The store has read the clock before, which may have been set back since.
        if (overdue != Overdue.EXPIRED || job.isExpired(now)) {
          commits.add(Settling.commit(job, transition(overdue, job, now)));
        }
      }
      if (commits.isEmpty()) {
        return;
      }
      // One that is stale was settled by its consumer meanwhile, which counts.
      engine.store.commit(commits);
      jobs = jobs.size() < PAGE ? List.of() : engine.store.overdue(overdue, PAGE);
    }
  }

  private Transition transition(Overdue overdue, Job job, Moment now) {
    QueueSettings settings = engine.settingsOf(job.queue());
    return switch (overdue) {
      case LAPSED -> job.lapsed(settings, now, engine.random);
      case ORPHANED -> job.orphaned(PROCESS_ENDED, settings, now);
      case EXPIRED -> job.expired(settings, now);
    };
  }

  /**
   * Most of many queues have nothing to forget: some are asked in one go, for a job each. For all
   * of them the clock is read once.
   */
  private void retain() {
    Instant now = engine.clock().now().wall();
    List<String> queues = engine.store.queues(null, QUEUES_ASKED_MAX);
    while (!queues.isEmpty()) {
      forget(queues.stream().flatMap(queue -> over(queue, now).stream()).toList());
      queues = engine.store.queues(queues.getLast(), QUEUES_ASKED_MAX);
    }
  }

  private List<Change.Forget> over(String queue, Instant now) {
    QueueSettings.Retention retention = engine.settingsOf(queue).retention();
    Duration done = retention.done() != null ? retention.done() : QueueSettings.TRACKED_RETENTION;
    return List.of(
        new Change.Forget(queue, Status.Kind.DONE, now.minus(done), 1),
        new Change.Forget(queue, Status.Kind.CANCELLED, now.minus(done), 1),
        new Change.Forget(queue, Status.Kind.FAILED, now.minus(retention.failed()), 1));
  }

  private void forget(List<Change.Forget> asked) {
    List<Committed> committed = engine.store.commit(asked.stream().map(Commit::written).toList());
    for (int i = 0; i < asked.size(); i++) {
      Change.Forget forget = asked.get(i);
      if (committed.get(i) instanceof Committed.Done done && done.affected() > 0) {
        engine.forget(forget.queue(), forget.kind(), forget.before());
      }
    }
  }
}
