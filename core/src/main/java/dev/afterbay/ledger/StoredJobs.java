package dev.afterbay.ledger;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.Lease;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.rules.ClaimRules;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.rules.TimeRules;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that the tables of a ledger hold, read from end to end and counted; with the faults that
 * are found on the way.
 */
final class StoredJobs {

  /** No lease is longer, so the tick was at least so near to its end. */
  private static final long LEASE_TICKS_MAX = QueueSettings.LEASE_MAX.toMillis();

  private final TableView view;
  private final List<String> faults = new ArrayList<>();
  private final Map<String, QueueEntry> queues = new TreeMap<>();
  private long faultsMore;
  private LedgerHead least = LedgerHead.FIRST;

  StoredJobs(TableView view) {
    this.view = view;
  }

  /**
   * Reads each job, and counts it.
   *
   * @param visitor sees a job without its body, and which table has its state; null: BODY
   */
  void each(BiConsumer<Job, @Nullable Table> visitor) {
    view.each(
        Table.BODY,
        Keys.NOTHING,
        (key, body) -> {
          Table state = stateTable(key);
          Job job = read(key, body, state);
          if (job != null) {
            least = least.atLeast(new LedgerHead(0, 0, job.seq(), 0, job.id()));
            tally(job);
            visitor.accept(job, state);
          }
        });
  }

  /** Null: its records make no sense, which is a fault. What a visitor throws is none. */
  private @Nullable Job read(byte[] key, byte[] body, @Nullable Table state) {
    try {
      byte[] bytes = state == null ? null : view.get(state, key);
      // With its history, as all of it must make sense.
      return JobRecords.read(view, Keys.idAt(key, 0), body, bytes, false, true).bare();
    } catch (RuntimeException e) {
      fault("the job with the key " + hex(key) + " cannot be read: " + e);
      return null;
    }
  }

  private @Nullable Table stateTable(byte[] key) {
    boolean processing = view.get(Table.ACTIVE, key) != null;
    boolean other = view.get(Table.JOB, key) != null;
    if (processing && other) {
      fault("the job with the key " + hex(key) + " is processing, and is not");
    }
    return other ? Table.JOB : processing ? Table.ACTIVE : null;
  }

  private void tally(Job job) {
    boolean scheduled = isScheduled(job);
    queue(job).count(scheduled ? QueueEntry.SCHEDULED : job.status().kind().code(), 1);
    if (!scheduled && job.status() instanceof Status.Pending(Due.AtTick(long tick))) {
      least = least.atLeast(new LedgerHead(0, tick, 0, 0, job.id()));
    }
    if (job.status() instanceof Status.Processing(Lease lease)) {
      long tick = lease.untilTick() - LEASE_TICKS_MAX;
      least = least.atLeast(new LedgerHead(ClaimRules.epoch(lease), tick, 0, 0, job.id()));
    }
  }

  /** Sees a row that follows from a job. */
  @FunctionalInterface
  interface RowViewer {
    void see(Table table, byte[] key, byte[] value);
  }

  /**
   * Shows what stands in the indexes of a job; not READY, which follows from its session, too.
   *
   * @param scheduled it is pending, and stands among the timers
   */
  static void eachRow(Job job, boolean scheduled, RowViewer viewer) {
    Instant expiry = TimeRules.expiry(job);
    if (expiry != null) {
      byte[] key = Keys.wallTimer(expiry, job.id(), Keys.EXPIRES);
      viewer.see(Table.DUE_WALL, key, Keys.NOTHING);
    }
    String line = job.line();
    if (line != null && SessionRules.isInLine(job)) {
      byte[] key = Keys.member(Keys.line(job.queue(), line), job.seq());
      viewer.see(Table.LINE, key, Keys.id(job.id()));
    }
    if (scheduled && job.status() instanceof Status.Pending(Due due)) {
      viewer.see(Timers.table(due), Keys.due(due, job.id()), Keys.NOTHING);
    }
    if (scheduled || job.status() instanceof Status.Waiting) {
      viewer.see(Table.DEFERRED, DeferredIndex.key(job), Keys.NOTHING);
    }
    Status.Kind kind = job.status().kind();
    if (kind.isFinal() && kind != Status.Kind.GONE) {
      viewer.see(Table.ENDED, RetentionIndex.key(job), Keys.NOTHING);
    }
  }

  /** Whether its time has not come: it stands among the timers. */
  boolean isScheduled(Job job) {
    return job.status() instanceof Status.Pending(Due due)
        && view.get(Timers.table(due), Keys.due(due, job.id())) != null;
  }

  /** The queues of the jobs that were read, with their counts. */
  Map<String, QueueEntry> queues() {
    return queues;
  }

  QueueEntry queue(Job job) {
    return queues.computeIfAbsent(job.queue(), QueueEntry::new);
  }

  /** The least that the head of the ledger must say, as the jobs and their leases show. */
  LedgerHead leastHead() {
    return least;
  }

  /** All that was found. */
  ConsistencyCheck.Report report() {
    if (faultsMore > 0) {
      faults.add("and " + faultsMore + " more");
    }
    Map<String, QueueStats> counted = new TreeMap<>();
    queues.forEach((name, queue) -> counted.put(name, queue.stats(Duration.ZERO)));
    return new ConsistencyCheck.Report(counted, List.copyOf(faults));
  }

  void fault(String words) {
    if (faults.size() < ConsistencyCheck.FAULTS_MAX) {
      faults.add(words);
    } else {
      faultsMore++;
    }
  }

  static String hex(byte[] key) {
    return HexFormat.of().formatHex(key);
  }
}
