package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/** Times as text: RFC 3339, written in UTC with milliseconds (http-api.md). */
public final class Times {

  /** The beginning of a {@code date-time} (RFC 3339, 5.6); each 0 is a digit. */
  private static final String LOCAL = "0000-00-00T00:00:00";

  /** Its end, where that is no Z. */
  private static final String OFFSET = "+00:00";

  private static final int NANO_DIGITS = 9;

  private Times() {}

  /**
   * Reads one, in any offset. A leap second is refused, as a time that no clock here ever shows: it
   * would have to become another one.
   *
   * @throws Rejected if it is none, or one that does not exist, such as the 30th of February
   */
  public static Instant parse(String field, String text) {
    Instant time = parseOrNull(text);
    if (time == null) {
      throw new Rejected(
          field, field + " must be a time such as 2026-11-20T09:30:00.000Z (RFC 3339)");
    }
    return time;
  }

  /*
   * By hand: six stand in each delivery, and with a pattern of the JDK they were a sixth of all that
   * it cost the client.
   */
  /** As {@link #parse}; null: it is none. */
  static @Nullable Instant parseOrNull(String text) {
    int zone = zoneAt(text);
    if (zone < 0) {
      return null;
    }
    try {
      return LocalDateTime.of(
              number(text, 0, 4),
              number(text, 5, 7),
              number(text, 8, 10),
              number(text, 11, 13),
              number(text, 14, 16),
              number(text, 17, 19),
              nanos(text, zone))
          .toInstant(ZoneOffset.UTC)
          .minusSeconds(offsetSeconds(text, zone));
    } catch (DateTimeException _) {
      return null;
    }
  }

  /** Where the offset begins; -1: it is not the form of a time. */
  private static int zoneAt(String text) {
    if (!hasForm(text, 0, LOCAL)) {
      return -1;
    }
    int at = LOCAL.length();
    if (text.startsWith(".", at)) {
      int first = ++at;
      while (at < text.length() && isDigit(text.charAt(at))) {
        at++;
      }
      if (at == first || at - first > NANO_DIGITS) {
        return -1;
      }
    }
    boolean isUtc = at == text.length() - 1 && (text.charAt(at) == 'Z' || text.charAt(at) == 'z');
    boolean isOffset = at == text.length() - OFFSET.length() && hasForm(text, at, OFFSET);
    return isUtc || isOffset ? at : -1;
  }

  private static boolean hasForm(String text, int from, String form) {
    if (text.length() < from + form.length()) {
      return false;
    }
    for (int i = 0; i < form.length(); i++) {
      char c = text.charAt(from + i);
      boolean fits =
          switch (form.charAt(i)) {
            case '0' -> isDigit(c);
            case 'T' -> c == 'T' || c == 't';
            case '+' -> c == '+' || c == '-' || c == ' '; // In a query a plus sign means a space.
            default -> c == form.charAt(i);
          };
      if (!fits) {
        return false;
      }
    }
    return true;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int number(String text, int from, int to) {
    int number = 0;
    for (int i = from; i < to; i++) {
      number = 10 * number + text.charAt(i) - '0';
    }
    return number;
  }

  private static int nanos(String text, int zone) {
    int first = LOCAL.length() + 1;
    int nanos = number(text, first, zone);
    for (int digits = Math.max(0, zone - first); digits < NANO_DIGITS; digits++) {
      nanos *= 10;
    }
    return nanos;
  }

  /** Up to 23:59, unlike those of Java. */
  private static int offsetSeconds(String text, int zone) {
    if (zone == text.length() - 1) {
      return 0;
    }
    int seconds =
        LocalTime.of(number(text, zone + 1, zone + 3), number(text, zone + 4, zone + 6))
            .toSecondOfDay();
    return text.charAt(zone) == '-' ? -seconds : seconds;
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

  /** As {@link Instant#toString}, whatever is below a millisecond. */
  static String exact(Instant instant) {
    boolean isShown = instant.equals(instant.truncatedTo(ChronoUnit.MILLIS));
    return isShown ? format(instant) : instant.toString();
  }

  private static void put(byte[] text, int end, int number) {
    int rest = number;
    for (int i = end - 1; rest > 0; i--) {
      text[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }
}
