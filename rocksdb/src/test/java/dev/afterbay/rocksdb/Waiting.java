package dev.afterbay.rocksdb;

import java.util.List;
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

  /**
   * Until a thread waits in a method. Told by its stack alone: its state may be another moment's.
   */
  static void untilParked(String thread, String method) {
    until(thread + " waits in " + method, () -> isParked(thread, method));
  }

  private static boolean isParked(String thread, String method) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(entry -> entry.getKey().getName().equals(thread))
        .map(entry -> List.of(entry.getValue()))
        .filter(stack -> !stack.isEmpty() && stack.getFirst().getMethodName().equals("park"))
        .anyMatch(stack -> stack.toString().contains(method));
  }
}
