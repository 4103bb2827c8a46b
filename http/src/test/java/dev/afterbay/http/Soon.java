package dev.afterbay.http;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits, but not for ever, for what another thread or process will do. */
final class Soon {

  private static final Duration AT_MOST = Duration.ofSeconds(30);

  /** Of the pauses from one look to the next, of which each is twice as long as the one before. */
  private static final Duration PAUSE_MIN = Duration.ofMillis(1);

  private static final Duration PAUSE_MAX = Duration.ofMillis(25);

  private Soon() {}

  static void until(String what, BooleanSupplier holds) {
    long latest = System.nanoTime() + AT_MOST.toNanos();
    long pause = PAUSE_MIN.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - latest > 0) {
        throw new AssertionError("waited " + AT_MOST + " in vain for " + what);
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, PAUSE_MAX.toNanos());
    }
  }
}
