package dev.afterbay.worker;

import dev.afterbay.Moment;
import dev.afterbay.store.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A clock that only a test moves. A twin of contract's TestClock, which tests of core cannot see.
 */
final class HandClock implements Clock {

  private record Pending(long number, long tick, Runnable action, String thread) {}

  private final List<Pending> alarms = new ArrayList<>();
  private long tick;
  private long numbers;

  @Override
  public synchronized Moment now() {
    return new Moment(Instant.parse("2026-01-01T00:00:00Z").plusMillis(tick), tick);
  }

  @Override
  public synchronized Alarm at(long tick, Runnable action) {
    Pending pending = new Pending(numbers++, tick, action, Thread.currentThread().getName());
    if (tick <= this.tick) {
      Thread.startVirtualThread(action);
    } else {
      alarms.add(pending);
    }
    return () -> cancel(pending);
  }

  /** Lets time pass, and runs what falls due. */
  void advance(Duration time) {
    long target = now().tick() + time.toMillis();
    for (Pending next = next(target); next != null; next = next(target)) {
      next.action().run();
    }
  }

  /** Lets time pass as it does for a process that was stopped: what falls due is late. */
  void leap(Duration time) {
    synchronized (this) {
      tick += time.toMillis();
    }
    advance(Duration.ZERO);
  }

  /** Whether a thread whose name begins so has set an alarm for that far from now. */
  synchronized boolean hasAlarm(String thread, Duration fromNow) {
    return alarms.stream()
        .anyMatch(a -> a.thread().startsWith(thread) && a.tick() == tick + fromNow.toMillis());
  }

  /** How far from now the next alarm of a thread whose name begins so is; -1: there is none. */
  synchronized long millisToAlarm(String thread) {
    return alarms.stream()
        .filter(alarm -> alarm.thread().startsWith(thread))
        .mapToLong(alarm -> alarm.tick() - tick)
        .min()
        .orElse(-1);
  }

  private synchronized Pending next(long target) {
    Pending first =
        alarms.stream()
            .filter(pending -> pending.tick() <= target)
            .min(Comparator.comparingLong(Pending::tick))
            .orElse(null);
    tick = Math.max(tick, first == null ? target : first.tick());
    alarms.remove(first);
    return first;
  }

  private synchronized void cancel(Pending pending) {
    alarms.remove(pending);
  }
}
