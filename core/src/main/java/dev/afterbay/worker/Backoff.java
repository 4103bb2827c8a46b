package dev.afterbay.worker;

import java.util.random.RandomGenerator;

/** Ever longer pauses up to a few seconds, each of a random half, so that workers do not march. */
final class Backoff {

  static final long TICKS_MIN = 100;
  static final long TICKS_MAX = 5_000;

  private final RandomGenerator random;
  private long ticks = TICKS_MIN;

  Backoff(RandomGenerator random) {
    this.random = random;
  }

  /** The next pause: 50 to 100 ms at first, then twice as long each time, up to 2.5 to 5 s. */
  long next() {
    long pause = ticks / 2 + random.nextLong(ticks / 2 + 1);
    ticks = Math.min(2 * ticks, TICKS_MAX);
    return pause;
  }

  void reset() {
    ticks = TICKS_MIN;
  }
}
