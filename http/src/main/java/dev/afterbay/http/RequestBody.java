package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** The body of a request, as it comes in; what it holds is taken from a budget. */
final class RequestBody {

  /** The bytes, and the messages that are made of them: both are there until those are stored. */
  static final int COPIES = 2;

  /** How many bytes the body of a refused request is read on. */
  private static final long LINGER_BYTES_MAX = 64L << 20;

  private static final byte[] EMPTY = new byte[0];

  private final MemoryBudget budget;

  /** Filled up to {@link #held}. */
  private byte[] bytes = EMPTY;

  private long held;
  private long announced;
  private long discarded;
  private boolean coming;

  RequestBody(MemoryBudget budget) {
    this.budget = budget;
  }

  /**
   * Reads the headers that frame it.
   *
   * @return why it is not taken; null: it is, if there is one
   * @throws Rejected if its length is not a number
   */
  @Nullable Problem announce(HttpServerRequest request, long bytesMax) {
    String expect = Headers.list(request.headers(), "expect");
    if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
      return Problem.of(Problem.Type.EXPECTATION_FAILED, "only Expect: 100-continue is known");
    }
    String length = request.getHeader("content-length");
    boolean chunked = request.getHeader("transfer-encoding") != null;
    if (length == null && !chunked && !ClientConnection.isMultiplexed(request)) {
      return null;
    }
    if (chunked && !Headers.isPlainlyChunked(request.headers())) {
      return Problem.invalid(
          "transfer-encoding", "Transfer-Encoding must be chunked alone: send the body as it is");
    }
    if (length != null) {
      announce(Headers.length(length));
      if (announced > bytesMax) {
        return Route.tooLarge(bytesMax);
      }
    }
    coming = true;
    return null;
  }

  /** Whether there may be one, as the headers say. */
  boolean isComing() {
    return coming;
  }

  /** How many bytes will come, as the client says; without this it is not known. */
  void announce(long length) {
    announced = length;
  }

  /** Adds a part; false: there is no room for it now. */
  boolean take(Buffer chunk) {
    int length = chunk.length();
    // The beginning of a large body must not use up what is set aside for small ones.
    boolean isSmall = Math.max(announced, held + length) <= MemoryBudget.SMALL_BYTES;
    if (!budget.take((long) COPIES * length, isSmall)) {
      return false;
    }
    int to = (int) held + length;
    if (to > bytes.length) {
      bytes = Arrays.copyOf(bytes, room(to));
    }
    chunk.getBytes(bytes, (int) held);
    held = to;
    return true;
  }

  /** Throws a part away, behind a refusal; false: that was too much. */
  boolean discard(int length) {
    discarded += length;
    return discarded <= LINGER_BYTES_MAX;
  }

  /** As much as was announced, but never more than twice what has come, which alone is paid for. */
  private int room(int needed) {
    long twice = Math.min(2L * needed, Integer.MAX_VALUE - 8);
    long wanted = announced == 0 && held > 0 ? twice : Math.min(announced, twice);
    return (int) Math.max(needed, wanted);
  }

  /** All of it is there. */
  void end() {
    if (held < bytes.length) {
      bytes = Arrays.copyOf(bytes, (int) held);
    }
  }

  /**
   * Hands out the bytes, after the {@link #end} and once: the action may wait long without them.
   */
  byte[] handOver() {
    byte[] whole = bytes;
    bytes = EMPTY;
    return whole;
  }

  /** As {@link #handOver}, of a body that must be UTF-8. */
  byte[] handOverText() {
    byte[] whole = handOver();
    if (!Json.isUtf8(whole, 0, whole.length)) {
      throw new Rejected("body", "the body is not UTF-8");
    }
    return whole;
  }

  long held() {
    return held;
  }

  /** Gives back to the budget what it holds; once, behind its last use. */
  void release() {
    budget.give(COPIES * held);
  }
}
