package dev.afterbay.worker;

import dev.afterbay.Message;
import java.time.Duration;

/**
 * How long one consumer may keep a session, so that others get their turn ({@link KeptSession}).
 *
 * @param duration from when it was accepted
 * @param messages so many are handed out at most
 * @param idle since something was handed out, waited for or settled last
 */
public record SessionLimits(Duration duration, int messages, Duration idle) {

  /** 2 hours, 1,000 messages, 30 minutes. */
  public static final SessionLimits STANDARD =
      new SessionLimits(Duration.ofHours(2), 1_000, Duration.ofMinutes(30));

  /**
   * @throws IllegalArgumentException if one of them is not above 0, or a time above {@link
   *     Message#DURATION_MAX}
   */
  public SessionLimits {
    if (messages < 1 || !isLimit(duration) || !isLimit(idle)) {
      throw new IllegalArgumentException(
          "limits of a session must be above 0, and times at most "
              + Message.DURATION_MAX
              + ": "
              + duration
              + ", "
              + messages
              + ", "
              + idle);
    }
  }

  private static boolean isLimit(Duration duration) {
    return duration.isPositive() && duration.compareTo(Message.DURATION_MAX) <= 0;
  }

  /** With another longest time. */
  public SessionLimits duration(Duration duration) {
    return new SessionLimits(duration, messages, idle);
  }

  /** With another number of messages. */
  public SessionLimits messages(int messages) {
    return new SessionLimits(duration, messages, idle);
  }

  /** With another idle time. */
  public SessionLimits idle(Duration idle) {
    return new SessionLimits(duration, messages, idle);
  }
}
