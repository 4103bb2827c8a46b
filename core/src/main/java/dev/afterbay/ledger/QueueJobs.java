package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;

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

  /** Whether a key of READY is of a session, before its rank and sequence. */
  private static final int SESSION_FROM_END = 17;

  private final String queue;
  private final Status.Kind kind;
  private final QueueEntry counts;

  /**
   * @param counts of the queue, as they are stored
   */
  QueueJobs(QueueEntry counts, Status.Kind kind) {
    this.queue = counts.name;
    this.kind = kind;
    this.counts = counts;
  }

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
    byte[] prefix = Keys.state(queue, kind);
    JobId before = newest.before();
    byte[] to = before == null ? Keys.after(prefix) : Keys.deferred(prefix, before);
    return newest.addDownwards(Table.DEFERRED, prefix, to, key -> Keys.idAt(key, prefix.length));
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
    return newest.walk(Table.ENDED, Keys.state(queue, kind), (key, _) -> Keys.lastId(key));
  }
}
