package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.rules.TimeRules;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** Saves what can be read of damaged tables: see {@link ConsistencyCheck#rebuild}. */
final class TableRebuild {

  /** Jobs or keys that are written as one batch. */
  private static final int BATCH_MAX = 500;

  /** More than any store is opened between two flushes of its head. */
  private static final long EPOCHS_SKIPPED = 1_000;

  private final TableView view;
  private final Tables tables;
  private final StoredJobs jobs;
  private final DeferredIndex deferred;
  private final RetentionIndex retention;
  private int copied;

  TableRebuild(TableView view, Tables tables) {
    this.view = view;
    this.tables = tables;
    this.jobs = new StoredJobs(view);
    this.deferred = new DeferredIndex(tables);
    this.retention = new RetentionIndex(tables);
  }

  ConsistencyCheck.Report run() {
    jobs.each((job, state) -> {
      copy(job, state);
      batch();
    });
    view.each(Table.KEY, Keys.NOTHING, this::copyKey);
    view.each(Table.SETTING, Keys.NOTHING, (key, value) -> tables.put(Table.SETTING, key, value));
    jobs.queues()
        .values()
        .forEach(queue -> tables.put(Table.COUNT, queue.key, queue.encodedCounts()));
    head().write(tables);
    DeferredIndex.mark(tables);
    tables.write();
    return jobs.report();
  }

  private void copy(Job job, @Nullable Table state) {
    byte[] key = Keys.id(job.id());
    copyEntry(Table.BODY, key);
    if (state == Table.ACTIVE && view.get(Table.META, Keys.HEAD) == null) {
      tables.put(state, key, withFullLease(job));
    } else if (state != null) {
      copyEntry(state, key);
    }
    copyBeside(job, key);
    if (!job.status().kind().isFinal()) {
      copyUnfinished(job);
    }
    switch (job.status()) {
      case Status.Pending(Due due) -> {
        if (!jobs.isScheduled(job)) {
          jobs.queue(job).count(Status.Kind.PENDING, -1);
          jobs.queue(job).count(QueueEntry.SCHEDULED, 1);
        }
        tables.put(Timers.table(due), Keys.due(due, job.id()), Keys.NOTHING);
        deferred.add(job);
      }
      case Status.Done _, Status.Failed _, Status.Cancelled _ -> retention.add(job);
      case Status.Waiting _ -> deferred.add(job);
      case Status.Processing _, Status.Gone _ -> {}
    }
  }

  /** What stands beside the state: its attempts, and what they told. */
  private void copyBeside(Job job, byte[] key) {
    // Only what the state knows of: it may be an older one, and nobody would delete the others.
    byte[] end = Keys.attempt(job.id(), Math.max(0, job.state().ended() - 1));
    view.keys(Table.ATTEMPT, key, end, false, Job.HISTORY_MAX)
        .forEach(attempt -> copyEntry(Table.ATTEMPT, attempt));
    if (job.state().noted()) {
      view.each(Table.NOTE, key, (note, value) -> tables.put(Table.NOTE, note, value));
    }
  }

  /**
   * The tick of the store is lost, and with it what is left of a lease: an open gives a full one.
   */
  private static byte[] withFullLease(Job job) {
    Attempt last = job.history().isEmpty() ? null : job.history().getLast();
    return RowFormat.state(TimeRules.renewed(job, 0), last);
  }

  private void copyUnfinished(Job job) {
    Instant expiry = TimeRules.expiry(job);
    if (expiry != null) {
      tables.put(Table.DUE_WALL, Keys.wallTimer(expiry, job.id(), Keys.EXPIRES), Keys.NOTHING);
    }
    if (job.line() != null) {
      byte[] member = Keys.member(Keys.line(job.queue(), job.line()), job.seq());
      tables.put(Table.LINE, member, Keys.id(job.id()));
    }
  }

  private void batch() {
    if (++copied % BATCH_MAX == 0) {
      tables.write();
    }
  }

  private void copyEntry(Table table, byte[] key) {
    byte[] value = view.get(table, key);
    if (value != null) {
      tables.put(table, key, value);
    }
  }

  private void copyKey(byte[] key, byte[] value) {
    tables.put(Table.KEY, key, value);
    tables.put(Table.KEY_EXPIRY, Keys.keyExpiry(DedupKeys.untilMillis(value), key), Keys.NOTHING);
    batch();
  }

  /**
   * Never behind what jobs and their leases show, should the old one be lost or an older one be all
   * that is left: else fences would be given again, and jobs that were due would not be for long.
   */
  private LedgerHead head() {
    LedgerHead old = LedgerHead.read(view);
    LedgerHead least = jobs.leastHead();
    return new LedgerHead(
        Math.max(old.epoch(), least.epoch()) + EPOCHS_SKIPPED,
        Math.max(old.tick(), least.tick()),
        Math.max(old.seq(), least.seq()),
        old.commitNumber(),
        old.highest().compareTo(least.highest()) > 0 ? old.highest() : least.highest());
  }
}
