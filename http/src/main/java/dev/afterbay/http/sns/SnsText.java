package dev.afterbay.http.sns;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Which characters and shapes a genuine envelope has (sns.md 1, 3.3). */
final class SnsText {
  /** Longest confirmation token in characters; real ones have 256. */
  private static final int TOKEN_CHARS_MAX = 1_024;

  private static final DateTimeFormatter TIMESTAMP =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  private SnsText() {}

  /**
   * SNS's set: #x9 #xA #xD #x20-#xD7FF #xE000-#xFFFD #x10000-#x10FFFF. A genuine message holds no
   * other character, so neither NUL nor half a surrogate pair.
   */
  static boolean isInSet(String text) {
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character < ' ') {
        if (character != '\t' && character != '\n' && character != '\r') {
          return false;
        }
      } else if (character >= Character.MIN_SURROGATE) {
        if (Character.isHighSurrogate(character)
            && i + 1 < text.length()
            && Character.isLowSurrogate(text.charAt(i + 1))) {
          i++;
        } else if (character <= Character.MAX_SURROGATE || character > 0xFFFD) {
          return false;
        }
      }
    }
    return true;
  }

  /**
   * Whether there is a control character, C0, DEL or C1. The string to sign has no escaping: with a
   * line feed in a field the same signed bytes could be cut into fields in another way.
   */
  static boolean hasControl(String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isISOControl(text.charAt(i))) {
        return true;
      }
    }
    return false;
  }

  /** A UUID in lower case, as SNS writes it: the id is part of the deduplication key. */
  static boolean isMessageId(String text) {
    if (text.length() != 36) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? text.charAt(i) != '-' : !isHexDigit(text.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  /** Letters and digits: the token becomes part of a URL, and real ones are hexadecimal. */
  static boolean isToken(String text) {
    if (text.isEmpty() || text.length() > TOKEN_CHARS_MAX) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char character = text.charAt(i);
      if (character > 'z' || !Character.isLetterOrDigit(character)) {
        return false;
      }
    }
    return true;
  }

  /** Reads {@code yyyy-MM-ddTHH:mm:ss.SSSZ}, the only spelling; null for anything else. */
  static @Nullable Instant timestamp(String text) {
    if (!hasTimestampShape(text)) {
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
              number(text, 20, 23) * 1_000_000)
          .toInstant(ZoneOffset.UTC);
    } catch (DateTimeException noSuchDay) {
      return null;
    }
  }

  /** The reverse of {@link #timestamp(String)}. */
  static String text(Instant timestamp) {
    return TIMESTAMP.format(timestamp);
  }

  private static boolean hasTimestampShape(String text) {
    String shape = "0000-00-00T00:00:00.000Z";
    if (text.length() != shape.length()) {
      return false;
    }
    for (int i = 0; i < shape.length(); i++) {
      char expected = shape.charAt(i);
      char character = text.charAt(i);
      if (expected == '0' ? character < '0' || character > '9' : character != expected) {
        return false;
      }
    }
    return true;
  }

  private static int number(String text, int from, int to) {
    return Integer.parseInt(text, from, to, 10);
  }

  private static boolean isHexDigit(char character) {
    return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'f');
  }
}
