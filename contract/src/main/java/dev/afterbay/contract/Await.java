package dev.afterbay.contract;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits, in real time and not for ever, for what other threads do. */
final class Await {

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** From the first look to the second one; each pause is twice as long as the one before. */
  private static final long PAUSE_NANOS_MIN = 100_000;

  private static final long PAUSE_NANOS_MAX = 5_000_000;

  private Await() {}

  static void until(String what, BooleanSupplier condition) {
    value(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  static <T> T value(String what, Supplier<Optional<T>> source) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    long pause = PAUSE_NANOS_MIN;
    Optional<T> value = source.get();
    while (value.isEmpty()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited " + PATIENCE + " in vain for " + what);
      }
      LockSupport.parkNanos(pause);
      pause = Math.min(2 * pause, PAUSE_NANOS_MAX);
      value = source.get();
    }
    return value.get();
  }
}
