package dev.afterbay.http;

import dev.afterbay.Moment;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Both clocks of a store, for what is shown. They are read one after the other, so the time of the
 * calendar that belongs to a tick trembles by a millisecond; here it only moves when the calendar
 * was set.
 */
final class SteadyClock {

  /** More than two readings differ, and less than a person notices. */
  private static final Duration TREMBLE = Duration.ofMillis(100);

  private final Supplier<Moment> clock;

  /** The time of the calendar at tick 0. */
  private volatile @Nullable Instant zero;

  SteadyClock(Supplier<Moment> clock) {
    this.clock = clock;
  }

  Moment get() {
    Moment now = clock.get();
    Instant measured = now.wallAt(0);
    Instant kept = zero;
    if (kept == null || Duration.between(kept, measured).abs().compareTo(TREMBLE) > 0) {
      zero = measured;
      return now;
    }
    return new Moment(kept.plusMillis(now.tick()), now.tick());
  }
}
