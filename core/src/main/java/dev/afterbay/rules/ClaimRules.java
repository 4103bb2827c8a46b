package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.store.Claim;

/** What is handed out, in which order, how much of it, and what that does to a job. */
public final class ClaimRules {

  private ClaimRules() {}

  /**
   * The order among jobs that can be claimed: by rank, and among those of one rank the one that was
   * accepted first.
   */
  public static int compare(long rank, long seq, long otherRank, long otherSeq) {
    int byRank = Long.compare(rank, otherRank);
    return byRank != 0 ? byRank : Long.compare(seq, otherSeq);
  }

  /** The same of two jobs. */
  public static int compare(Job job, Job other) {
    return compare(job.rank(), job.seq(), other.rank(), other.seq());
  }

  /** Whether what is handed out of the queue is gone at once. */
  public static boolean isAtMostOnce(QueueSettings settings) {
    return settings.delivery() == QueueSettings.DeliveryMode.AT_MOST_ONCE;
  }

  /**
   * The most jobs that a claim may come to: somebody has to settle them, and there is a limit to
   * those that are not settled. What is gone at once nobody settles.
   *
   * @param asked what the claim asks for
   * @param processing how many of the queue are being processed
   */
  public static int most(int asked, QueueSettings settings, long processing) {
    return isAtMostOnce(settings)
        ? asked
        : Math.clamp(settings.unsettledMax() - processing, 0, asked);
  }

  /**
   * Whether no other job may follow in the same claim: of a session that nobody holds the next one
   * would be out before this one is known to be done.
   */
  public static boolean endsClaim(Job claimed, QueueSettings settings) {
    return isAtMostOnce(settings) && claimed.line() != null;
  }

  /** What being handed out does to a job. */
  public static Transition handedOut(
      Job job, Claim claim, QueueSettings settings, long fence, Moment now) {
    if (isAtMostOnce(settings)) {
      return job.claimedForever(now);
    }
    long untilTick = now.tick() + claim.leaseTicks();
    Lease lease = new Lease(claim.consumer(), fence, now.wall(), untilTick, claim.detached());
    return job.claimed(lease, now);
  }

  /**
   * Tells a lease or a hold from every other that the store ever gave.
   *
   * @param epoch another one after each opening, durable before the first fence of it is given
   * @param number counts from 1 within the epoch
   */
  public static long fence(long epoch, long number) {
    return epoch << Lease.FENCE_NUMBER_BITS | number;
  }

  /** The epoch in which a lease was given. */
  public static long epoch(Lease lease) {
    return lease.fence() >>> Lease.FENCE_NUMBER_BITS;
  }
}
