package dev.afterbay.store;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** One of the few things that can be written. */
public sealed interface Change {

  /**
   * A new job, in any state; known by its id, so a repeat changes nothing. The store assigns its
   * sequence number.
   *
   * <p>One that was just sent (version 0) needs room in its queue, see {@link Committed.Full};
   * unless its key is taken, for then nothing is stored. One with a life behind it was accepted
   * once and is never refused again, as when it is routed or migrated. It is refused as stale where
   * its queue is draining by then, or has another order than that by which it was made.
   *
   * @param unique null: none
   */
  record Append(Job job, @Nullable Unique unique) implements Change {}

  /** A change of one job that is there. */
  sealed interface OfJob extends Change {
    /** The job that it changes. */
    JobId id();
  }

  /** A job goes on; refused as stale unless it is at this version, or already there. */
  record Swap(JobId id, long version, Transition transition) implements OfJob {}

  /** A lease goes on: no transition, no new version; refused unless the fence is the job's. */
  record Renew(JobId id, long fence, long untilTick) implements OfJob {}

  /**
   * An attempt tells something: no transition, no new version; refused unless the fence is the
   * job's and its lease lives.
   */
  record Note(JobId id, long fence, JobNotes.Note note) implements OfJob {}

  /** A job that the waiting one waits for has ended; commutes, never conflicts. */
  record Ended(JobId waiting, boolean good) implements Change {}

  /**
   * A held session is kept ({@code untilTick}) or freed (null); refused unless the fence is that of
   * the hold. Taking a session is {@link Store#hold}.
   */
  record Hold(String queue, String session, long fence, @Nullable Long untilTick)
      implements Change {}

  /**
   * A setting; refused as stale unless its version is the stored one plus one, or where it changes
   * the order or the guarantee of a queue that has unfinished jobs.
   *
   * <p>A queue's setting that could not be read again is rejected here, before a store sees it.
   */
  record Put(Setting setting) implements Change {

    /**
     * @throws dev.afterbay.BrokerException.Rejected if values of a queue are missing or invalid
     */
    public Put {
      SettingCodec.requireReadable(setting);
    }
  }

  /**
   * Up to {@code max} jobs of a queue that ended in the given way before a time are forgotten, the
   * oldest first.
   */
  record Forget(String queue, Status.Kind kind, Instant before, int max) implements Change {}

  /** A queue that has no jobs and no settings left is forgotten. */
  record Drop(String queue) implements Change {}

  /**
   * The key that makes a second message the same one.
   *
   * @param until the end of its window, a wall time; outlives the job
   */
  record Unique(String key, Instant until) {}
}
