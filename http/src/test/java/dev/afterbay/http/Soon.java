package dev.afterbay.http;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits, but not for ever, for what another thread or process will do. */
final class Soon {

  private static final Duration AT_MOST = Duration.ofSeconds(30);
  private static final Duration STEP = Duration.ofMillis(5);

  private Soon() {}

  static void until(String what, BooleanSupplier holds) {
    long latest = System.nanoTime() + AT_MOST.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() - latest > 0) {
        throw new AssertionError("waited " + AT_MOST + " in vain for " + what);
      }
      LockSupport.parkNanos(STEP.toNanos());
    }
  }
}
