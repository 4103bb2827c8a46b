package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.QueueStats;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The counts of all queues together, for all who look at the page.
 *
 * <p>There may be very many queues, and each is asked by itself. So they are walked at most once a
 * second, in steps of a limited time, by whoever asks next; and a walk is followed by a pause many
 * times as long as it took, so that looking costs the same small share of the machine however many
 * queues there are.
 */
final class QueueSums {

  private static final long PAUSE_NANOS_MIN = Duration.ofSeconds(1).toNanos();
  private static final long STEP_NANOS_MAX = Duration.ofMillis(100).toNanos();

  /** A walk takes at most one part of so many. */
  private static final int SHARE = 20;

  /** Queues that are walked between two looks at the time. */
  private static final int AT_ONCE = 50;

  private final Broker broker;
  private final LongSupplier nanos;
  private final ReentrantLock walking = new ReentrantLock();
  private volatile @Nullable Totals last;
  private Walk walk = new Walk();
  private long nextWalk;
  private boolean paused;

  QueueSums(Broker broker, LongSupplier nanos) {
    this.broker = broker;
    this.nanos = nanos;
  }

  /**
   * What was found.
   *
   * @param longest the queue with the most jobs that are due; null: there is none that has any
   * @param complete whether each queue is counted: else there are more
   */
  record Totals(long queues, QueueStats stats, @Nullable String longest, boolean complete) {}

  /** As of a moment ago. */
  Totals look() {
    Totals known = last;
    if (known == null) {
      walking.lock();
    } else if (!walking.tryLock()) {
      return known;
    }
    try {
      return step();
    } finally {
      walking.unlock();
    }
  }

  private Totals step() {
    Totals known = last;
    long start = nanos.getAsLong();
    if (known != null && paused && start - nextWalk < 0) {
      return known;
    }
    paused = false;
    long now = start;
    boolean goesOn = true;
    try {
      while (goesOn && now - start < STEP_NANOS_MAX) {
        goesOn = walk.step(broker);
        now = nanos.getAsLong();
      }
    } catch (RuntimeException e) {
      walk = new Walk(); // Else some would be counted twice.
      throw e;
    }
    walk.took += now - start;
    if (!goesOn) {
      known = walk.totals(true);
      nextWalk = now + Math.max(PAUSE_NANOS_MIN, (SHARE - 1) * walk.took);
      paused = true;
      walk = new Walk();
    } else if (known == null || !known.complete()) {
      known = walk.totals(false);
    }
    last = known;
    return known;
  }

  /** Under the lock. */
  private static final class Walk {
    private final long[] counts = new long[7];
    private Duration oldest = Duration.ZERO;
    private long queues;
    private long most;
    private long took;
    private @Nullable String longest;
    private @Nullable String after;

    /** False: that was the last one. */
    boolean step(Broker broker) {
      List<String> names = broker.queues(after, AT_ONCE);
      for (String name : names) {
        add(name, broker.queue(name).stats());
      }
      queues += names.size();
      after = names.isEmpty() ? after : names.getLast();
      return names.size() == AT_ONCE;
    }

    private void add(String name, QueueStats stats) {
      counts[0] += stats.pending();
      counts[1] += stats.scheduled();
      counts[2] += stats.waiting();
      counts[3] += stats.processing();
      counts[4] += stats.done();
      counts[5] += stats.failed();
      counts[6] += stats.cancelled();
      Duration age = stats.oldestPendingAge();
      oldest = age.compareTo(oldest) > 0 ? age : oldest;
      if (stats.pending() > most) {
        most = stats.pending();
        longest = name;
      }
    }

    Totals totals(boolean complete) {
      QueueStats sum =
          new QueueStats(
              counts[0], counts[1], counts[2], counts[3], counts[4], counts[5], counts[6], oldest);
      return new Totals(queues, sum, longest, complete);
    }
  }
}
