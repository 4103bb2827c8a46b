package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;

/**
 * What is said of JSON that is none: where, and not in the words of the parser, which are of its
 * settings and classes.
 */
final class MalformedJson {

  private static final String OVER_A_LIMIT =
      "the JSON is over a limit: it may be at most "
          + Json.DEPTH_MAX
          + " deep, and have names of "
          + Json.NAME_CHARS_MAX
          + " characters and numbers of "
          + StreamReadConstraints.DEFAULT_MAX_NUM_LEN
          + " digits";

  private static final String MALFORMED = "the JSON is malformed";

  private MalformedJson() {}

  /** Where it is not known what was read. */
  static Rejected rejected(JacksonException e) {
    return new Rejected("body", MALFORMED, e);
  }

  /** Of the bytes that were read. */
  static Rejected rejected(JacksonException e, byte[] bytes, int from, int to) {
    return new Rejected("body", told(e, bytes, from, to), e);
  }

  private static String told(JacksonException e, byte[] bytes, int from, int to) {
    if (e instanceof StreamConstraintsException) {
      return OVER_A_LIMIT;
    }
    @Nullable TokenStreamLocation location = e.getLocation();
    long offset = location == null ? -1 : location.getByteOffset();
    if (offset < 0) {
      return MALFORMED;
    }
    int at = (int) Math.min(to, from + offset);
    return MALFORMED + (at == to ? ": it ends in its middle" : place(bytes, from, at));
  }

  private static String place(byte[] bytes, int from, int at) {
    int line = 1;
    int begin = from;
    for (int i = from; i < at; i++) {
      if (bytes[i] == '\n') {
        line++;
        begin = i + 1;
      }
    }
    String before = new String(bytes, begin, at - begin, StandardCharsets.UTF_8);
    int column = before.codePointCount(0, before.length()) + 1;
    return near(bytes[at]) + " at " + (line == 1 ? "" : "line " + line + ", ") + "column " + column;
  }

  private static String near(byte found) {
    if (found >= 0 && found < ' ') {
      return " near a control character";
    }
    return found > ' ' && found < 127 ? " near '" + (char) found + "'" : "";
  }
}
