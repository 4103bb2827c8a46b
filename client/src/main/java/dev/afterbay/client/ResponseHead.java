package dev.afterbay.client;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The status of an answer, and those of its headers that matter.
 *
 * @param length of the body; -1: not said
 * @param lasts whether the connection can take another request behind it
 */
record ResponseHead(
    int status,
    long length,
    boolean chunked,
    boolean lasts,
    @Nullable String contentType,
    @Nullable String location,
    @Nullable String retryAfter) {
  /*
   * Strict, as RFC 9112 has it: what two readers could take for different things is refused, such
   * as a length that is said twice, or beside chunks, and lines that go on in the next one.
   */

  private static final int STATUS_LINE_BYTES_MIN = "HTTP/1.1 200".length();
  private static final int LENGTH_DIGITS_MAX = 18;
  private static final String TOKEN_MARKS = "!#$%&'*+-.^_`|~";

  /** Without a header. */
  static ResponseHead of(int status, @Nullable String contentType) {
    return new ResponseHead(status, -1, false, false, contentType, null, null);
  }

  /**
   * @param to behind the empty line at its end
   * @throws MalformedAnswer if it is none
   */
  static ResponseHead parse(byte[] bytes, int from, int to) throws IOException {
    return new Parser(bytes, from, to).parse();
  }

  /** Whether another head follows, which is the one that counts. */
  boolean isInterim() {
    return status < 200;
  }

  boolean isSuccess() {
    return status / 100 == 2;
  }

  boolean hasNoBody() {
    return status == 204 || status == 304;
  }

  /** In lower case and without parameters; empty: none. */
  String mediaType() {
    if (contentType == null) {
      return "";
    }
    int end = contentType.indexOf(';');
    return (end < 0 ? contentType : contentType.substring(0, end)).strip().toLowerCase(Locale.ROOT);
  }

  static boolean isTokenByte(int c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || TOKEN_MARKS.indexOf(c) >= 0;
  }

  /** Of a value, in ISO 8859-1. */
  static boolean isValueByte(int c) {
    return (c >= ' ' && c != 127 && c < 256) || c == '\t';
  }

  private static final class Parser {
    private final byte[] bytes;
    private final int to;
    private int at;

    private long length = -1;
    private boolean chunked;
    private boolean closes;
    private @Nullable String contentType;
    private @Nullable String location;
    private @Nullable String retryAfter;

    Parser(byte[] bytes, int from, int to) {
      this.bytes = bytes;
      this.at = from;
      this.to = to;
    }

    ResponseHead parse() throws IOException {
      int end = lineEnd();
      boolean persistent = isPersistent(end);
      int status = status(end);
      at = end + 2;
      while (at < to - 2) {
        end = lineEnd();
        header(end);
        at = end + 2;
      }
      if (chunked && (length >= 0 || !persistent)) {
        throw new MalformedAnswer("chunks beside a length, or of HTTP/1.0");
      }
      return new ResponseHead(
          status, length, chunked, persistent && !closes, contentType, location, retryAfter);
    }

    private int lineEnd() throws IOException {
      for (int i = at; i < to - 1; i++) {
        if (bytes[i] == '\r' && bytes[i + 1] == '\n') {
          return i;
        }
      }
      throw new MalformedAnswer("a line without an end");
    }

    /** Whether it is HTTP/1.1, and not 1.0. */
    private boolean isPersistent(int end) throws IOException {
      if (end - at < STATUS_LINE_BYTES_MIN || !text(at, at + 7).equals("HTTP/1.")) {
        throw new MalformedAnswer("its first line is none");
      }
      byte minor = bytes[at + 7];
      if ((minor != '0' && minor != '1') || bytes[at + 8] != ' ') {
        throw new MalformedAnswer("its version is none of HTTP/1");
      }
      return minor == '1';
    }

    private int status(int end) throws IOException {
      int status = 0;
      for (int i = at + 9; i < at + STATUS_LINE_BYTES_MIN; i++) {
        status = 10 * status + digit(bytes[i]);
      }
      boolean ends = end == at + STATUS_LINE_BYTES_MIN || bytes[at + STATUS_LINE_BYTES_MIN] == ' ';
      if (!ends || status < 100 || status == 101) {
        throw new MalformedAnswer("its status is none");
      }
      requireValue(at + STATUS_LINE_BYTES_MIN, end);
      return status;
    }

    private static int digit(byte c) throws IOException {
      if (c < '0' || c > '9') {
        throw new MalformedAnswer("a number with something else in it");
      }
      return c - '0';
    }

    private void header(int end) throws IOException {
      int colon = at;
      while (colon < end && isTokenByte(bytes[colon])) {
        colon++;
      }
      if (colon == at || colon == end || bytes[colon] != ':') {
        throw new MalformedAnswer("a header without a name");
      }
      requireValue(colon + 1, end);
      switch (colon - at) {
        case 8 -> location = is("location", colon) ? value(colon, end) : location;
        case 10 -> closes |= is("connection", colon) && isClose(value(colon, end));
        case 11 -> retryAfter = is("retry-after", colon) ? value(colon, end) : retryAfter;
        case 12 -> contentType = is("content-type", colon) ? value(colon, end) : contentType;
        case 14 -> length = is("content-length", colon) ? length(value(colon, end)) : length;
        case 17 -> chunked |= is("transfer-encoding", colon) && isChunked(value(colon, end));
        default -> {}
      }
    }

    private void requireValue(int from, int end) throws IOException {
      for (int i = from; i < end; i++) {
        if (!isValueByte(bytes[i] & 0xff)) {
          throw new MalformedAnswer("a control character");
        }
      }
    }

    private boolean is(String name, int colon) {
      for (int i = 0; i < name.length(); i++) {
        int c = bytes[at + i];
        if (c != name.charAt(i) && (c | 0x20) != name.charAt(i)) {
          return false;
        }
      }
      return colon - at == name.length();
    }

    private String value(int colon, int end) {
      return text(colon + 1, end).strip();
    }

    private String text(int from, int end) {
      return new String(bytes, from, end - from, StandardCharsets.ISO_8859_1);
    }

    private static boolean isClose(String options) {
      for (String option : options.split(",")) {
        if (option.strip().equalsIgnoreCase("close")) {
          return true;
        }
      }
      return false;
    }

    private boolean isChunked(String coding) throws IOException {
      if (chunked || !coding.equalsIgnoreCase("chunked")) {
        throw new MalformedAnswer("a coding other than chunks");
      }
      return true;
    }

    private long length(String digits) throws IOException {
      if (length >= 0 || digits.isEmpty() || digits.length() > LENGTH_DIGITS_MAX) {
        throw new MalformedAnswer("a length that is none, or the second");
      }
      long said = 0;
      for (int i = 0; i < digits.length(); i++) {
        said = 10 * said + digit((byte) Math.min(digits.charAt(i), 127));
      }
      return said;
    }
  }
}
