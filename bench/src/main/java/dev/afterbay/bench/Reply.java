package dev.afterbay.bench;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An answer in the buffer that it was read into; only what the measurements need of one.
 *
 * @param from where its body begins
 * @param to where its body ends
 */
record Reply(int status, byte[] bytes, int from, int to) {

  private static final byte[] HEADER_END = ascii("\r\n\r\n");
  private static final byte[] LENGTH = ascii("\r\ncontent-length:");
  private static final byte[] RECEIPT = ascii("\"receipt\":\"");
  private static final int STATUS_AT = "HTTP/1.1 ".length();

  /**
   * The answer that the buffer begins with; null: it is not all there yet.
   *
   * @param length how much of the buffer is filled
   */
  static @Nullable Reply read(byte[] buffer, int length) {
    int headerEnd = indexOf(buffer, 0, length, HEADER_END);
    if (headerEnd < 0) {
      return null;
    }
    int from = headerEnd + HEADER_END.length;
    int lengthAt = indexOf(buffer, 0, headerEnd, LENGTH);
    if (lengthAt < 0) {
      throw new IllegalStateException(
          "an answer without Content-Length: "
              + new String(buffer, 0, headerEnd, StandardCharsets.US_ASCII));
    }
    int to = from + number(buffer, lengthAt + LENGTH.length);
    int status = number(buffer, STATUS_AT);
    return to > length ? null : new Reply(status, buffer, from, to);
  }

  /** The receipts of what was received. */
  List<String> receipts() {
    List<String> receipts = new ArrayList<>();
    int at = indexOf(bytes, from, to, RECEIPT);
    while (at >= 0) {
      int start = at + RECEIPT.length;
      int end = start;
      while (bytes[end] != '"') {
        end++;
      }
      receipts.add(new String(bytes, start, end - start, StandardCharsets.US_ASCII));
      at = indexOf(bytes, end, to, RECEIPT);
    }
    return receipts;
  }

  boolean contains(String text) {
    return indexOf(bytes, from, to, ascii(text)) >= 0;
  }

  /** The body as text, to say what went wrong. */
  String text() {
    return new String(bytes, from, to - from, StandardCharsets.UTF_8);
  }

  private static int number(byte[] buffer, int from) {
    int at = from;
    while (buffer[at] == ' ') {
      at++;
    }
    int number = 0;
    while (Character.isDigit(buffer[at])) {
      number = number * 10 + Character.digit(buffer[at], 10);
      at++;
    }
    return number;
  }

  /** Letters of the text are lower case, and match upper case too. */
  private static int indexOf(byte[] buffer, int from, int to, byte[] text) {
    int last = to - text.length;
    for (int at = from; at <= last; at++) {
      if (buffer[at] == text[0] && matches(buffer, at, text)) {
        return at;
      }
    }
    return -1;
  }

  private static boolean matches(byte[] buffer, int at, byte[] text) {
    for (int i = 1; i < text.length; i++) {
      if (Character.toLowerCase(buffer[at + i]) != text[i]) {
        return false;
      }
    }
    return true;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
