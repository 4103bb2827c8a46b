package dev.afterbay;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How an attempt ended. The same four words in handlers, stores and wire protocols. */
public sealed interface Outcome {

  /**
   * Longest kept reason, in UTF-16 units; the rest is cut off (model.md: error text 2 KiB). What in
   * it could harm who reads it is replaced ({@link PlainText#lines}).
   */
  int REASON_CHARS_MAX = 2_048;

  /** The work is done. */
  record Done() implements Outcome {}

  /**
   * It failed: try again after {@code delay}, at its old place.
   *
   * @param delay null: after the queue's backoff; zero: now; at most {@link Message#DURATION_MAX}
   */
  record Retry(String reason, @Nullable Duration delay) implements Outcome {
    public Retry {
      reason = PlainText.lines(reason, REASON_CHARS_MAX);
      if (delay != null && delay.isNegative()) {
        throw new IllegalArgumentException("a delay cannot be negative: " + delay);
      }
      Check.duration("delay", delay, Message.DURATION_MAX);
    }
  }

  /** It can never succeed: keep it aside for a person. */
  record Fail(String reason) implements Outcome {
    public Fail {
      reason = PlainText.lines(reason, REASON_CHARS_MAX);
    }
  }

  /** It was never really tried (shutdown, lost connection): hand it back, uncounted. */
  record Release() implements Outcome {}

  /** The work is done. */
  static Outcome done() {
    return new Done();
  }

  /** Another attempt after the queue's backoff. */
  static Outcome retry(String reason) {
    return new Retry(reason, null);
  }

  /** Another attempt after a delay of the handler's own, such as a Retry-After. */
  static Outcome retry(String reason, Duration delay) {
    return new Retry(reason, delay);
  }

  /**
   * It can never succeed: it becomes a dead letter.
   *
   * @param reason one that begins with {@code unknown type} makes that the reason of the dead
   *     letter ({@link Status.Reason#UNKNOWN_TYPE}); the whole text is its error in any case
   */
  static Outcome fail(String reason) {
    return new Fail(reason);
  }

  /** It was not really tried: handed back at once, uncounted. */
  static Outcome release() {
    return new Release();
  }
}
