package dev.afterbay;

import java.time.Instant;

/**
 * Now, on both clocks of a store.
 *
 * <p>Leases, delays and backoff count in ticks, so that a wall clock that is set forward or back
 * cannot harm them. {@code notBefore}, time to live and retention are wall times.
 *
 * @param wall what the calendar says
 * @param tick milliseconds that never go back; time while the store was closed counts as 0
 */
public record Moment(Instant wall, long tick) {

  /** The wall time at which the tick will be reached if no clock is set meanwhile. */
  public Instant wallAt(long tick) {
    return wall.plusMillis(tick - this.tick);
  }
}
