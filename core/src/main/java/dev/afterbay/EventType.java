package dev.afterbay;

import java.util.Locale;

/** The one vocabulary of what happens, for watches, SSE and audit (model.md, Events). */
public enum EventType {
  ENQUEUED,
  SCHEDULED,
  LEASED,
  RENEWED,
  LAPSED,
  RELEASED,
  RETRIED,
  DONE,
  FAILED,
  EXPIRED,
  CANCELLED,
  REDRIVEN,
  DELETED,
  SESSION_HELD,
  SESSION_FREED,
  QUEUE_PAUSED,
  QUEUE_RESUMED,
  BREAKER_OPENED,
  BREAKER_HALF_OPEN,
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
