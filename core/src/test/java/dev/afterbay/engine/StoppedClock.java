package dev.afterbay.engine;

import dev.afterbay.Moment;
import dev.afterbay.store.Clock;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicLong;

/** A clock whose tick goes on as it is told, and which wakes nobody. */
record StoppedClock(AtomicLong tick) implements Clock {
  @Override
  public Moment now() {
    return new Moment(Instant.parse("2026-01-01T00:00:00Z"), tick.get());
  }

  @Override
  public Alarm at(long tick, Runnable action) {
    return () -> {};
  }
}
