package dev.afterbay.store;

import dev.afterbay.Moment;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The machine's clocks: the calendar for wall times, the monotonic one for ticks. */
public final class SystemClock implements Clock, AutoCloseable {

  private final long origin = System.nanoTime();
  private final ScheduledThreadPoolExecutor timer;

  /** With a thread of its own for alarms. */
  public SystemClock() {
    timer =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("afterbay-clock").factory());
    timer.setRemoveOnCancelPolicy(true);
    // After close nothing is reached any more; whoever still asks is closing too.
    timer.setRejectedExecutionHandler(new ThreadPoolExecutor.DiscardPolicy());
  }

  @Override
  public Moment now() {
    return new Moment(Instant.now().truncatedTo(ChronoUnit.MILLIS), tick());
  }

  @Override
  public Alarm at(long tick, Runnable action) {
    ScheduledFuture<?> pending =
        timer.schedule(() -> run(action), Math.max(0, tick - tick()), TimeUnit.MILLISECONDS);
    return () -> pending.cancel(false);
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }

  private long tick() {
    return (System.nanoTime() - origin) / 1_000_000;
  }

  /** An action that throws must not take the clock with it. */
  private static void run(Runnable action) {
    try {
      action.run();
    } catch (RuntimeException e) {
      System.getLogger(SystemClock.class.getName())
          .log(System.Logger.Level.ERROR, "an alarm failed", e);
    }
  }
}
