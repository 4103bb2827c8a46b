package dev.afterbay.http;

import io.vertx.core.buffer.Buffer;
import java.io.ByteArrayOutputStream;
import org.jspecify.annotations.Nullable;

/** The body of a request, as it comes in; what it holds is taken from a budget. */
final class RequestBody {

  private static final byte[] EMPTY = new byte[0];

  private final Budget budget;
  private byte[] bytes = EMPTY;
  private @Nullable ByteArrayOutputStream chunks;
  private long held;

  RequestBody(Budget budget) {
    this.budget = budget;
  }

  /** Adds a part; false: there is no room for it now. Most bodies come in one. */
  boolean take(Buffer chunk) {
    if (!budget.take(chunk.length())) {
      return false;
    }
    held += chunk.length();
    if (held == chunk.length()) {
      bytes = chunk.getBytes();
    } else {
      if (chunks == null) {
        chunks = new ByteArrayOutputStream(2 * (int) held);
        chunks.writeBytes(bytes);
        bytes = EMPTY;
      }
      chunks.writeBytes(chunk.getBytes());
    }
    return true;
  }

  /** All of it is there. */
  void end() {
    if (chunks != null) {
      bytes = chunks.toByteArray();
      chunks = null;
    }
  }

  /** Empty before the {@link #end}. */
  byte[] bytes() {
    return bytes;
  }

  long held() {
    return held;
  }

  /** Gives back to the budget what it holds; once, by whoever needs it last. */
  void release() {
    budget.give(held);
  }
}
