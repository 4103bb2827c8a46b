package dev.afterbay;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** When a pending job may be delivered: at a time of the calendar, or after a delay. */
public sealed interface Due {

  /** At a wall time; follows the wall clock when that is set. */
  record At(Instant wall) implements Due {}

  /** At a tick of the store; no clock change can move it. */
  record AtTick(long tick) implements Due {}

  /**
   * At a wall time, rounded up to the millisecond that a store keeps: never early.
   *
   * @throws BrokerException.Rejected if the year has not four digits
   */
  static Due at(Instant wall) {
    Check.time("run_at", wall);
    return new At(wall.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS));
  }

  /** Whether that time has come. */
  default boolean isOver(Moment now) {
    return switch (this) {
      case At(Instant wall) -> !wall.isAfter(now.wall());
      case AtTick(long tick) -> tick <= now.tick();
    };
  }

  /** The wall time that people are shown. */
  default Instant shown(Moment now) {
    return switch (this) {
      case At(Instant wall) -> wall;
      case AtTick(long tick) -> now.wallAt(tick);
    };
  }
}
