package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The jobs whose time has come, as {@link Store#overdue} tells them. */
final class OverdueJobs {

  /** Each lease is written at an open, and there may be more than should be in one batch. */
  private static final int PAGE = 1_000;

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

  /**
   * Has in memory what was being processed; at open.
   *
   * @param writePage writes what has gathered
   */
  void restore(Tables tables, Moment now, Runnable writePage) {
    List<byte[]> page = tables.keys(Table.ACTIVE, Keys.NOTHING, null, false, PAGE);
    while (!page.isEmpty()) {
      for (byte[] key : page) {
        restore(Objects.requireNonNull(cache.find(Keys.idAt(key, 0), false)), now);
      }
      writePage.run();
      page = tables.keys(Table.ACTIVE, Keys.next(page.getLast()), null, false, PAGE);
    }
  }

  /**
   * A processing job gets one full lease, as time while the store was closed counts as none and its
   * consumer may come back; unless that ended with its process.
   */
  private void restore(CachedJob entry, Moment now) {
    Lease lease = entry.job.lease();
    indexes.restore(
        entry, TimeRules.untilAfterOpening(lease, entry.queue.settingsOrStandard(), now));
    if (!lease.detached()) {
      orphans.add(entry.job.id());
    }
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
        .takeWhile(entry -> is(Overdue.LAPSED, entry, now))
        .map(entry -> entry.job)
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
      if (entry != null && is(Overdue.EXPIRED, entry, now)) {
        expired.add(cache.withLastFailure(entry));
      }
    }
    return expired;
  }

  private List<Job> orphaned(int max, Moment now) {
    orphans.removeIf(id -> !is(Overdue.ORPHANED, cache.inMemory(id), now));
    return orphans.stream().limit(max).map(id -> indexes.need(id).job).toList();
  }

  private boolean is(Overdue overdue, @Nullable CachedJob entry, Moment now) {
    return entry != null && TimeRules.isOverdue(overdue, entry.job, now, epoch);
  }
}
