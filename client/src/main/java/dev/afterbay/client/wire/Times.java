package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Times as text: RFC 3339, written in UTC with milliseconds (http-api.md). */
public final class Times {

  /** {@code date-time} (RFC 3339, 5.6), but for what a number may be. */
  private static final Pattern RFC_3339 =
      Pattern.compile(
          "([0-9]{4})-([0-9]{2})-([0-9]{2})[Tt]([0-9]{2}):([0-9]{2}):([0-9]{2})"
              + "(?:\\.([0-9]{1,9}))?(?:[Zz]|([+-])([0-9]{2}):([0-9]{2}))");

  private static final int NANO_DIGITS = 9;

  private Times() {}

  /**
   * Reads one, in any offset. A leap second is refused, as a time that no clock here ever shows: it
   * would have to become another one.
   *
   * @throws Rejected if it is none, or one that does not exist, such as the 30th of February
   */
  public static Instant parse(String field, String text) {
    // In a query a plus sign means a space.
    Matcher parts = RFC_3339.matcher(text.replace(' ', '+'));
    if (!parts.matches()) {
      throw wrong(field, null);
    }
    try {
      LocalDateTime local =
          LocalDateTime.of(
              number(parts, 1),
              number(parts, 2),
              number(parts, 3),
              number(parts, 4),
              number(parts, 5),
              number(parts, 6),
              nanos(parts.group(7)));
      return local.toInstant(ZoneOffset.UTC).minusSeconds(offsetSeconds(parts));
    } catch (DateTimeException e) {
      throw wrong(field, e);
    }
  }

  private static Rejected wrong(String field, @Nullable DateTimeException cause) {
    String must = field + " must be a time such as 2026-11-20T09:30:00.000Z (RFC 3339)";
    return cause == null ? new Rejected(field, must) : new Rejected(field, must, cause);
  }

  private static int number(Matcher parts, int group) {
    return Integer.parseInt(parts.group(group));
  }

  private static int nanos(@Nullable String fraction) {
    return fraction == null
        ? 0
        : Integer.parseInt(fraction + "0".repeat(NANO_DIGITS - fraction.length()));
  }

  /** Up to 23:59, unlike those of Java. */
  private static int offsetSeconds(Matcher parts) {
    String sign = parts.group(8);
    if (sign == null) {
      return 0;
    }
    LocalTime offset = LocalTime.of(number(parts, 9), number(parts, 10));
    return sign.equals("-") ? -offset.toSecondOfDay() : offset.toSecondOfDay();
  }

  /* A formatter of the JDK takes ten times as long, and a receive writes a thousand times. */
  public static String format(Instant instant) {
    LocalDateTime t =
        LocalDateTime.ofEpochSecond(instant.getEpochSecond(), instant.getNano(), ZoneOffset.UTC);
    if (t.getYear() < 0 || t.getYear() > 9_999) {
      return instant.toString();
    }
    byte[] text = "0000-00-00T00:00:00.000Z".getBytes(StandardCharsets.US_ASCII);
    put(text, 4, t.getYear());
    put(text, 7, t.getMonthValue());
    put(text, 10, t.getDayOfMonth());
    put(text, 13, t.getHour());
    put(text, 16, t.getMinute());
    put(text, 19, t.getSecond());
    put(text, 23, t.getNano() / 1_000_000);
    return new String(text, StandardCharsets.ISO_8859_1);
  }

  private static void put(byte[] text, int end, int number) {
    int rest = number;
    for (int i = end - 1; rest > 0; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
