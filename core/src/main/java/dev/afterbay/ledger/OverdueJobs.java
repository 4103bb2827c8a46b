package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import java.util.ArrayList;
import java.util.List;

/** The jobs whose time has come, as {@link Store#overdue} tells them. */
final class OverdueJobs {

  private final JobCache cache;
  private final JobIndexes indexes;
  private final Timers timers;
  private final long epoch;

  /** Processing jobs that were handed out inside a process that is gone. */
  private final List<JobId> orphans = new ArrayList<>();

  OverdueJobs(JobCache cache, JobIndexes indexes, Timers timers, long epoch) {
    this.cache = cache;
    this.indexes = indexes;
    this.timers = timers;
    this.epoch = epoch;
  }

  /** At open. */
  void orphaned(JobId id) {
    orphans.add(id);
  }

  List<Job> find(Overdue overdue, int max, Moment now) {
    return switch (overdue) {
      case LAPSED -> lapsed(max, now);
      case EXPIRED -> expired(max, now);
      case ORPHANED -> orphaned(max, now);
    };
  }

  private List<Job> lapsed(int max, Moment now) {
    return indexes.lapsed(now).stream()
        .limit(max)
        .map(entry -> entry.job)
        .takeWhile(job -> is(Overdue.LAPSED, job, now))
        .toList();
  }

  private List<Job> expired(int max, Moment now) {
    timers.refill();
    List<Job> expired = new ArrayList<>();
    for (Timers.Point point : timers.walls()) {
      if (point.time() > now.wall().toEpochMilli() || expired.size() == max) {
        break;
      }
      CachedJob entry = point.reason() == Keys.EXPIRES ? indexes.located(point.id()) : null;
      if (entry != null && is(Overdue.EXPIRED, entry.job, now)) {
        expired.add(entry.job);
      }
    }
    return expired;
  }

  private List<Job> orphaned(int max, Moment now) {
    orphans.removeIf(id -> !isOrphan(id, now));
    return orphans.stream().limit(max).map(id -> indexes.need(id).job).toList();
  }

  private boolean isOrphan(JobId id, Moment now) {
    CachedJob entry = cache.inMemory(id);
    return entry != null && is(Overdue.ORPHANED, entry.job, now);
  }

  private boolean is(Overdue overdue, Job job, Moment now) {
    return TimeRules.isOverdue(overdue, job, now, epoch);
  }
}
