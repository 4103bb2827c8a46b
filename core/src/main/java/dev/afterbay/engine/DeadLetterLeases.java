package dev.afterbay.engine;

import dev.afterbay.DeadLetters;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Who works on which dead letter, in memory alone: up to {@link DeadLetters#LEASED_MAX} of a queue,
 * for as long as their leases last.
 *
 * <p>A lease only keeps others from the same letter. What may be done to its job is decided by the
 * version that the lease saw, in the store, so it happens once whoever else works on it. Rejected:
 * a state of the job for that, which each store would have to keep and free, and through which a
 * dead letter could be lost for a while.
 */
final class DeadLetterLeases {

  /**
   * What no lease has: of a letter that is not to be received before its lease would have ended.
   */
  private static final long PARKED = 0;

  /**
   * A lease.
   *
   * @param version of the job when it was leased
   * @param number by chance, so that a receipt of an earlier process is none of this one
   */
  record Held(long version, long number, long untilTick) {
    boolean hasLapsed(Moment now) {
      return now.tick() >= untilTick;
    }
  }

  private final Map<String, Map<JobId, Held>> queues = new HashMap<>();

  /** Whether one more of that queue can be leased; forgets those that have lapsed. */
  synchronized boolean hasRoom(String queue, Moment now) {
    Map<JobId, Held> held = queues.get(queue);
    if (held == null) {
      return true;
    }
    held.values().removeIf(each -> each.hasLapsed(now));
    if (held.isEmpty()) {
      queues.remove(queue);
    }
    return held.size() < DeadLetters.LEASED_MAX;
  }

  /** False: somebody has it, or there is no room. */
  synchronized boolean take(Job job, Held lease, Moment now) {
    Map<JobId, Held> held = queues.computeIfAbsent(job.queue(), _ -> new HashMap<>());
    Held before = held.get(job.id());
    // A lease of another version is of a failure that is over.
    boolean isFree = before == null || before.hasLapsed(now) || before.version() < lease.version();
    if (!isFree || (before == null && held.size() >= DeadLetters.LEASED_MAX)) {
      return false;
    }
    held.put(job.id(), lease);
    return true;
  }

  /** The lease with that number; null: it is over. */
  private @Nullable Held find(String queue, JobId id, long number, Moment now) {
    Map<JobId, Held> held = queues.get(queue);
    Held lease = held == null || number == PARKED ? null : held.get(id);
    return lease == null || lease.number() != number || lease.hasLapsed(now) ? null : lease;
  }

  synchronized boolean renew(String queue, JobId id, long number, long untilTick, Moment now) {
    Held lease = find(queue, id, number, now);
    if (lease != null) {
      put(queue, id, new Held(lease.version(), number, untilTick));
    }
    return lease != null;
  }

  /** Ends a lease; nobody else gets the letter before its time is over, or it is freed. */
  synchronized @Nullable Held park(String queue, JobId id, long number, Moment now) {
    Held lease = find(queue, id, number, now);
    if (lease != null) {
      put(queue, id, new Held(lease.version(), PARKED, lease.untilTick()));
    }
    return lease;
  }

  /** What was parked is leased again, unless somebody else has it. */
  synchronized void unpark(String queue, JobId id, Held lease) {
    if (isParked(queue, id, lease)) {
      put(queue, id, lease);
    }
  }

  /** What was parked can be received by anybody. */
  synchronized void free(String queue, JobId id, Held parked) {
    Map<JobId, Held> held = queues.get(queue);
    if (held != null && isParked(queue, id, parked)) {
      held.remove(id);
      if (held.isEmpty()) {
        queues.remove(queue);
      }
    }
  }

  private boolean isParked(String queue, JobId id, Held lease) {
    Map<JobId, Held> held = queues.get(queue);
    Held now = held == null ? null : held.get(id);
    return now != null && now.number() == PARKED && now.version() == lease.version();
  }

  private void put(String queue, JobId id, Held lease) {
    Map<JobId, Held> held = queues.get(queue);
    if (held != null) {
      held.put(id, lease);
    }
  }
}
