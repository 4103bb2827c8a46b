package dev.afterbay.client.wire;

/**
 * Whole numbers as text: digits of ASCII alone. Java's own parser also takes a plus sign and the
 * digits of every script.
 */
public final class WholeNumbers {
  private WholeNumbers() {}

  /**
   * A number from 0.
   *
   * @throws NumberFormatException if the text is none, or over {@link Long#MAX_VALUE}
   */
  public static long parse(String text) {
    requireDigits(text);
    return Long.parseLong(text);
  }

  /**
   * A number from 0; one that is larger, with however many digits, counts as the most.
   *
   * @throws NumberFormatException if the text is none
   */
  public static long parseUpTo(long most, String text) {
    requireDigits(text);
    try {
      return Math.min(Long.parseLong(text), most);
    } catch (NumberFormatException _) {
      return most; // They are digits, so it is over what fits.
    }
  }

  private static void requireDigits(String text) {
    if (text.isEmpty() || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
      throw new NumberFormatException("not digits alone");
    }
  }
}
