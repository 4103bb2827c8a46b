package dev.afterbay.worker;

import java.util.concurrent.ThreadLocalRandom;

/** Ever longer pauses up to a few seconds, each of a random half, so that workers do not march. */
final class Backoff {

  static final long TICKS_MIN = 100;
  static final long TICKS_MAX = 5_000;

  private long ticks = TICKS_MIN;

  /** The next pause: 50 to 100 ms at first, then twice as long each time, up to 2.5 to 5 s. */
  long next() {
    long pause = ticks / 2 + ThreadLocalRandom.current().nextLong(ticks / 2 + 1);
    ticks = Math.min(2 * ticks, TICKS_MAX);
    return pause;
  }

  void reset() {
    ticks = TICKS_MIN;
  }
}
