package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.PlainText;
import java.time.Duration;
import java.util.regex.Pattern;

/** Durations as text: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 2h}, {@code 7d}, ISO-8601. */
public final class Durations {

  private static final long SECOND_MILLIS = 1_000;
  private static final long MINUTE_MILLIS = 60_000;
  private static final long HOUR_MILLIS = 3_600_000;
  private static final long DAY_MILLIS = 86_400_000;

  /** Digits that cannot overflow with any unit. */
  private static final int DIGITS_MAX = 10;

  /** Java's own parser also takes signs, so that P-1DT25H is an hour, and commas. */
  private static final Pattern ISO =
      Pattern.compile(
          "P(?=.)([0-9]{1,10}D)?"
              + "(T(?=.)([0-9]{1,10}H)?([0-9]{1,10}M)?([0-9]{1,10}(\\.[0-9]{1,9})?S)?)?");

  private Durations() {}

  /**
   * Reads either spelling (http-api.md).
   *
   * @param field names it in the error
   * @throws Rejected if the text is no duration, or negative
   */
  public static Duration parse(String field, String text) {
    if (text.startsWith("P")) {
      return parseIso(field, text);
    }
    int digits = 0;
    while (digits < text.length() && text.charAt(digits) >= '0' && text.charAt(digits) <= '9') {
      digits++;
    }
    if (digits == 0 || digits > DIGITS_MAX) {
      throw wrong(field, text);
    }
    long number = WholeNumbers.parse(text.substring(0, digits));
    return switch (text.substring(digits)) {
      case "ms" -> Duration.ofMillis(number);
      case "s" -> Duration.ofSeconds(number);
      case "m" -> Duration.ofMillis(number * MINUTE_MILLIS);
      case "h" -> Duration.ofMillis(number * HOUR_MILLIS);
      case "d" -> Duration.ofMillis(number * DAY_MILLIS);
      default -> throw wrong(field, text);
    };
  }

  /** The shortest spelling with the largest unit that divides it. */
  public static String format(Duration duration) {
    if (duration.isNegative() || duration.toNanosPart() % 1_000_000 != 0) {
      return duration.toString();
    }
    long millis = duration.toMillis();
    if (millis % SECOND_MILLIS != 0) {
      return millis + "ms";
    }
    if (millis % MINUTE_MILLIS != 0 || millis == 0) {
      return millis / SECOND_MILLIS + "s";
    }
    if (millis % HOUR_MILLIS != 0) {
      return millis / MINUTE_MILLIS + "m";
    }
    return millis % DAY_MILLIS != 0 ? millis / HOUR_MILLIS + "h" : millis / DAY_MILLIS + "d";
  }

  private static Duration parseIso(String field, String text) {
    if (ISO.matcher(text).matches()) {
      return Duration.parse(text);
    }
    throw wrong(field, text);
  }

  private static Rejected wrong(String field, String text) {
    return new Rejected(
        field, field + " must be a duration such as 500ms, 30s, 5m, 2h, 7d or PT30S: " + cut(text));
  }

  /** Error texts repeat what was sent, but not all of it. */
  private static String cut(String text) {
    return text.length() <= 40 ? text : PlainText.cut(text, 40) + "...";
  }
}
