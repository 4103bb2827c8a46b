package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.rules.ClaimRules;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Commit;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;

/**
 * Hands jobs out: picks what comes next, and leases it, or removes it where it is handed out at
 * most once.
 */
final class Claiming {

  private final long epoch;
  private final Queues queues;
  private final JobCache cache;
  private final ReadyIndex ready;
  private final SessionQueues sessionQueues;
  private final JobIndexes indexes;
  private long fences;

  Claiming(
      long epoch,
      Queues queues,
      JobCache cache,
      ReadyIndex ready,
      SessionQueues sessionQueues,
      JobIndexes indexes) {
    this.epoch = epoch;
    this.queues = queues;
    this.cache = cache;
    this.ready = ready;
    this.sessionQueues = sessionQueues;
    this.indexes = indexes;
  }

  /** See {@link Store#claim}. */
  Ledger.Claimed claim(Claim claim, Moment now) {
    QueueEntry queue = queues.known(claim.queue());
    if (queue == null || queue.isPaused()) {
      return Ledger.Claimed.NONE;
    }
    BoundedJobs jobs = new BoundedJobs(claim.bytesMax());
    long processing = queue.count(Status.Kind.PROCESSING);
    // Each job that is handed out stays in memory until it is settled or lapses.
    int max = ClaimRules.most(claim.max(), queue.settingsOrStandard(), processing);
    SessionLease held = claim.held();
    if (held != null) {
      claimFromSession(queue, claim, max, held, now, jobs);
    } else {
      claimFromLanes(queue, claim, max, now, jobs);
      if (jobs.size() == max && max < claim.max()) {
        queue.refused(queue.wake);
      }
    }
    return jobs.size() == 0
        ? Ledger.Claimed.NONE
        : new Ledger.Claimed(
            jobs.all(),
            ClaimRules.isAtMostOnce(queue.settingsOrStandard())
                ? Commit.Durability.SYNCED
                : Commit.Durability.WRITTEN);
  }

  private void claimFromLanes(
      QueueEntry queue, Claim claim, int max, Moment now, BoundedJobs jobs) {
    ready.pick(
        queue,
        claim.types(),
        max,
        now,
        next -> {
          if (fits(next, jobs)) {
            jobs.put(take(next, claim, now));
            if (!ClaimRules.endsClaim(next.job, queue.settingsOrStandard())) {
              return true;
            }
          }
          // The claimant asked for more and thinks there is none: there may be, for others.
          ready.wake(queue, null);
          return false;
        });
  }

  /** What has no room is not read; its size is known unless a group before has touched it. */
  private boolean fits(CachedJob next, BoundedJobs jobs) {
    if (jobs.size() > 0 && next.bare && next.bytes == 0) {
      next.bytes = cache.whole(next).bytes();
    }
    return jobs.hasRoomFor(next.bare ? next.bytes : next.job.bytes());
  }

  /** Never given twice: the epoch is another one after each open. */
  long nextFence() {
    return ClaimRules.fence(epoch, ++fences);
  }

  private Job take(CachedJob entry, Claim claim, Moment now) {
    Job before = cache.whole(entry);
    QueueSettings settings = entry.queue.settingsOrStandard();
    Transition handedOut = ClaimRules.handedOut(before, claim, settings, nextFence(), now);
    if (ClaimRules.isAtMostOnce(settings)) {
      indexes.apply(entry, handedOut, now);
      return before.with(handedOut.after(), null);
    }
    entry.fill(before);
    indexes.apply(entry, handedOut, now);
    Job claimed = entry.job;
    entry.strip();
    return claimed;
  }

  private void claimFromSession(
      QueueEntry queue, Claim claim, int max, SessionLease held, Moment now, BoundedJobs jobs) {
    SessionLease current = queues.held(queue.name, held.session(), now);
    if (current == null || current.fence() != held.fence()) {
      return;
    }
    if (max == 0) {
      queue.refused(new Store.Wake(queue.name, held.session()));
    }
    SessionQueue sessionQueue = sessionQueues.of(queue, held.session());
    for (CachedJob next = sessionQueues.next(sessionQueue);
        next != null;
        next = sessionQueues.next(sessionQueue)) {
      boolean wanted = claim.types().takes(next.job.message().type());
      if (jobs.size() == max || !wanted || next.job.isExpired(now)) {
        return;
      }
      if (!fits(next, jobs)) {
        ready.wake(queue, sessionQueue.session);
        return;
      }
      jobs.put(take(next, claim, now));
    }
  }
}
