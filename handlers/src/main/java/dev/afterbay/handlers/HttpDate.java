package dev.afterbay.handlers;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.time.temporal.ChronoField;
import java.util.Locale;

/**
 * A date in a header, in the three formats that a recipient must understand (RFC 9110, 5.6.7): that
 * of RFC 1123, and the obsolete ones of RFC 850 and of {@code asctime}.
 */
final class HttpDate {

  /** What seems to be further ahead is of the century before. */
  private static final int YEARS_AHEAD_MAX = 50;

  private HttpDate() {}

  /**
   * @throws DateTimeParseException if it is no date
   */
  static Duration untilThen(String text, Instant now) {
    int year = now.atOffset(ZoneOffset.UTC).getYear();
    DateTimeFormatter format =
        new DateTimeFormatterBuilder()
            .appendOptional(DateTimeFormatter.RFC_1123_DATE_TIME)
            .appendOptional(rfc850(year))
            .appendOptional(DateTimeFormatter.ofPattern("EEE MMM ppd HH:mm:ss yyyy", Locale.US))
            .toFormatter(Locale.US)
            .withZone(ZoneOffset.UTC);
    return Duration.between(now, format.parse(text, Instant::from));
  }

  private static DateTimeFormatter rfc850(int year) {
    return new DateTimeFormatterBuilder()
        .appendPattern("EEEE, dd-MMM-")
        .appendValueReduced(ChronoField.YEAR, 2, 2, year + YEARS_AHEAD_MAX - 99)
        .appendPattern(" HH:mm:ss 'GMT'")
        .toFormatter(Locale.US);
  }
}
