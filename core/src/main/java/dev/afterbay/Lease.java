package dev.afterbay;

import java.time.Instant;

/**
 * The right of one consumer to one job until a tick.
 *
 * @param fence epoch and number: tells this lease from every other that the store ever gave
 * @param since when the attempt began
 * @param untilTick the lease has lapsed once the store's tick is at or past this
 * @param detached the consumer is outside of this process, so the lease outlives it
 */
public record Lease(String consumer, long fence, Instant since, long untilTick, boolean detached) {

  /** Bits of a fence that count within an epoch: 2^40 claims. */
  public static final int FENCE_NUMBER_BITS = 40;

  /** Whether its time is over. */
  public boolean hasLapsed(Moment now) {
    return now.tick() >= untilTick;
  }

  /** The same with another end. */
  public Lease until(long tick) {
    return new Lease(consumer, fence, since, tick, detached);
  }
}
