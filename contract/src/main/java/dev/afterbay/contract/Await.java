package dev.afterbay.contract;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits, in real time and not for ever, for what other threads do. */
final class Await {

  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final long PAUSE_NANOS = 200_000;

  private Await() {}

  static void until(String what, BooleanSupplier condition) {
    value(what, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
  }

  static <T> T value(String what, Supplier<Optional<T>> source) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    Optional<T> value = source.get();
    while (value.isEmpty()) {
      if (System.nanoTime() - end > 0) {
        throw new AssertionError("waited " + PATIENCE + " in vain for " + what);
      }
      LockSupport.parkNanos(PAUSE_NANOS);
      value = source.get();
    }
    return value.get();
  }
}
