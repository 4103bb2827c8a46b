package dev.afterbay;

import java.time.Duration;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * How soon a failed job is tried again. Data, not code: it is stored with the queue.
 *
 * @param first the delay after the first attempt, up to {@link #DELAY_MAX}
 * @param factor each delay is the one before times this; 1 to 100
 * @param step and plus this much for each attempt before
 * @param longest no delay is longer, but for those that are given; at least {@code first}
 * @param jitter the share of a delay that chance may add or take off, 0 to 1
 * @param delays in place of all that, the delay after each attempt, up to {@value #DELAYS_MAX}; the
 *     last one holds for all further ones; empty: none are given
 */
public record RetryPolicy(
    Duration first,
    double factor,
    Duration step,
    Duration longest,
    double jitter,
    List<Duration> delays) {

  public static final Duration DELAY_MAX = Duration.ofDays(365);

  /** 1 s, times 5, up to 5 min, 20 % jitter (model.md, Decisions). */
  public static final RetryPolicy STANDARD =
      new RetryPolicy(Duration.ofSeconds(1), 5, Duration.ofSeconds(300), 0.2);

  public static final int DELAYS_MAX = 100;

  private static final double FACTOR_MAX = 100;

  /** More than the longest delay has milliseconds. */
  private static final double GROWTH_MAX = 1e12;

  public RetryPolicy {
    delays = List.copyOf(delays);
    Check.that(!first.isNegative(), "backoff.first", "must not be negative: " + first);
    Check.that(longest.compareTo(first) >= 0, "backoff.longest", "must be at least backoff.first");
    Check.that(
        longest.compareTo(DELAY_MAX) <= 0, "backoff.longest", "must be at most " + DELAY_MAX);
    Check.that(factor >= 1 && factor <= FACTOR_MAX, "backoff.factor", "must be 1 to 100");
    Check.that(jitter >= 0 && jitter <= 1, "backoff.jitter", "must be 0 to 1");
    Check.duration("backoff.step", step, DELAY_MAX);
    Check.that(delays.size() <= DELAYS_MAX, "backoff.delays", "must be at most 100");
    delays.forEach(delay -> Check.duration("backoff.delays", delay, DELAY_MAX));
  }

  /** Each delay is the one before times {@code factor}. */
  public RetryPolicy(Duration first, double factor, Duration longest, double jitter) {
    this(first, factor, Duration.ZERO, longest, jitter, List.of());
  }

  /** Each delay is the one before times {@code factor}, up to {@code longest}. */
  public static RetryPolicy exponential(Duration first, double factor, Duration longest) {
    return new RetryPolicy(first, factor, longest, STANDARD.jitter);
  }

  /** Each delay is the one before plus {@code step}, up to {@code longest}. */
  public static RetryPolicy linear(Duration first, Duration step, Duration longest) {
    return new RetryPolicy(first, 1, step, longest, STANDARD.jitter, List.of());
  }

  /** Each delay is the same. */
  public static RetryPolicy fixed(Duration delay) {
    return new RetryPolicy(delay, 1, delay, STANDARD.jitter);
  }

  /** The delay after each attempt; the last one holds for all further ones. */
  public static RetryPolicy of(Duration... delays) {
    Duration longest = Arrays.stream(delays).max(Comparator.naturalOrder()).orElse(Duration.ZERO);
    Duration first = delays.length == 0 ? Duration.ZERO : delays[0];
    return new RetryPolicy(first, 1, Duration.ZERO, longest, STANDARD.jitter, List.of(delays));
  }

  /** With that share of a delay left to chance; 0: none. */
  public RetryPolicy jitter(double jitter) {
    return new RetryPolicy(first, factor, step, longest, jitter, delays);
  }

  /** The delay after the given attempt; 1 is the first. */
  public Duration delayAfter(int attempt, RandomGenerator random) {
    int before = Math.max(0, attempt - 1);
    double max = (double) longestOf().toMillis();
    double millis = Math.min(millisAfter(before), max);
    double spread = 1 + jitter * (2 * random.nextDouble() - 1);
    return Duration.ofMillis(Math.round(Math.min(millis * spread, max)));
  }

  /** Where the delays are given, they say themselves how long they may be. */
  private Duration longestOf() {
    return delays.stream().max(Comparator.naturalOrder()).orElse(longest);
  }

  private double millisAfter(int before) {
    if (!delays.isEmpty()) {
      return (double) delays.get(Math.min(before, delays.size() - 1)).toMillis();
    }
    // Not by infinity, where first is 0.
    double grown = (double) first.toMillis() * Math.min(Math.pow(factor, before), GROWTH_MAX);
    return grown + (double) step.toMillis() * before;
  }
}
