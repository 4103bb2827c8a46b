package dev.afterbay.engine;

import dev.afterbay.PlainText;

/**
 * The error of a job without what differs from one job to the next: {@code no user 17 at
 * "ada@example.org"} becomes {@code no user # at "*"}. Errors of one cause mostly have one
 * fingerprint.
 */
final class ErrorFingerprint {
  /*
   * One pass over a bounded text, without regular expressions: errors are written by others, and
   * none may cost more than its length. What looks forward looks at most QUOTED_CHARS_MAX ahead.
   *
   * A word is a run of letters and digits. Whether it is an id is guessed from its looks: hex with
   * a digit, or long with letters and digits. Where it is not, only its digits are replaced, so
   * that "SQLState 08006" and "worker-3" keep their names. A word around :// or @ is an address.
   */

  static final int CHARS_MAX = 200;

  /** No more of an error is looked at. */
  private static final int LOOKED_AT_CHARS_MAX = 1_024;

  private static final int QUOTED_CHARS_MAX = 256;
  private static final int HEX_MIN = 6;
  private static final int MIXED_MIN = 16;

  private static final String NUMBER = "#";
  private static final String ID = "<id>";
  private static final String ADDRESS = "<address>";
  private static final String NO_TEXT = "(no text)";

  private final String text;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private ErrorFingerprint(String text) {
    this.text = text;
  }

  static String of(String error) {
    String text = PlainText.line(error, LOOKED_AT_CHARS_MAX).strip();
    String made = new ErrorFingerprint(text).made();
    return made.isEmpty() ? NO_TEXT : made;
  }

  private String made() {
    while (at < text.length() && out.length() < CHARS_MAX) {
      char c = text.charAt(at);
      int quoted = endOfQuoted(c);
      if (quoted > 0) {
        placeholder(c + "*" + text.charAt(quoted));
        at = quoted + 1;
      } else if (c == ' ') {
        blank();
      } else if (isOfToken(c)) {
        token();
      } else {
        out.append(c);
        at++;
      }
    }
    return PlainText.cut(out.toString(), CHARS_MAX).strip();
  }

  private void blank() {
    if (!out.isEmpty() && out.charAt(out.length() - 1) != ' ') {
      out.append(' ');
    }
    at++;
  }

  /** Where the quoted text ends that begins here; 0: none does. */
  private int endOfQuoted(char open) {
    char close =
        switch (open) {
          case '"', '\'', '`' -> open;
          case '\u201C' -> '\u201D';
          case '\u2018' -> '\u2019';
          case '\u00AB' -> '\u00BB';
          default -> 0;
        };
    if (close == 0 || (at > 0 && Character.isLetterOrDigit(text.charAt(at - 1)))) {
      return 0; // An apostrophe, as in can't.
    }
    int end = Math.min(text.length(), at + 1 + QUOTED_CHARS_MAX);
    for (int i = at + 1; i < end; i++) {
      boolean within = i + 1 < text.length() && Character.isLetterOrDigit(text.charAt(i + 1));
      if (text.charAt(i) == close && !within) {
        return i;
      }
    }
    return 0;
  }

  /** A run without blanks, quotes and brackets, which may be an address as a whole. */
  private void token() {
    int end = at;
    while (end < text.length() && isOfToken(text.charAt(end))) {
      end++;
    }
    String token = text.substring(at, end);
    if (isAddress(token)) {
      while (end < text.length() && (isOfToken(text.charAt(end)) || text.charAt(end) == '=')) {
        end++; // The query of a URL.
      }
      String behind = trailing(text.substring(at, end));
      placeholder(ADDRESS);
      out.append(behind);
    } else {
      words(end);
    }
    at = end;
  }

  private static boolean isOfToken(char c) {
    return switch (c) {
      case ' ', '"', '\'', '`', '(', ')', '[', ']', '{', '}', '<', '>', ',', ';', '=', '|' -> false;
      default -> true;
    };
  }

  private static boolean isAddress(String token) {
    int mark = token.indexOf('@');
    // Not an object of Java, such as Order@1b6d3586.
    boolean mail = mark > 0 && token.indexOf('.', mark) > mark + 1;
    return mail || token.indexOf("://") > 0 || isVersion6(token);
  }

  private static boolean isVersion6(String token) {
    int colons = 0;
    boolean pair = false;
    for (int i = 0; i < token.length(); i++) {
      char c = token.charAt(i);
      if (c == ':') {
        colons++;
        pair |= i > 0 && token.charAt(i - 1) == ':';
      } else if (!isHex(c) && c != '.' && c != '%') {
        return false;
      }
    }
    return colons >= 2 && (pair || colons == 7) && token.length() > 2;
  }

  /** The end of a sentence that stands behind an address. */
  private static String trailing(String token) {
    int end = token.length();
    while (end > 0 && ".:!?".indexOf(token.charAt(end - 1)) >= 0) {
      end--;
    }
    return token.substring(end);
  }

  private void words(int end) {
    while (at < end) {
      char c = text.charAt(at);
      if (isUuid(end)) {
        placeholder(ID);
        at += 36;
      } else if (Character.isLetterOrDigit(c)) {
        word(end);
      } else {
        out.append(c);
        at++;
      }
    }
  }

  private boolean isUuid(int end) {
    if (at + 36 > end || (at > 0 && Character.isLetterOrDigit(text.charAt(at - 1)))) {
      return false;
    }
    for (int i = 0; i < 36; i++) {
      char c = text.charAt(at + i);
      boolean dash = i == 8 || i == 13 || i == 18 || i == 23;
      if (dash ? c != '-' : !isHex(c)) {
        return false;
      }
    }
    return true;
  }

  private void word(int end) {
    int from = at;
    int digits = 0;
    boolean hex = true;
    while (at < end && Character.isLetterOrDigit(text.charAt(at))) {
      char c = text.charAt(at++);
      digits += Character.isDigit(c) ? 1 : 0;
      hex &= isHex(c);
    }
    int length = at - from;
    boolean all = digits == length;
    if (Character.isDigit(text.charAt(at - 1))) {
      restOfNumber(end);
    }
    if (all) {
      placeholder(NUMBER);
    } else if (digits > 0 && ((hex && length >= HEX_MIN) || length >= MIXED_MIN)) {
      placeholder(ID);
    } else {
      lettersOf(from, from + length);
    }
  }

  /** What goes on behind the digits, as in 1.5, 10.0.0.1:80 and 2026-11-20. */
  private void restOfNumber(int end) {
    while (at + 1 < end
        && ".:-/_".indexOf(text.charAt(at)) >= 0
        && Character.isDigit(text.charAt(at + 1))) {
      at++;
      while (at < end && Character.isDigit(text.charAt(at))) {
        at++;
      }
    }
  }

  private void lettersOf(int from, int to) {
    boolean inNumber = false;
    for (int i = from; i < to; i++) {
      boolean digit = Character.isDigit(text.charAt(i));
      if (!digit) {
        out.append(text.charAt(i));
      } else if (!inNumber) {
        out.append(NUMBER);
      }
      inNumber = digit;
    }
  }

  /** A list of them is one, however long it is. */
  private void placeholder(String sign) {
    for (String between : new String[] {", ", ",", " "}) {
      int length = out.length() - between.length();
      if (length >= sign.length() && out.substring(length - sign.length()).equals(sign + between)) {
        out.setLength(length);
        return;
      }
    }
    out.append(sign);
  }

  private static boolean isHex(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
  }
}
