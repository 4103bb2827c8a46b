package dev.afterbay.bench;

import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * How to measure.
 *
 * @param repeat how many times
 * @param time how long each time
 * @param warmUp how long before, at least, in which nothing counts
 * @param folder where files may be made; each benchmark has one of its own
 * @param backlog messages of a deep queue
 * @param progress what is going on, for somebody who waits
 */
record Plan(
    int repeat, Duration time, Duration warmUp, Path folder, long backlog, PrintStream progress) {

  /** Until the compiler of the JVM has done most of its work. */
  static final Duration WARM_UP = Duration.ofSeconds(10);

  /** Of the time of a run, the share that each look at the raw limit takes. */
  private static final int RAW_SHARE = 5;

  private static final long MILLIS_PER_SECOND = 1_000;

  /** Measures once. */
  @FunctionalInterface
  interface Run {
    double measure(Duration time) throws Exception;
  }

  /**
   * Numbers beside what the disk could do while they were measured.
   *
   * @param ratios to the raw limit of the same run
   */
  record Compared(Numbers values, Numbers ratios) {}

  /**
   * Messages to a sync when so many senders wait: half of them for the sync under way, half for the
   * next. Counted in a store whose syncs were counted: 125 to 147 with 256 senders.
   */
  static double batchOf(int waiting) {
    return Math.max(1, waiting / 2.0);
  }

  /** How many of something that comes so often go into the time of a run; at least one. */
  int count(int perSecond) {
    return (int) Math.max(1, perSecond * time.toMillis() / MILLIS_PER_SECOND);
  }

  /** Runs until the program is warm; that does not count. */
  void warmUp(Run run) throws Exception {
    long began = System.nanoTime();
    do {
      run.measure(time);
    } while (System.nanoTime() - began < warmUp.toNanos());
  }

  Numbers repeat(Run run) throws Exception {
    double[] values = new double[repeat];
    for (int i = 0; i < repeat; i++) {
      values[i] = run.measure(time);
      progress.printf(Locale.ROOT, "  %d of %d: %,.2f%n", i + 1, repeat, values[i]);
    }
    return new Numbers(values);
  }

  /**
   * Measures between looks at the raw limit.
   *
   * @param batch messages to a sync, on average
   */
  Compared compare(double batch, Run run) throws Exception {
    double[] ratios = new double[repeat];
    int[] runs = {0};
    Duration rawTime = time.dividedBy(RAW_SHARE);
    try (RawLimit raw = RawLimit.open(folder)) {
      Numbers values =
          repeat(_ -> {
            double before = raw.perSecond(batch, rawTime);
            double value = run.measure(time);
            double limit = (before + raw.perSecond(batch, rawTime)) / 2;
            progress.printf(Locale.ROOT, "  raw limit in batches of %.0f: %,.0f/s%n", batch, limit);
            ratios[runs[0]++] = value / limit;
            return value;
          });
      return new Compared(values, new Numbers(ratios));
    }
  }
}
