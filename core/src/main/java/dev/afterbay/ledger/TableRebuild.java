package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.rules.TimeRules;
import java.util.Objects;
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
  private int copied;

  TableRebuild(TableView view, Tables tables) {
    this.view = view;
    this.tables = tables;
    this.jobs = new StoredJobs(view);
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
    // Never behind what jobs and their leases show, should the old one be lost or an older one be
    // all that is left: else fences would be given again, and jobs that were due would not be for
    // long.
    LedgerHead.read(view).atLeast(jobs.leastHead()).later(EPOCHS_SKIPPED).write(tables);
    tables.write();
    return jobs.report();
  }

  private void copy(Job job, @Nullable Table state) {
    byte[] key = Keys.id(job.id());
    copyEntry(Table.BODY, key);
    if (state == Table.ACTIVE && view.get(Table.META, Keys.HEAD) == null) {
      tables.put(state, key, withFullLease(job, Objects.requireNonNull(view.get(state, key))));
    } else if (state != null) {
      copyEntry(state, key);
    }
    copyBeside(job, key);
    boolean pending = job.status() instanceof Status.Pending;
    if (pending && !jobs.isScheduled(job)) {
      jobs.queue(job).count(Status.Kind.PENDING.code(), -1);
      jobs.queue(job).count(QueueEntry.SCHEDULED, 1);
    }
    StoredJobs.eachRow(job, pending, tables::put);
  }

  /** What stands beside the state: its attempts, and what they told. */
  private void copyBeside(Job job, byte[] key) {
    // Only what the state knows of: it may be an older one, and the deletion of an attempt may be
    // lost. Nobody would delete the others.
    int ended = job.state().ended();
    byte[] first = Keys.attempt(job.id(), Math.max(0, ended - Job.HISTORY_MAX));
    byte[] end = Keys.attempt(job.id(), Math.max(0, ended - 1));
    view.keys(Table.ATTEMPT, first, end, false, Job.HISTORY_MAX)
        .forEach(attempt -> copyEntry(Table.ATTEMPT, attempt));
    if (job.state().noted()) {
      view.each(Table.NOTE, key, (note, value) -> tables.put(Table.NOTE, note, value));
    }
  }

  /**
   * The tick of the store is lost, and with it what is left of a lease: an open gives a full one.
   */
  private static byte[] withFullLease(Job job, byte[] state) {
    return RowFormat.state(TimeRules.renewed(job, 0), JobRecords.lastAttempt(state));
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
}
