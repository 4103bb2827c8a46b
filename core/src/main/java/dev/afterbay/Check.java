package dev.afterbay;

import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The rules for names, keys and durations, each stated once (model.md, Decisions). */
final class Check {

  private static final int NAME_CHARS_MAX = 128;
  private static final int KEY_CHARS_MAX = 256;
  private static final Instant TIME_MIN = Instant.parse("0000-01-01T00:00:00Z");
  private static final Instant TIME_MAX = Instant.parse("9999-12-31T23:59:59.999Z");

  private Check() {}

  static void that(boolean holds, String field, String otherwise) {
    if (!holds) {
      throw new BrokerException.Rejected(field, field + " " + otherwise);
    }
  }

  /** Queue and type: 1-128 of {@code A-Z a-z 0-9 . _ -}, not only dots. */
  static String name(String field, String name) {
    boolean ok = !name.isEmpty() && name.length() <= NAME_CHARS_MAX;
    boolean onlyDots = true;
    for (int i = 0; ok && i < name.length(); i++) {
      char c = name.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      ok = letter || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
      onlyDots &= c == '.';
    }
    that(ok && !onlyDots, field, "must be 1 to 128 of A-Z a-z 0-9 . _ - and not only dots");
    return name;
  }

  /** Session and key: 1-256 printable characters. */
  static void printable(String field, @Nullable String text) {
    if (text != null) {
      that(
          !text.isEmpty()
              && text.length() <= KEY_CHARS_MAX
              && (isPrintableAscii(text) || isPrintable(text)),
          field,
          "must be 1 to 256 printable characters");
    }
  }

  static void duration(String field, @Nullable Duration duration, Duration max) {
    if (duration != null) {
      that(
          !duration.isNegative() && duration.compareTo(max) <= 0,
          field,
          "must be 0 to " + max + ": " + duration);
    }
  }

  /**
   * Years of four digits, as RFC 3339 has them. Far outside of these a time has no milliseconds in
   * 64 bits, and could not be stored.
   */
  static void time(String field, @Nullable Instant time) {
    if (time != null) {
      that(
          !time.isBefore(TIME_MIN) && !time.isAfter(TIME_MAX),
          field,
          "must be from year 0000 to 9999: " + time);
    }
  }

  static boolean isPrintableAscii(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) < ' ' || text.charAt(i) >= 127) {
        return false;
      }
    }
    return true;
  }

  /** No control characters, no unpaired surrogates, nothing unassigned. */
  private static boolean isPrintable(String text) {
    return text.codePoints()
        .noneMatch(c ->
            switch (Character.getType(c)) {
              case Character.CONTROL,
                  Character.SURROGATE,
                  Character.UNASSIGNED,
                  Character.LINE_SEPARATOR,
                  Character.PARAGRAPH_SEPARATOR ->
                  true;
              default -> false;
            });
  }
}
