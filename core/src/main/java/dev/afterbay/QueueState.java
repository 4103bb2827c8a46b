package dev.afterbay;

/**
 * Whether a queue takes and hands out messages.
 *
 * @param reason why, as whoever changed it said; may be empty
 */
public record QueueState(Kind kind, String reason) {

  public static final QueueState ACTIVE = new QueueState(Kind.ACTIVE, "");

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
