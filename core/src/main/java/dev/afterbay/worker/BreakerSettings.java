package dev.afterbay.worker;

import java.time.Duration;
import java.time.Instant;

/**
 * When a handler is left alone because its target is in trouble.
 *
 * @param failures this many in a row open the breaker; at least 1
 * @param open how long nothing is claimed for the handler before one job is tried; 1 ms to 1 day
 * @param successes this many of those tries in a row close the breaker; at least 1
 */
public record BreakerSettings(int failures, Duration open, int successes) {

  public static final Duration OPEN_MAX = Duration.ofDays(1);

  /** 5 failures, 30 s, 3 successes (model.md, Decisions). */
  public static final BreakerSettings STANDARD = new BreakerSettings(5, Duration.ofSeconds(30), 3);

  public BreakerSettings {
    if (failures < 1 || successes < 1) {
      throw new IllegalArgumentException(
          "failures and successes must be at least 1: " + failures + ", " + successes);
    }
    if (open.toMillis() < 1 || open.compareTo(OPEN_MAX) > 0) {
      throw new IllegalArgumentException("open must be 1 ms to " + OPEN_MAX + ": " + open);
    }
  }

  /**
   * The circuit breaker of a handler opened, let a first job through, or closed.
   *
   * @param handler the type that the handler was given for, {@code *} included
   * @param type one of the three {@code BREAKER_} words
   */
  public record Event(String queue, String handler, dev.afterbay.Event.Type type, Instant at) {}
}
