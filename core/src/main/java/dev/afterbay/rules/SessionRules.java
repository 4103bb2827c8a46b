package dev.afterbay.rules;

import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.store.SessionLease;

/**
 * The order within a session: its jobs that have not ended come one after the other, in the order
 * in which they were accepted.
 */
public final class SessionRules {

  private SessionRules() {}

  /** Who may be given the first job of a session that has not ended. No other can be claimed. */
  public enum Turn {
    /** Its time has not come, or an older one was redriven while another is being processed. */
    NOBODY,
    /** Whoever claims from the queue may have it. */
    ANYBODY,
    /** Whoever holds the session. */
    CONSUMER
  }

  /** Whether the job stands in the order of a session. */
  public static boolean isInLine(Job job) {
    return job.line() != null && !job.status().kind().isFinal();
  }

  /**
   * Whose turn it is.
   *
   * @param isFirstDue the first job of the session is pending, and its time has come
   * @param isHeld somebody holds the session
   * @param isWorkedOn a job of the session is being processed
   */
  public static Turn turn(boolean isFirstDue, boolean isHeld, boolean isWorkedOn) {
    if (!isFirstDue || isWorkedOn) {
      return Turn.NOBODY;
    }
    return isHeld ? Turn.CONSUMER : Turn.ANYBODY;
  }

  /**
   * Whether one more session of a queue may be held.
   *
   * @param held how many are
   */
  public static boolean mayHold(boolean isPaused, int held, QueueSettings settings) {
    return !isPaused && held < settings.unsettledMax();
  }

  /** Whether a session was not renewed in time. */
  public static boolean hasLapsed(SessionLease held, Moment now) {
    return held.untilTick() <= now.tick();
  }

  /** The consumer frees the session: what it has not settled is back, as if never handed out. */
  public static Transition freed(Job processing, QueueSettings settings, Moment now) {
    return processing.released(settings, now);
  }

  /** The consumer did not keep the session: what it has not settled counts as an attempt. */
  public static Transition lost(Job processing, QueueSettings settings, Moment now) {
    return processing.orphaned("session lost", settings, now);
  }
}
