package dev.afterbay.rocksdb;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits, not for ever, for what other threads do. */
final class Waiting {

  private static final long PATIENCE_NANOS = 20_000_000_000L;
  private static final long PAUSE_NANOS = 1_000_000;

  private Waiting() {}

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited in vain until " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }
}
