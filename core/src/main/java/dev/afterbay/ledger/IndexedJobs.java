package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that a query means, by the indexes of their queues: of one queue in one state, of one
 * queue in any, or in one state of any queue.
 *
 * <p>Jobs that are being processed have no index of their queue: where a queue has some, all that
 * are being processed are among the newest here, whatever queue they are of.
 */
final class IndexedJobs {

  /** Of so many queues with jobs in the state, at most, its jobs are found by themselves. */
  private static final int QUEUES_MAX = 1_000;

  /** Of more queues the counts are not looked at for a page: a tenth of a second of RocksDB. */
  private static final int COUNTS_MAX = 100_000;

  private static final List<Status.Kind> INDEXED =
      List.of(
          Status.Kind.PENDING,
          Status.Kind.WAITING,
          Status.Kind.DONE,
          Status.Kind.FAILED,
          Status.Kind.CANCELLED);

  /** Whether a key of READY is of a session, before its rank and sequence. */
  private static final int SESSION_FROM_END = 17;

  private final TableView view;
  private final List<Part> parts;
  private final boolean exact;
  private final boolean processing;
  private final long count;

  private IndexedJobs(TableView view, List<Part> parts, boolean exact, long processing) {
    this.view = view;
    this.parts = parts;
    this.exact = exact;
    this.processing = processing > 0;
    this.count = processing + parts.stream().mapToLong(Part::count).sum();
  }

  /** Null: no index has them. */
  static @Nullable IndexedJobs of(TableView view, Jobs.JobQuery query) {
    String queue = query.queue();
    Status.Kind kind = query.status();
    if (queue == null) {
      return kind == null || !INDEXED.contains(kind) ? null : ofAll(view, kind);
    }
    QueueEntry counts = new QueueEntry(queue);
    byte[] stored = view.get(Table.COUNT, counts.key);
    if (stored != null) {
      counts.readCounts(stored);
    }
    if (kind != null) {
      return new IndexedJobs(view, List.of(new Part(counts, kind)), true, 0);
    }
    List<Part> parts = INDEXED.stream().map(each -> new Part(counts, each)).toList();
    return new IndexedJobs(view, parts, false, counts.count(Status.Kind.PROCESSING));
  }

  private static @Nullable IndexedJobs ofAll(TableView view, Status.Kind kind) {
    List<Part> parts = new ArrayList<>();
    int[] left = {COUNTS_MAX};
    view.scan(
        Table.COUNT,
        Keys.NOTHING,
        (key, value) -> {
          QueueEntry counts = new QueueEntry(Keys.queueOf(key));
          counts.readCounts(value);
          Part part = new Part(counts, kind);
          if (part.count() > 0) {
            parts.add(part);
          }
          return --left[0] >= 0 && parts.size() <= QUEUES_MAX;
        });
    boolean all = left[0] >= 0 && parts.size() <= QUEUES_MAX;
    return all ? new IndexedJobs(view, parts, false, 0) : null;
  }

  /** Whether they are of one queue in one state. */
  boolean isOne() {
    return exact;
  }

  long count() {
    return count;
  }

  /**
   * The ids of the newest ones, the newest first, perhaps with some that are not meant.
   *
   * @param before null: from the newest on
   * @param walkedMax rows that may be walked in vain
   * @return null: there are more
   */
  @Nullable List<JobId> newest(@Nullable JobId before, int max, long walkedMax) {
    if (!isOne() && count > walkedMax) {
      return null;
    }
    // What is in the order of ids is walked only as far as it is wanted.
    Newest newest = new Newest(view, before, max, walkedMax + max);
    for (Part part : parts) {
      if (!part.addTo(newest)) {
        return null;
      }
    }
    return !processing || newest.addDownwards(Table.ACTIVE, Keys.NOTHING) ? newest.all() : null;
  }

  /**
   * The jobs of one queue in one state.
   *
   * <p>DEFERRED is sorted by id: its newest jobs cost what is asked for. READY and LINE, which have
   * the jobs that are due, are in the order of delivery, and ENDED is in the order in which jobs
   * ended. All rows of the queue there are walked to find the newest by id, though no job is read:
   * an index of them by id would be one more row with every message. Of jobs that are being
   * processed only the number is known here.
   *
   * @param counts of the queue, as they are stored
   */
  private record Part(QueueEntry counts, Status.Kind kind) {

    /** How many there are. */
    long count() {
      return counts.count(kind)
          + (kind == Status.Kind.PENDING ? counts.counts[QueueEntry.SCHEDULED] : 0);
    }

    /**
     * Adds the ids of the newest ones, perhaps with some that are in another state.
     *
     * @return false: there are too many rows
     */
    boolean addTo(Newest newest) {
      return switch (kind) {
        case WAITING -> addDeferred(newest);
        case PENDING -> addDeferred(newest) && addDue(newest);
        case DONE, FAILED, CANCELLED -> newest.mayWalk(counts.count(kind)) && addEnded(newest);
        case PROCESSING, GONE -> false;
      };
    }

    private boolean addDeferred(Newest newest) {
      return newest.addDownwards(Table.DEFERRED, Keys.state(counts.name, kind));
    }

    /** Those of sessions stand in LINE, whether they can be claimed or not. */
    private boolean addDue(Newest newest) {
      if (counts.count(kind) == 0) {
        return true;
      }
      return newest.mayWalk(counts.count(kind))
          && newest.walk(
              Table.READY,
              counts.key,
              (key, value) -> key[key.length - SESSION_FROM_END] == 0 ? Keys.idAt(value, 0) : null)
          && newest.walk(Table.LINE, counts.key, (_, value) -> Keys.idAt(value, 0));
    }

    private boolean addEnded(Newest newest) {
      return newest.walk(Table.ENDED, Keys.state(counts.name, kind), (key, _) -> Keys.lastId(key));
    }
  }
}
