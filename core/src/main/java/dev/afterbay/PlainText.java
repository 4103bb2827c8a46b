package dev.afterbay;

import java.net.URI;

/**
 * What others wrote, made safe to show to a person, in a log, on a terminal or on a page. What such
 * a place might obey is replaced by U+FFFD: control characters (C0, DEL, C1), the controls of
 * writing direction, line and paragraph separators, and halves of surrogate pairs.
 */
public final class PlainText {

  private static final int ADDRESS_CHARS_MAX = 200;

  private static final char REPLACEMENT = '\uFFFD';
  private static final char ARABIC_LETTER_MARK = '\u061C';
  private static final int DELETE = 0x7f;
  private static final int C1_MAX = 0x9f;

  private PlainText() {}

  /**
   * Keeps line feeds and tabs; a carriage return becomes a blank.
   *
   * @param charsMax the longest result in UTF-16 units; the rest is cut off, never within a pair
   */
  public static String lines(String text, int charsMax) {
    return replaced(cut(text, charsMax), true);
  }

  /** As {@link #lines}, but line feeds and tabs become blanks, too. */
  public static String line(String text, int charsMax) {
    return replaced(cut(text, charsMax), false);
  }

  /** The beginning, as it is, but never with half of a surrogate pair at its end. */
  public static String cut(String text, int charsMax) {
    if (text.length() <= charsMax) {
      return text;
    }
    boolean within =
        charsMax > 0
            && Character.isHighSurrogate(text.charAt(charsMax - 1))
            && Character.isLowSurrogate(text.charAt(charsMax));
    return text.substring(0, within ? charsMax - 1 : charsMax);
  }

  private static String replaced(String text, boolean lines) {
    for (int i = 0; i < text.length(); i++) {
      if (!isPlain(text, i)) {
        return replaced(text, i, lines);
      }
    }
    return text;
  }

  private static String replaced(String text, int from, boolean lines) {
    StringBuilder plain = new StringBuilder(text);
    for (int i = from; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '\n' || c == '\t' || c == '\r') {
        plain.setCharAt(i, lines && c != '\r' ? c : ' ');
      } else if (!isPlain(text, i)) {
        plain.setCharAt(i, REPLACEMENT);
      }
    }
    return plain.toString();
  }

  private static boolean isPlain(String text, int at) {
    char c = text.charAt(at);
    if (c < DELETE) {
      return c >= ' ';
    }
    if (Character.isHighSurrogate(c)) {
      return at + 1 < text.length() && Character.isLowSurrogate(text.charAt(at + 1));
    }
    if (Character.isLowSurrogate(c)) {
      return at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
    return c > C1_MAX && !isDirection(c) && c != '\u2028' && c != '\u2029';
  }

  private static boolean isDirection(char c) {
    return c == ARABIC_LETTER_MARK
        || c == '\u200E'
        || c == '\u200F'
        || (c >= '\u202A' && c <= '\u202E')
        || (c >= '\u2066' && c <= '\u2069');
  }

  /** An address without user, password, query and fragment, which may be secrets, for messages. */
  public static String address(URI address) {
    String shown = address.toString().replaceFirst("[?#].*", "").replaceFirst("//[^/]*@", "//");
    return line(shown, ADDRESS_CHARS_MAX);
  }
}
