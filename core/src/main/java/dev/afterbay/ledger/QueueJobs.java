package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The jobs of one queue in one state by the indexes of the queue, without a look at other queues.
 *
 * <p>DEFERRED is sorted by id: its newest jobs cost what is asked for. READY and LINE, which have
 * the jobs that are due, are in the order of delivery, and ENDED is in the order in which jobs
 * ended. All rows of the queue there are walked to find the newest by id, though no job is read: an
 * index of them by id would be one more row with every message. Of jobs that are being processed
 * only the number is known here.
 */
final class QueueJobs {

  private static final int ID_BYTES = 16;

  /** Whether a key of READY is of a session, before its rank and sequence. */
  private static final int SESSION_FROM_END = 17;

  private final TableView view;
  private final String queue;
  private final Status.Kind kind;
  private final QueueEntry counts;

  QueueJobs(TableView view, String queue, Status.Kind kind) {
    this.view = view;
    this.queue = queue;
    this.kind = kind;
    this.counts = new QueueEntry(queue);
    byte[] stored = view.get(Table.COUNT, counts.key);
    if (stored != null) {
      counts.readCounts(stored);
    }
  }

  /** How many there are. */
  long count() {
    return counts.count(kind)
        + (kind == Status.Kind.PENDING ? counts.counts[QueueEntry.SCHEDULED] : 0);
  }

  /**
   * The ids of the newest ones, the newest first, perhaps with some that are in another state.
   *
   * @param before null: from the newest on
   * @param walkedMax rows that may be walked in vain
   * @return null: there are more
   */
  @Nullable List<JobId> newest(@Nullable JobId before, int max, long walkedMax) {
    Newest newest = new Newest(before, max, walkedMax);
    boolean all =
        switch (kind) {
          case WAITING -> addDeferred(newest);
          case PENDING -> addDeferred(newest) && addDue(newest);
          case DONE, FAILED, CANCELLED -> counts.count(kind) <= walkedMax && addEnded(newest);
          case PROCESSING, GONE -> false;
        };
    return all ? List.copyOf(newest.ids.descendingSet()) : null;
  }

  private boolean addDeferred(Newest newest) {
    byte[] prefix = Keys.state(queue, kind);
    byte[] to = newest.before == null ? Keys.after(prefix) : Keys.deferred(prefix, newest.before);
    view.scan(
        Table.DEFERRED,
        prefix,
        to,
        true,
        (key, _) -> {
          newest.ids.add(Keys.idAt(key, prefix.length));
          return newest.ids.size() < newest.max;
        });
    return true;
  }

  /** Those of sessions stand in LINE, whether they can be claimed or not. */
  private boolean addDue(Newest newest) {
    if (counts.count(kind) == 0) {
      return true;
    }
    return counts.count(kind) <= newest.walkedMax
        && newest.walk(
            Table.READY,
            counts.key,
            (key, value) -> key[key.length - SESSION_FROM_END] == 0 ? Keys.idAt(value, 0) : null)
        && newest.walk(Table.LINE, counts.key, (_, value) -> Keys.idAt(value, 0));
  }

  private boolean addEnded(Newest newest) {
    return newest.walk(
        Table.ENDED, Keys.state(queue, kind), (key, _) -> Keys.idAt(key, key.length - ID_BYTES));
  }

  /** The id that a row is of; null: it does not count. */
  @FunctionalInterface
  private interface Naming {
    @Nullable JobId idOf(byte[] key, byte[] value);
  }

  /** The greatest of all ids that come by. */
  private final class Newest {
    private final TreeSet<JobId> ids = new TreeSet<>();
    private final @Nullable JobId before;
    private final int max;
    private final long walkedMax;
    private long walked;

    Newest(@Nullable JobId before, int max, long walkedMax) {
      this.before = before;
      this.max = max;
      this.walkedMax = walkedMax;
    }

    /** False: there are too many rows. */
    boolean walk(Table table, byte[] prefix, Naming naming) {
      view.scan(
          table,
          prefix,
          Keys.after(prefix),
          false,
          (key, value) -> {
            JobId id = naming.idOf(key, value);
            if (id != null && (before == null || id.compareTo(before) < 0)) {
              add(id);
            }
            return ++walked <= walkedMax;
          });
      return walked <= walkedMax;
    }

    private void add(JobId id) {
      if (ids.size() < max) {
        ids.add(id);
      } else if (id.compareTo(ids.first()) > 0 && ids.add(id)) {
        ids.pollFirst();
      }
    }
  }
}
