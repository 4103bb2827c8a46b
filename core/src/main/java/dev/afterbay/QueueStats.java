package dev.afterbay;

import java.time.Duration;

/**
 * How many jobs of a queue are in which state; counted as jobs move, so exact at rest and O(1).
 *
 * @param pending due now, the blocked ones included
 * @param scheduled pending, but not yet due
 * @param waiting for other jobs to end
 * @param oldestPendingAge since the oldest due one became due; zero if none is due
 */
public record QueueStats(
    long pending,
    long scheduled,
    long waiting,
    long processing,
    long done,
    long failed,
    long cancelled,
    Duration oldestPendingAge) {

  public static final QueueStats EMPTY = new QueueStats(0, 0, 0, 0, 0, 0, 0, Duration.ZERO);

  /** Jobs that have not ended: what {@code max_depth} limits. */
  public long depth() {
    return pending + scheduled + waiting + processing;
  }
}
