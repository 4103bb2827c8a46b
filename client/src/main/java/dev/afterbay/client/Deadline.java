package dev.afterbay.client;

import java.time.Duration;

/** Times by which something must be over, in milliseconds that no calendar moves. */
final class Deadline {

  /** Not limited. */
  static final long NONE = Long.MAX_VALUE;

  private Deadline() {}

  static long now() {
    return System.nanoTime() / 1_000_000;
  }

  static long after(Duration time) {
    return now() + time.toMillis();
  }
}
