package dev.afterbay.http.sns;

import org.jspecify.annotations.Nullable;

/**
 * Ends the examination of a request. Never leaves the package: the verifier turns it into a {@link
 * Verdict.Refused}. Without a stack trace, because strangers can cause it as often as they like.
 */
final class RefusedException extends Exception {
  /** Longest quotation, in characters. */
  private static final int QUOTED_CHARS_MAX = 120;

  private final RefusalReason fault;
  private final String code;
  private final String detail;

  RefusedException(RefusalReason fault, String code, String detail) {
    super(code + ": " + detail, null, false, false);
    this.fault = fault;
    this.code = code;
    this.detail = detail;
  }

  boolean is(RefusalReason other) {
    return fault == other;
  }

  Verdict.Refused verdict(@Nullable String topicArn) {
    return fault.refused(code, detail, topicArn);
  }

  /**
   * Text that is no part of a request, such as a parser's words, made harmless for a log line:
   * printable ASCII, shortened, in quotes.
   */
  static String quote(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    for (int i = 0; i < Math.min(text.length(), QUOTED_CHARS_MAX); i++) {
      char character = text.charAt(i);
      quoted.append(character >= ' ' && character < 0x7f ? character : '?');
    }
    return quoted.append(text.length() > QUOTED_CHARS_MAX ? "...\"" : "\"").toString();
  }
}
