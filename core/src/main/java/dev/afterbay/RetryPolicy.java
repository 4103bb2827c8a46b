package dev.afterbay;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How soon a failed job is tried again. Data, not code: it is stored with the queue.
 *
 * @param first the delay after the first attempt, up to {@link #DELAY_MAX}
 * @param factor each delay is the one before times this; 1 to 100
 * @param longest no delay is longer; at least {@code first}
 * @param jitter the share of a delay that chance may add or take off, 0 to 1
 */
public record RetryPolicy(Duration first, double factor, Duration longest, double jitter) {

  public static final Duration DELAY_MAX = Duration.ofDays(365);

  /** 1 s, times 5, up to 5 min, 20 % jitter (model.md, Decisions). */
  public static final RetryPolicy STANDARD =
      new RetryPolicy(Duration.ofSeconds(1), 5, Duration.ofSeconds(300), 0.2);

  private static final double FACTOR_MAX = 100;

  public RetryPolicy {
    Check.that(!first.isNegative(), "backoff.first", "must not be negative: " + first);
    Check.that(longest.compareTo(first) >= 0, "backoff.longest", "must be at least backoff.first");
    Check.that(
        longest.compareTo(DELAY_MAX) <= 0, "backoff.longest", "must be at most " + DELAY_MAX);
    Check.that(factor >= 1 && factor <= FACTOR_MAX, "backoff.factor", "must be 1 to 100");
    Check.that(jitter >= 0 && jitter <= 1, "backoff.jitter", "must be 0 to 1");
  }

  /** The delay after the given attempt; 1 is the first. */
  public Duration delayAfter(int attempt, RandomGenerator random) {
    double growth = Math.pow(factor, Math.max(0, attempt - 1));
    double max = (double) longest.toMillis();
    double millis = Math.min((double) first.toMillis() * growth, max);
    double spread = 1 + jitter * (2 * random.nextDouble() - 1);
    return Duration.ofMillis(Math.round(Math.min(millis * spread, max)));
  }
}
