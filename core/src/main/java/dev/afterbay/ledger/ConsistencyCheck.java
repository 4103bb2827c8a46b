package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.rules.TimeRules;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Looks at the tables of a ledger that nobody uses: whether they agree with each other, and what
 * can be saved of them.
 *
 * <p>BODY, JOB, ACTIVE, ATTEMPT and NOTE are what is; READY, LINE, DUE, DEFERRED, ENDED and COUNT
 * follow from them.
 */
public final class ConsistencyCheck {

  /** Faults that a report lists; the rest is only counted. */
  public static final int FAULTS_MAX = 100;

  /**
   * @param queues how many jobs are in which state, counted one by one; ages are not told
   * @param faults in words; empty: the tables agree
   */
  public record Report(Map<String, QueueStats> queues, List<String> faults) {}

  private final TableView view;
  private final StoredJobs jobs;

  private final Map<Table, Long> explained = new EnumMap<>(Table.class);

  private ConsistencyCheck(TableView view) {
    this.view = view;
    this.jobs = new StoredJobs(view);
  }

  /** Reads everything once; what the view cannot read shows as something that is missing. */
  public static Report check(TableView view) {
    ConsistencyCheck check = new ConsistencyCheck(view);
    check.jobs.each(check::checkJob);
    check.checkIndexes();
    check.checkCounts();
    check.checkKeys();
    return check.jobs.report();
  }

  /**
   * Copies all that can be read into empty tables, and makes what follows from it anew. Pending
   * jobs stand among those that will be due, where the ledger takes them from; nobody holds a
   * session.
   */
  public static Report rebuild(TableView view, Tables tables) {
    return new TableRebuild(view, tables).run();
  }

  private void checkJob(Job job, @Nullable Table state) {
    boolean processing = job.status() instanceof Status.Processing;
    if (processing != (state == Table.ACTIVE)) {
      jobs.fault(job.id() + " is " + job.status().kind() + ", but its state stands in " + state);
    }
    if (state != null) {
      explain(state);
    }
    boolean scheduled = jobs.isScheduled(job);
    StoredJobs.eachRow(job, scheduled, (table, key, _) -> expect(table, key, job));
    if (job.status() instanceof Status.Pending && !scheduled) {
      checkDue(job);
    }
    if (job.status() instanceof Status.Gone) {
      jobs.fault(job.id() + " is gone, and is there");
    }
  }

  /** Of a session only the first is ready; of those that expired, none may be. */
  private void checkDue(Job job) {
    byte[] lane = Keys.lane(job.queue(), job.message().type(), job.line() != null);
    byte[] ready = Keys.ready(lane, new Position(job.rank(), job.seq()));
    if (view.get(Table.READY, ready) != null) {
      explain(Table.READY);
    } else if (job.line() == null && TimeRules.expiry(job) == null) {
      jobs.fault(job.id() + " is pending, and stands neither in READY nor among the timers");
    }
  }

  private void expect(Table table, byte[] key, Job job) {
    if (view.get(table, key) == null) {
      jobs.fault(job.id() + " is missing from " + table);
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
      view.each(table, Keys.NOTHING, (_, _) -> found[0]++);
      long expected = explained.getOrDefault(table, 0L);
      if (found[0] != expected) {
        jobs.fault(table + " has " + found[0] + " entries, and the jobs explain " + expected);
      }
    }
    view.each(
        Table.ATTEMPT,
        Keys.NOTHING,
        (key, _) -> {
          if (view.get(Table.BODY, Keys.id(Keys.idAt(key, 0))) == null) {
            jobs.fault("an attempt is of a job that is not there: " + StoredJobs.hex(key));
          }
        });
    view.each(
        Table.NOTE,
        Keys.NOTHING,
        (key, _) -> {
          Job job = JobRecords.job(view, Keys.idAt(key, 0), false);
          if (job == null || !job.state().noted()) {
            jobs.fault("a note is of a job that does not know it: " + StoredJobs.hex(key));
          }
        });
  }

  private void checkCounts() {
    Map<String, QueueEntry> stored = new TreeMap<>();
    view.each(
        Table.COUNT,
        Keys.NOTHING,
        (key, value) -> {
          QueueEntry queue = new QueueEntry(Keys.queueOf(key));
          queue.readCounts(value);
          stored.put(queue.name, queue);
        });
    Map<String, QueueEntry> counted = jobs.queues();
    TreeSet<String> names = new TreeSet<>(stored.keySet());
    names.addAll(counted.keySet());
    for (String queue : names) {
      long[] told = stored.getOrDefault(queue, new QueueEntry(queue)).counts;
      long[] found = counted.getOrDefault(queue, new QueueEntry(queue)).counts;
      if (!Arrays.equals(told, found)) {
        jobs.fault(
            queue
                + " has, by state, "
                + Arrays.toString(found)
                + " jobs, and COUNT says "
                + Arrays.toString(told));
      }
    }
    checkHead(LedgerHead.read(view), jobs.leastHead());
  }

  private void checkHead(LedgerHead head, LedgerHead least) {
    if (head.seq() < least.seq()) {
      jobs.fault(
          "META says that "
              + head.seq()
              + " is the last sequence number, and a job has "
              + least.seq());
    }
    if (head.highest().compareTo(least.highest()) < 0) {
      jobs.fault(
          "META says that "
              + head.highest()
              + " is the highest id, and there is "
              + least.highest());
    }
  }

  private void checkKeys() {
    view.each(
        Table.KEY,
        Keys.NOTHING,
        (key, value) -> {
          byte[] expiry = Keys.keyExpiry(DedupKeys.untilMillis(value), key);
          if (view.get(Table.KEY_EXPIRY, expiry) == null) {
            jobs.fault("a key is never forgotten: " + StoredJobs.hex(key));
          }
        });
  }
}
