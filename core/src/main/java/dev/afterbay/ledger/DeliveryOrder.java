package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.Status;
import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The pending jobs of a queue in the order in which they are delivered, if each is done before the
 * next is taken and whatever is out now is done: by rank and acceptance, and of a session never one
 * before those that were accepted earlier. Last come those of sessions that wait for a time or for
 * other jobs.
 */
final class DeliveryOrder {

  /** Jobs that it looks at beyond those that it answers. */
  private static final int EXTRA_MAX = 1_000;

  /** Sessions in use whose next jobs are put in order; those of others come last. */
  private static final int IN_USE_MAX = 200;

  private final Tables tables;
  private final ReadyIndex ready;
  private final QueueEntry queue;
  private final Moment now;
  private final boolean bodies;
  private final TreeMap<Position, JobId> next = new TreeMap<>();

  /** Where the jobs that can be claimed were read up to, if there may be more; null: all were. */
  private @Nullable Position readUpTo;

  DeliveryOrder(Tables tables, ReadyIndex ready, QueueEntry queue, Moment now, boolean bodies) {
    this.tables = tables;
    this.ready = ready;
    this.queue = queue;
    this.now = now;
    this.bodies = bodies;
  }

  void pick(int max, BoundedJobs picked) {
    readOn(max);
    addThoseInUse();
    int left = max + EXTRA_MAX;
    while (picked.size() < max && hasNext(max) && left-- > 0) {
      JobId id = next.pollFirstEntry().getValue();
      Job job = JobRecords.job(tables, id, bodies);
      if (job != null && !job.isExpired(now) && !picked.add(job)) {
        return;
      }
      if (job != null && job.line() != null) {
        follow(Keys.line(queue.name, job.line()), job.seq() + 1);
      }
    }
    if (picked.size() < max) {
      addTheRest(max, picked);
    }
  }

  /** Whether there is one; of those that were read some may have expired. */
  private boolean hasNext(int max) {
    if (readUpTo != null && (next.isEmpty() || readUpTo.compareTo(next.firstKey()) < 0)) {
      readOn(max);
    }
    return !next.isEmpty();
  }

  /** Reads as many of the jobs that can be claimed as are wanted. */
  private void readOn(int max) {
    NavigableMap<Position, JobId> some = ready.peek(queue, max, readUpTo);
    next.putAll(some);
    readUpTo = some.size() < max ? null : some.lastKey();
  }

  /** Of a session that is held or worked on nothing can be claimed by others. */
  private void addThoseInUse() {
    if (queue.heldSessions == 0 && queue.count(Status.Kind.PROCESSING) == 0) {
      return;
    }
    int left = IN_USE_MAX;
    for (SessionQueue line : queue.sessionQueues.values()) {
      if (!line.isIdle()) {
        follow(line.prefix, 0);
        if (--left == 0) {
          return;
        }
      }
    }
  }

  /** Has a session go on with the first of its jobs from a place on, if that is due. */
  private void follow(byte[] line, long seq) {
    tables.scan(
        Tables.Table.LINE,
        Keys.member(line, seq),
        Keys.after(line),
        false,
        (_, value) -> {
          JobId id = Keys.idAt(value, 0);
          Job job = JobRecords.job(tables, id, false);
          if (job == null || job.status() instanceof Status.Processing) {
            return true;
          }
          if (job.status() instanceof Status.Pending(var due) && due.isOver(now)) {
            next.put(new Position(job.rank(), job.seq()), id);
          }
          return false;
        });
  }

  /** Jobs behind one that is not due; of a fifo queue in their order. */
  private void addTheRest(int max, BoundedJobs picked) {
    Set<JobId> known = new HashSet<>();
    picked.all().forEach(job -> known.add(job.id()));
    int[] left = {EXTRA_MAX};
    tables.scan(
        Tables.Table.LINE,
        queue.key,
        (_, value) -> {
          JobId id = Keys.idAt(value, 0);
          Job job = known.contains(id) ? null : JobRecords.job(tables, id, bodies);
          boolean comes =
              job != null && job.status() instanceof Status.Pending && !job.isExpired(now);
          boolean fits = job == null || !comes || picked.add(job);
          return fits && picked.size() < max && --left[0] > 0;
        });
  }
}
