package dev.afterbay.ledger;

import dev.afterbay.Moment;
import dev.afterbay.store.Clock;

/** The clock of a store over that of its process: its ticks go on after the last one written. */
final class LedgerClock implements Clock {

  private final Clock clock;
  private final long tickOffset;

  /**
   * @param written the last tick that was written
   */
  LedgerClock(Clock clock, long written) {
    this.clock = clock;
    this.tickOffset = written - clock.now().tick();
  }

  @Override
  public Moment now() {
    Moment raw = clock.now();
    return new Moment(raw.wall(), raw.tick() + tickOffset);
  }

  @Override
  public Alarm at(long tick, Runnable action) {
    return clock.at(tick - tickOffset, action);
  }
}
