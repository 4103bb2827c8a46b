package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the tables of a ledger that nobody uses: whether they agree with each other, and what
 * can be saved of them.
 *
 * <p>BODY, JOB, ACTIVE and ATTEMPT are what is; READY, LINE, DUE, DEFERRED, ENDED and COUNT follow
 * from them.
 */
public final class ConsistencyCheck {

  /** Faults that a report lists; the rest is only counted. */
  public static final int FAULTS_MAX = 100;

  /** Jobs or keys that are written as one batch. */
  private static final int BATCH_MAX = 500;

  /** More than any store is opened between two flushes of its head. */
  private static final long EPOCHS_SKIPPED = 1_000;

  private static final byte[] NOTHING = {};

  /**
   * @param queues how many jobs are in which state, counted one by one; ages are not told
   * @param faults in words; empty: the tables agree
   */
  public record Report(Map<String, QueueStats> queues, List<String> faults) {}

  /** No lease is longer, so the tick was at least so near to its end. */
  private static final long LEASE_TICKS_MAX = QueueSettings.LEASE_MAX.toMillis();

  private final TableView view;

  /** Else it is made, or goes on to be made, at the next open. */
  private final boolean hasDeferred;

  private final List<String> faults = new ArrayList<>();
  private final Map<String, QueueEntry> queues = new TreeMap<>();
  private final Map<Table, Long> explained = new EnumMap<>(Table.class);
  private long faultsMore;
  private int copied;
  private long seqMax;
  private long epochMax;
  private JobId highest;
  private long tickMax;

  private ConsistencyCheck(TableView view) {
    this.view = view;
    this.hasDeferred = DeferredIndex.isIn(view);
    this.highest = LedgerHead.FIRST.highest();
  }

  /** Reads everything once; what the view cannot read shows as something that is missing. */
  public static Report check(TableView view) {
    ConsistencyCheck audit = new ConsistencyCheck(view);
    audit.eachJob(audit::checkJob);
    audit.checkIndexes();
    audit.checkCounts();
    audit.checkKeys();
    return audit.report();
  }

  /**
   * Copies all that can be read into empty tables, and makes what follows from it anew. Pending
   * jobs stand among those that will be due, where the ledger takes them from; nobody holds a
   * session.
   */
  public static Report rebuild(TableView view, Tables tables) {
    ConsistencyCheck audit = new ConsistencyCheck(view);
    audit.eachJob((job, state) -> {
      audit.copy(tables, job, state);
      audit.batch(tables);
    });
    audit.scan(Table.KEY, (key, value) -> audit.copyKey(tables, key, value));
    audit.scan(Table.SETTING, (key, value) -> tables.put(Table.SETTING, key, value));
    audit.queues.values().forEach(book -> tables.put(Table.COUNT, book.key, book.encodedCounts()));
    audit.head().write(tables);
    DeferredIndex.mark(tables);
    tables.write();
    return audit.report();
  }

  /** Sees a job without its body, and which table has its state; null: BODY. */
  @FunctionalInterface
  private interface Visitor {
    void visit(Job job, @Nullable Table state);
  }

  private void eachJob(Visitor visitor) {
    view.scan(
        Table.BODY,
        NOTHING,
        null,
        false,
        (key, body) -> {
          Table state = stateTable(key);
          Job job = read(key, body, state);
          if (job != null) {
            seqMax = Math.max(seqMax, job.seq());
            highest = job.id().compareTo(highest) > 0 ? job.id() : highest;
            tally(job);
            visitor.visit(job, state);
          }
          return true;
        });
  }

  /** Null: its records make no sense, which is a fault. What a visitor throws is none. */
  private @Nullable Job read(byte[] key, byte[] body, @Nullable Table state) {
    try {
      byte[] bytes = state == null ? null : view.get(state, key);
      return JobRecords.job(view, Keys.idAt(key, 0), body, bytes, false);
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
    book(job).count(scheduled ? QueueEntry.SCHEDULED : job.status().kind().code(), 1);
    if (!scheduled && job.status() instanceof Status.Pending(Due.AtTick(long tick))) {
      tickMax = Math.max(tickMax, tick);
    }
    if (job.status() instanceof Status.Processing) {
      tickMax = Math.max(tickMax, job.lease().untilTick() - LEASE_TICKS_MAX);
      epochMax = Math.max(epochMax, job.lease().fence() >>> Lease.FENCE_NUMBER_BITS);
    }
  }

  private boolean isScheduled(Job job) {
    return job.status() instanceof Status.Pending(Due due)
        && view.get(dueTable(due), Keys.due(due, job.id())) != null;
  }

  private boolean isDeferred(Job job) {
    return job.status() instanceof Status.Waiting || isScheduled(job);
  }

  private void checkJob(Job job, @Nullable Table state) {
    boolean processing = job.status() instanceof Status.Processing;
    if (processing != (state == Table.ACTIVE)) {
      fault(job.id() + " is " + job.status().kind() + ", but its state stands in " + state);
    }
    if (state != null) {
      explain(state);
    }
    if (hasDeferred && isDeferred(job)) {
      expect(Table.DEFERRED, DeferredIndex.key(job), job);
    }
    Instant expiry = JobIndexes.expiry(job);
    if (expiry != null) {
      expect(Table.DUE_WALL, Keys.wallTimer(expiry, job.id(), Keys.EXPIRES), job);
    }
    if (job.line() != null && !job.status().kind().isFinal()) {
      expect(Table.LINE, Keys.member(Keys.line(job.queue(), job.line()), job.seq()), job);
    }
    switch (job.status()) {
      case Status.Pending(Due due) -> checkPending(job, due, expiry);
      case Status.Done(Instant at) -> expect(Table.ENDED, ended(job, at), job);
      case Status.Failed(Instant at, String _) -> expect(Table.ENDED, ended(job, at), job);
      case Status.Cancelled(Instant at) -> expect(Table.ENDED, ended(job, at), job);
      case Status.Processing _, Status.Waiting _ -> {}
      case Status.Gone _ -> fault(job.id() + " is gone, and is there");
    }
  }

  /** Of a session only the first is ready; of those that expired, none may be. */
  private void checkPending(Job job, Due due, @Nullable Instant expiry) {
    byte[] lane = Keys.lane(job.queue(), job.message().type(), job.line() != null);
    byte[] ready = Keys.ready(lane, new Position(job.rank(), job.seq()));
    if (isScheduled(job)) {
      explain(dueTable(due));
    } else if (view.get(Table.READY, ready) != null) {
      explain(Table.READY);
    } else if (job.line() == null && expiry == null) {
      fault(job.id() + " is pending, and stands neither in READY nor among the timers");
    }
  }

  private void expect(Table table, byte[] key, Job job) {
    if (view.get(table, key) == null) {
      fault(job.id() + " is missing from " + table);
    } else {
      explain(table);
    }
  }

  private void explain(Table table) {
    explained.merge(table, 1L, Long::sum);
  }

  /** What no job explains is left over. */
  private void checkIndexes() {
    for (Table table :
        List.of(
            Table.JOB,
            Table.ACTIVE,
            Table.READY,
            Table.LINE,
            Table.DUE_TICK,
            Table.DUE_WALL,
            Table.ENDED,
            Table.DEFERRED)) {
      long[] found = {0};
      scan(table, (_, _) -> found[0]++);
      long expected = explained.getOrDefault(table, 0L);
      if (found[0] != expected && (hasDeferred || table != Table.DEFERRED)) {
        fault(table + " has " + found[0] + " entries, and the jobs explain " + expected);
      }
    }
    scan(
        Table.ATTEMPT,
        (key, _) -> {
          if (view.get(Table.BODY, Keys.id(Keys.idAt(key, 0))) == null) {
            fault("an attempt is of a job that is not there: " + hex(key));
          }
        });
  }

  private void checkCounts() {
    Map<String, QueueEntry> stored = new TreeMap<>();
    scan(
        Table.COUNT,
        (key, value) -> {
          QueueEntry book = new QueueEntry(Keys.queueOf(key));
          book.readCounts(value);
          stored.put(book.name, book);
        });
    TreeSet<String> names = new TreeSet<>(stored.keySet());
    names.addAll(queues.keySet());
    for (String queue : names) {
      long[] told = stored.getOrDefault(queue, new QueueEntry(queue)).counts;
      long[] found = queues.getOrDefault(queue, new QueueEntry(queue)).counts;
      if (!Arrays.equals(told, found)) {
        fault(
            queue
                + " has, by state, "
                + Arrays.toString(found)
                + " jobs, and COUNT says "
                + Arrays.toString(told));
      }
    }
    LedgerHead head = LedgerHead.read(view);
    if (head.seq() < seqMax) {
      fault(
          "META says that " + head.seq() + " is the last sequence number, and a job has " + seqMax);
    }
    if (head.highest().compareTo(highest) < 0) {
      fault("META says that " + head.highest() + " is the highest id, and there is " + highest);
    }
  }

  private void checkKeys() {
    scan(
        Table.KEY,
        (key, value) -> {
          byte[] expiry = Keys.keyExpiry(DedupKeys.untilMillis(value), key);
          if (view.get(Table.KEY_EXPIRY, expiry) == null) {
            fault("a key is never forgotten: " + hex(key));
          }
        });
  }

  private void copy(Tables tables, Job job, @Nullable Table state) {
    byte[] key = Keys.id(job.id());
    copyEntry(tables, Table.BODY, key);
    if (state == Table.ACTIVE && view.get(Table.META, Keys.HEAD) == null) {
      tables.put(state, key, withFullLease(job));
    } else if (state != null) {
      copyEntry(tables, state, key);
    }
    // Only what the state knows of: it may be an older one, and nobody would delete the others.
    view.scan(
        Table.ATTEMPT,
        key,
        Keys.attempt(job.id(), Math.max(0, job.state().ended() - 1)),
        false,
        (attempt, value) -> {
          tables.put(Table.ATTEMPT, attempt, value);
          return true;
        });
    if (!job.status().kind().isFinal()) {
      copyUnfinished(tables, job);
    }
    switch (job.status()) {
      case Status.Pending(Due due) -> {
        if (!isScheduled(job)) {
          book(job).count(Status.Kind.PENDING, -1);
          book(job).count(QueueEntry.SCHEDULED, 1);
        }
        tables.put(dueTable(due), Keys.due(due, job.id()), NOTHING);
        new DeferredIndex(tables).add(job);
      }
      case Status.Done(Instant at) -> tables.put(Table.ENDED, ended(job, at), NOTHING);
      case Status.Failed(Instant at, String _) -> tables.put(Table.ENDED, ended(job, at), NOTHING);
      case Status.Cancelled(Instant at) -> tables.put(Table.ENDED, ended(job, at), NOTHING);
      case Status.Waiting _ -> new DeferredIndex(tables).add(job);
      case Status.Processing _, Status.Gone _ -> {}
    }
  }

  /**
   * The tick of the store is lost, and with it what is left of a lease: an open gives a full one.
   */
  private static byte[] withFullLease(Job job) {
    Lease lease = job.lease();
    Lease over = new Lease(lease.consumer(), lease.fence(), lease.since(), 0, lease.detached());
    Attempt last = job.history().isEmpty() ? null : job.history().getLast();
    return RowFormat.state(job.state().renewed(over), last);
  }

  private static void copyUnfinished(Tables tables, Job job) {
    Instant expiry = JobIndexes.expiry(job);
    if (expiry != null) {
      tables.put(Table.DUE_WALL, Keys.wallTimer(expiry, job.id(), Keys.EXPIRES), NOTHING);
    }
    if (job.line() != null) {
      byte[] member = Keys.member(Keys.line(job.queue(), job.line()), job.seq());
      tables.put(Table.LINE, member, Keys.id(job.id()));
    }
  }

  private void batch(Tables tables) {
    if (++copied % BATCH_MAX == 0) {
      tables.write();
    }
  }

  private void copyEntry(Tables tables, Table table, byte[] key) {
    byte[] value = view.get(table, key);
    if (value != null) {
      tables.put(table, key, value);
    }
  }

  private void copyKey(Tables tables, byte[] key, byte[] value) {
    tables.put(Table.KEY, key, value);
    tables.put(Table.KEY_EXPIRY, Keys.keyExpiry(DedupKeys.untilMillis(value), key), NOTHING);
    batch(tables);
  }

  /**
   * Never behind what jobs and their leases show, should the old one be lost or an older one be all
   * that is left: else fences would be given again, and jobs that were due would not be for long.
   */
  private LedgerHead head() {
    LedgerHead old = LedgerHead.read(view);
    return new LedgerHead(
        Math.max(old.epoch(), epochMax) + EPOCHS_SKIPPED,
        Math.max(old.tick(), tickMax),
        Math.max(old.seq(), seqMax),
        old.commitNumber(),
        old.highest().compareTo(highest) > 0 ? old.highest() : highest);
  }

  /** Sees every entry of a table. */
  @FunctionalInterface
  private interface Entries {
    void see(byte[] key, byte[] value);
  }

  private void scan(Table table, Entries entries) {
    view.scan(
        table,
        NOTHING,
        null,
        false,
        (key, value) -> {
          entries.see(key, value);
          return true;
        });
  }

  private Report report() {
    if (faultsMore > 0) {
      faults.add("and " + faultsMore + " more");
    }
    Map<String, QueueStats> counted = new TreeMap<>();
    queues.forEach((queue, book) -> counted.put(queue, stats(book)));
    return new Report(counted, List.copyOf(faults));
  }

  private static QueueStats stats(QueueEntry book) {
    return new QueueStats(
        book.count(Status.Kind.PENDING),
        book.counts[QueueEntry.SCHEDULED],
        book.count(Status.Kind.WAITING),
        book.count(Status.Kind.PROCESSING),
        book.count(Status.Kind.DONE),
        book.count(Status.Kind.FAILED),
        book.count(Status.Kind.CANCELLED),
        Duration.ZERO);
  }

  private QueueEntry book(Job job) {
    return queues.computeIfAbsent(job.queue(), QueueEntry::new);
  }

  private void fault(String words) {
    if (faults.size() < FAULTS_MAX) {
      faults.add(words);
    } else {
      faultsMore++;
    }
  }

  private static byte[] ended(Job job, Instant at) {
    return Keys.ended(Keys.state(job.queue(), job.status().kind()), at, job.id());
  }

  private static Table dueTable(Due due) {
    return due instanceof Due.At ? Table.DUE_WALL : Table.DUE_TICK;
  }

  private static String hex(byte[] key) {
    return HexFormat.of().formatHex(key);
  }
}
