package dev.afterbay;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** How an attempt ended. The same four words in handlers, stores and wire protocols. */
public sealed interface Outcome {

  /** Longest kept reason, in UTF-16 units; the rest is cut off (model.md: error text 2 KiB). */
  int REASON_CHARS_MAX = 2_048;

  /** The work is done. */
  record Done() implements Outcome {}

  /**
   * It failed: try again after {@code delay}, at its old place.
   *
   * @param delay null: after the queue's backoff; zero: now; longer than {@link
   *     Message#DURATION_MAX} counts as that
   */
  record Retry(String reason, @Nullable Duration delay) implements Outcome {
    public Retry {
      reason = cut(reason);
      if (delay != null && delay.isNegative()) {
        throw new IllegalArgumentException("a delay cannot be negative: " + delay);
      }
      if (delay != null && delay.compareTo(Message.DURATION_MAX) > 0) {
        delay = Message.DURATION_MAX;
      }
    }
  }

  /** It can never succeed: keep it aside for a person. */
  record Dead(String reason) implements Outcome {
    public Dead {
      reason = cut(reason);
    }
  }

  /** It was never really tried (shutdown, lost connection): hand it back, uncounted. */
  record Release() implements Outcome {}

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

  static Outcome dead(String reason) {
    return new Dead(reason);
  }

  static Outcome release() {
    return new Release();
  }

  private static String cut(String reason) {
    return reason.length() <= REASON_CHARS_MAX ? reason : reason.substring(0, REASON_CHARS_MAX);
  }
}
