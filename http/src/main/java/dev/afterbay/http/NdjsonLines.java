package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Limits;
import dev.afterbay.client.wire.JsonReader;
import dev.afterbay.client.wire.Problem;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** NDJSON as a client sends it: one JSON object a line. */
final class NdjsonLines {

  private NdjsonLines() {}

  /** A batch may be larger on the wire than in the store: base64 and escapes. */
  static int requestBytesMax(Limits limits) {
    return (int) Math.min(2L * limits.batchBytesMax(), Integer.MAX_VALUE - 64);
  }

  /** Takes a line. */
  @FunctionalInterface
  interface Line {
    void take(int from, int length);
  }

  /** Hands out the lines that are not blank; an error names its line. */
  static void each(byte[] body, Limits limits, Line line) {
    int number = 0;
    int lines = 0;
    ByteBuf bytes = Unpooled.wrappedBuffer(body); // Looks at eight bytes at once.
    for (int from = 0; from < body.length; ) {
      int found = bytes.indexOf(from, body.length, (byte) '\n');
      int end = found < 0 ? body.length : found;
      number++;
      if (!isBlank(body, from, end)) {
        lines++;
        if (lines > limits.batchMessagesMax()) {
          throw Rejected.tooLarge(
              "body", "a batch must have at most " + limits.batchMessagesMax() + " lines");
        }
        take(line, from, end - from, number);
      }
      from = end + 1;
    }
    if (lines == 0) {
      throw new Rejected("body", "a batch must have at least one line");
    }
  }

  private static void take(Line line, int from, int length, int number) {
    try {
      line.take(from, length);
    } catch (Rejected e) {
      String detail = inLine(number, e.getMessage());
      throw e.tooLarge()
          ? Rejected.tooLarge(e.field(), detail)
          : new Rejected(e.field(), detail, e);
    } catch (Problem.Failure e) {
      Problem problem = e.problem();
      throw new Problem.Failure(
          new Problem(
              problem.type(),
              inLine(number, problem.detail()),
              problem.field(),
              problem.retryAfter()));
    }
  }

  private static String inLine(int number, @Nullable String detail) {
    return "line " + number + ": " + detail;
  }

  static boolean isBlank(byte[] body, int from, int end) {
    for (int i = from; i < end; i++) {
      if (body[i] != ' ' && body[i] != '\r' && body[i] != '\t') {
        return false;
      }
    }
    return true;
  }

  /** The body of a call that takes no fields: nothing, or an empty object. */
  static void requireNoFields(byte[] body) {
    if (body.length > 0) {
      try (JsonReader json = JsonReader.strict(body, 0, body.length)) {
        json.root(_ -> false);
      }
    }
  }
}
