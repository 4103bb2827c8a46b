package dev.afterbay.handlers;

import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import org.jspecify.annotations.Nullable;

/** When an answer asks to be asked again (RFC 9110, 10.2.3). */
final class RetryAfter {

  private RetryAfter() {}

  /** What it asks for, within bounds; null: nothing, or nonsense. */
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
    Duration bounded = delay.compareTo(max) <= 0 ? delay : max;
    return bounded.isPositive() ? bounded : null; // Never at once: that would flood the target.
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
