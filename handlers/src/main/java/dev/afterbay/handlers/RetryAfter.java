package dev.afterbay.handlers;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** When an answer asks to be asked again (RFC 9110, 10.2.3). */
final class RetryAfter {

  /**
   * Shortest pause. Zero, and a time that is over, mean "at once"; but who answers so for as long
   * as it fails would be called in a loop, by every job that waits for it. A second is where the
   * backoff of a queue begins unless its settings say otherwise.
   */
  static final Duration LEAST = Duration.ofSeconds(1);

  private RetryAfter() {}

  /**
   * What it asks for, within bounds; null: nothing, or nonsense.
   *
   * @param max a longer one counts as this, also where this is below {@link #LEAST}; zero: none is
   *     heeded
   */
  static @Nullable Duration of(Answer answer, Instant now, Duration max) {
    String value = answer.header("Retry-After");
    Duration delay;
    try {
      delay =
          value.matches("[0-9]+")
              ? Duration.ofSeconds(seconds(value))
              : HttpDate.untilThen(value, now);
    } catch (DateTimeParseException _) {
      return null;
    }
    return within(delay, max);
  }

  /** That delay within the bounds of {@link #of}. */
  static @Nullable Duration within(Duration delay, Duration max) {
    Duration least = delay.compareTo(LEAST) >= 0 ? delay : LEAST;
    Duration bounded = least.compareTo(max) <= 0 ? least : max;
    return bounded.isPositive() ? bounded : null;
  }

  /** More than fit are as many as fit. */
  private static long seconds(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException _) {
      return Long.MAX_VALUE;
    }
  }
}
