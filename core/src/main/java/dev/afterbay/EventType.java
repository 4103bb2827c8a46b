package dev.afterbay;

import java.util.Locale;

/** The one vocabulary of what happens, for watches, SSE and audit (model.md, Events). */
public enum EventType {
  /** A job became due, at once when it was sent or later. */
  ENQUEUED,
  /** A job was sent that is due later, or that waits for other jobs. */
  SCHEDULED,
  /** A consumer has it: an attempt begins. */
  LEASED,
  /** Its lease was prolonged. */
  RENEWED,
  /** Its attempt told how far it is. */
  PROGRESS,
  /** Its attempt told a line for its log. */
  LOGGED,
  /** Its attempt left something for the next one. */
  CHECKPOINT,
  /** Its attempt told what it came to. */
  RESULT,
  /** Its lease ran out: the attempt counts as failed. */
  LAPSED,
  /** Its consumer handed it back; the attempt does not count. */
  RELEASED,
  /** The attempt failed, and there will be another one. */
  RETRIED,
  /** The work is done. */
  DONE,
  /** It is a dead letter now. */
  FAILED,
  /** Its time to live was over before it was done. */
  EXPIRED,
  /** Somebody cancelled it, or a job that it waited for was not done. */
  CANCELLED,
  /** A job that had ended got a fresh set of attempts. */
  REDRIVEN,
  /** Somebody deleted it. */
  DELETED,
  /** A consumer took a session. */
  SESSION_HELD,
  /** A session was closed or lost. */
  SESSION_FREED,
  /** A queue hands out no more jobs. */
  QUEUE_PAUSED,
  /** A queue hands out jobs again. */
  QUEUE_RESUMED,
  /** A handler failed too often: nothing is claimed for it for a while. */
  BREAKER_OPENED,
  /** One job tries out whether the handler works again. */
  BREAKER_HALF_OPEN,
  /** The handler works again. */
  BREAKER_CLOSED,
  /** A subscription of an SNS topic was confirmed. */
  SUBSCRIPTION_CONFIRMED,
  /** A subscription of an SNS topic has ended: nothing more will come by it. */
  SUBSCRIPTION_ENDED;

  private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

  /**
   * The type with that word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static EventType ofWord(String word) {
    return valueOf(word.toUpperCase(Locale.ROOT).replace('-', '_'));
  }

  /** The word on the wire, such as {@code session-held}. */
  public String word() {
    return word;
  }
}
