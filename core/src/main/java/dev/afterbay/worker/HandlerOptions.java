package dev.afterbay.worker;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a worker treats one of its handlers.
 *
 * @param concurrency most deliveries that it handles at once, 1 to {@value #CONCURRENCY_MAX}
 * @param timeout a handler that runs longer is interrupted and its job tried again; 1 ms to 1 day;
 *     null: it may run as long as it likes, for its lease is renewed
 * @param breaker null: it is given work whatever happens
 * @param stackTraces the trace of an exception is logged with its attempt ({@link
 *     dev.afterbay.JobContext#log}), its first {@value #TRACE_CHARS_MAX} characters
 */
public record HandlerOptions(
    int concurrency,
    @Nullable Duration timeout,
    @Nullable BreakerSettings breaker,
    boolean stackTraces) {

  public static final int TRACE_CHARS_MAX = 8_000;

  public static final int CONCURRENCY_MAX = 10_000;

  public static final Duration TIMEOUT_MAX = Duration.ofDays(1);

  public static final HandlerOptions STANDARD =
      new HandlerOptions(10, null, BreakerSettings.STANDARD, false);

  /** Of who refuses what nobody handles: that takes no time, so it must limit no claim. */
  static final HandlerOptions REFUSING = new HandlerOptions(CONCURRENCY_MAX, null, null, false);

  public HandlerOptions {
    if (concurrency < 1 || concurrency > CONCURRENCY_MAX) {
      throw new IllegalArgumentException(
          "concurrency must be 1 to " + CONCURRENCY_MAX + ": " + concurrency);
    }
    if (timeout != null && (timeout.toMillis() < 1 || timeout.compareTo(TIMEOUT_MAX) > 0)) {
      throw new IllegalArgumentException("timeout must be 1 ms to " + TIMEOUT_MAX + ": " + timeout);
    }
  }

  /** With so many jobs at the same time, 1 to {@link #CONCURRENCY_MAX}. */
  public HandlerOptions concurrency(int concurrency) {
    return new HandlerOptions(concurrency, timeout, breaker, stackTraces);
  }

  /** With a limit on one attempt, after which its thread is interrupted; null: none. */
  public HandlerOptions timeout(@Nullable Duration timeout) {
    return new HandlerOptions(concurrency, timeout, breaker, stackTraces);
  }

  /** With a circuit breaker; null: none. */
  public HandlerOptions breaker(@Nullable BreakerSettings breaker) {
    return new HandlerOptions(concurrency, timeout, breaker, stackTraces);
  }

  /** With the traces of exceptions kept, or without; they may tell of the data they met. */
  public HandlerOptions stackTraces(boolean stackTraces) {
    return new HandlerOptions(concurrency, timeout, breaker, stackTraces);
  }
}
