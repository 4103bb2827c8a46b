package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.format.DateTimeParseException;
import java.util.Locale;

/** Times as text: RFC 3339, written in UTC with milliseconds (http-api.md). */
public final class Times {

  private static final DateTimeFormatter RFC_3339 =
      new DateTimeFormatterBuilder()
          .parseCaseInsensitive()
          .append(DateTimeFormatter.ISO_OFFSET_DATE_TIME)
          .toFormatter(Locale.ROOT);

  private Times() {}

  public static Instant parse(String field, String text) {
    String wrong = field + " must be a time such as 2026-11-20T09:30:00.000Z (RFC 3339)";
    // A year has four digits; ISO 8601 would allow more, with a sign.
    if (text.isEmpty() || text.charAt(0) < '0' || text.charAt(0) > '9') {
      throw new Rejected(field, wrong);
    }
    try {
      // In a query a plus sign means a space.
      return OffsetDateTime.parse(text.replace(' ', '+'), RFC_3339).toInstant();
    } catch (DateTimeParseException e) {
      throw new Rejected(field, wrong, e);
    }
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
