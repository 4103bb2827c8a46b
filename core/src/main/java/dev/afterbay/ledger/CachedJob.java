package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.Job;
import dev.afterbay.State;
import dev.afterbay.Status;
import org.jspecify.annotations.Nullable;

/**
 * A job in memory: because it is near the head of its lane, because it is being processed, or
 * because the group that is being gathered touched it.
 */
final class CachedJob {

  /** Where the tables have it, beside its records. */
  enum Place {
    /** Nowhere yet, or not pending. */
    NONE,
    /** In READY: can be claimed. */
    READY,
    /** In DUE_TICK or DUE_WALL: its time has not come. */
    DUE,
    /** Only in LINE: behind another of its session, or the session is held. */
    BLOCKED
  }

  final QueueEntry queue;
  final Position head;
  Job job;
  Place place = Place.NONE;

  /** The job has a record of its own for its state. */
  boolean stored;

  /** It lacks its body, attributes and history but for the attempt that has just ended. */
  boolean bare;

  /** As many as it has at most with all that ({@link Job#bytes}), if bare; 0: that is not known. */
  long bytes;

  /** In the window of its lane. */
  boolean windowed;

  /** What it counts among those in windows. */
  long windowedBytes;

  /** Touched by the group that is being gathered. */
  boolean touched;

  CachedJob(QueueEntry queue, Job job) {
    this.queue = queue;
    this.job = job;
    this.head = new Position(job.rank(), job.seq());
  }

  boolean isProcessing() {
    return job.status() instanceof Status.Processing;
  }

  /** Forgotten by the group that is being gathered; the tables may still show it. */
  boolean isGone() {
    return job.status() instanceof Status.Gone;
  }

  /** It is pending, and was just read. */
  boolean isUnplaced() {
    return place == Place.NONE && job.status() instanceof Status.Pending;
  }

  /** It came to a state; null: no attempt ended by that. */
  void become(State after, @Nullable Attempt ended) {
    if (bare && ended != null) {
      forget();
      bytes = bytes == 0 ? 0 : bytes + ended.bytes();
    }
    job = job.with(after, ended);
  }

  /** If it is bare, it need not be known any more with which attempt it came to its state. */
  void forget() {
    if (bare) {
      job = job.bare();
    }
  }

  /** With all that it lacked. */
  void fill(Job whole) {
    job = whole;
    bare = false;
  }

  void strip() {
    bytes = bare ? bytes : job.bytes();
    job = job.bare();
    bare = true;
  }
}
