package dev.afterbay.handlers;

import java.util.ArrayList;
import java.util.List;

/** Splits what is too long for one message. */
final class TelegramText {

  /** Of a message's text, in UTF-16 units (Bot API, sendMessage). */
  static final int CHARS_MAX = 4_096;

  private TelegramText() {}

  /**
   * Parts that fit, each as long as it can be: it ends before a line feed, else before a blank,
   * which are left out, else anywhere but within a surrogate pair. Blank parts, which Telegram
   * refuses, are left out, too.
   */
  static List<String> split(String text, int charsMax) {
    List<String> parts = new ArrayList<>();
    int from = 0;
    while (text.length() - from > charsMax) {
      int end = end(text, from, charsMax);
      add(parts, text.substring(from, end));
      boolean isBreak = text.charAt(end) == '\n' || text.charAt(end) == ' ';
      from = isBreak ? end + 1 : end;
    }
    add(parts, text.substring(from));
    return parts;
  }

  private static int end(String text, int from, int charsMax) {
    for (char c : new char[] {'\n', ' '}) {
      int end = text.lastIndexOf(c, from + charsMax);
      if (end > from) {
        return end;
      }
    }
    int end = from + charsMax;
    return Character.isSurrogatePair(text.charAt(end - 1), text.charAt(end)) ? end - 1 : end;
  }

  private static void add(List<String> parts, String part) {
    if (!part.isBlank()) {
      parts.add(part);
    }
  }
}
