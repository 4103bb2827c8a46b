package dev.afterbay.rules;

import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Store.Overdue;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** What becomes of jobs as time passes, by either clock of a {@link Moment}. */
public final class TimeRules {

  private TimeRules() {}

  /** Whether the job is pending, and its time has not come. */
  public static boolean isScheduled(Job job, Moment now) {
    return job.status() instanceof Status.Pending(Due due) && !due.isOver(now);
  }

  /** When a job expires: only while it is pending, else it is judged when it comes back. */
  public static @Nullable Instant expiry(Job job) {
    return job.status() instanceof Status.Pending ? job.expiresAt() : null;
  }

  /**
   * Whether the job is overdue in that way.
   *
   * @param epoch of the store now, see {@link ClaimRules#fence}
   */
  public static boolean isOverdue(Overdue overdue, Job job, Moment now, long epoch) {
    return switch (overdue) {
      case LAPSED -> job.status() instanceof Status.Processing(Lease it) && it.hasLapsed(now);
      case EXPIRED -> job.status() instanceof Status.Pending && job.isExpired(now);
      case ORPHANED ->
          job.status() instanceof Status.Processing(Lease it)
              && !it.detached()
              && ClaimRules.epoch(it) != epoch;
    };
  }

  /** A lease goes on: the same attempt, so the version stays. */
  public static State renewed(Job processing, long untilTick) {
    return processing.state().renewed(processing.lease().until(untilTick));
  }

  /**
   * Until when a lease lasts that the store finds when it is opened: one full length at the least,
   * for its consumer could not renew it meanwhile.
   */
  public static long untilAfterOpening(Lease lease, QueueSettings settings, Moment now) {
    return Math.max(lease.untilTick(), now.tick() + settings.lease().toMillis());
  }

  /**
   * For how many milliseconds a job could have been claimed; 0: not at all, or the wall clock was
   * set back since it was due.
   */
  public static long millisDue(Job job, Moment now) {
    if (!(job.status() instanceof Status.Pending(Due due)) || job.isExpired(now)) {
      return 0;
    }
    long millis =
        switch (due) {
          case Due.At(Instant wall) -> now.wall().toEpochMilli() - wall.toEpochMilli();
          case Due.AtTick(long tick) -> now.tick() - tick;
        };
    return Math.max(0, millis);
  }

  /** Whether the window of a key goes on, so that a second message is the first one. */
  public static boolean isRemembered(long untilMillis, Moment now) {
    return untilMillis > now.wall().toEpochMilli();
  }

  /** When a job ended that is kept. */
  public static Instant endedAt(Job job) {
    return switch (job.status()) {
      case Status.Done(Instant at) -> at;
      case Status.Failed(Instant at, _, _) -> at;
      case Status.Cancelled(Instant at) -> at;
      case Status.Pending _, Status.Waiting _, Status.Processing _, Status.Gone _ ->
          throw new IllegalStateException(job.id() + " is not kept as ended: " + job.status());
    };
  }

  /** Whether a change forgets the job, if it is among the oldest of its queue. */
  public static boolean isForgotten(Change.Forget forget, Job job) {
    return forget.kind().isFinal()
        && job.status().kind() == forget.kind()
        && job.queue().equals(forget.queue())
        && endedAt(job).toEpochMilli() < forget.before().toEpochMilli();
  }
}
