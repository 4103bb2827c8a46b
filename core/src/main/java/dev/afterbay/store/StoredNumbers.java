package dev.afterbay.store;

import java.util.regex.Pattern;

/**
 * Numbers as Java writes them, and nothing else that its parsers take: {@code 5d}, {@code 0x1p3},
 * {@code +1}, the digits of every script.
 */
public final class StoredNumbers {
  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern DECIMAL =
      Pattern.compile("-?[0-9]{1,19}(\\.[0-9]{1,19})?(E-?[0-9]{1,3})?");

  private StoredNumbers() {}

  /**
   * As {@link Long#toString(long)} writes it.
   *
   * @throws NumberFormatException if the text is none
   */
  public static long whole(String text) {
    return Long.parseLong(require(WHOLE, text));
  }

  /**
   * As {@link Double#toString(double)} writes it.
   *
   * @throws NumberFormatException if the text is none
   */
  public static double decimal(String text) {
    return Double.parseDouble(require(DECIMAL, text));
  }

  private static String require(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new NumberFormatException("not a decimal number: " + text);
    }
    return text;
  }
}
