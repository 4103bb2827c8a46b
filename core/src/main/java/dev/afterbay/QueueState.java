package dev.afterbay;

/**
 * Whether a queue takes and hands out messages.
 *
 * @param reason why, as whoever changed it said, up to {@value Outcome#REASON_CHARS_MAX}
 *     characters; what in it could harm who reads it is replaced ({@link PlainText#lines}); may be
 *     empty
 */
public record QueueState(Kind kind, String reason) {

  public static final QueueState ACTIVE = new QueueState(Kind.ACTIVE, "");

  /** The rest of a longer reason is cut off. */
  public QueueState {
    reason = PlainText.lines(reason, Outcome.REASON_CHARS_MAX);
  }

  /** ACTIVE: both; PAUSED: takes, hands out none; DRAINING: hands out, takes none. */
  public enum Kind {
    /** It takes messages and hands them out. */
    ACTIVE,
    /** It takes messages and hands out none. */
    PAUSED,
    /** It hands out what it has and takes none. */
    DRAINING
  }
}
