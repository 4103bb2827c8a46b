package dev.afterbay.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/**
 * One timer for threads that are most likely woken long before their time is over.
 *
 * <p>A timed wait of a virtual thread puts a task into the timer of the JDK and takes it out again,
 * and wakes the timer's thread for both. With 64 senders that was a fifth of what a client took of
 * the processor.
 */
final class SharedTimer {
  /*
   * A thread of the platform, as others may keep all carriers of virtual ones, looks at all who
   * wait, and ends when for some time there is nobody. It wakes each a little before his time, and
   * he waits for the rest by himself: so nobody wakes late.
   *
   * Who waits is in the set before he looks whether there is that thread, and it looks into the set
   * once more after it has said that it ends: one of both sees the other.
   */

  static final SharedTimer STANDARD = new SharedTimer(100);

  private static final int IDLE_LOOKS_MAX = 10;

  private final long lookMillis;
  private final Set<Parked> parked = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean looking = new AtomicBoolean();

  /** Who waits, by identity. */
  private static final class Parked {
    private final Thread thread = Thread.currentThread();
    private final long wakeAt;

    Parked(long wakeAt) {
      this.wakeAt = wakeAt;
    }
  }

  /**
   * @param lookMillis from one look at all who wait to the next
   */
  SharedTimer(long lookMillis) {
    this.lookMillis = lookMillis;
  }

  /**
   * Waits until it is done or the time is over. Whoever does it unparks this thread then.
   *
   * @throws InterruptedException if it is not done, and the thread is interrupted
   */
  void await(long until, BooleanSupplier done) throws InterruptedException {
    while (!done.getAsBoolean() && Deadline.now() < until) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      park(until);
    }
  }

  private void park(long until) {
    long left = until - Deadline.now();
    long near = 3 * lookMillis;
    if (left <= near) {
      parkFor(left);
      return;
    }
    Parked self = new Parked(until - near);
    parked.add(self);
    try {
      if (looking.get() || begin()) {
        LockSupport.park(this);
      } else {
        parkFor(left);
      }
    } finally {
      parked.remove(self);
    }
  }

  private static void parkFor(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private boolean begin() {
    if (!looking.compareAndSet(false, true)) {
      return true;
    }
    try {
      Thread.ofPlatform().daemon().name("afterbay-http-timer").start(this::look);
      return true;
    } catch (RuntimeException | Error _) { // There is no thread for it, or no memory.
      looking.set(false);
      parked.forEach(each -> LockSupport.unpark(each.thread)); // They may have relied on it.
      return false;
    }
  }

  private void look() {
    int idle = 0;
    while (idle < IDLE_LOOKS_MAX) {
      parkFor(lookMillis);
      idle = parked.isEmpty() ? idle + 1 : 0;
      long now = Deadline.now();
      for (Parked each : parked) {
        if (each.wakeAt <= now) {
          LockSupport.unpark(each.thread);
        }
      }
    }
    looking.set(false);
    if (!parked.isEmpty()) {
      begin();
    }
  }

  /** Whether there is a thread that looks. */
  boolean isLooking() {
    return looking.get();
  }
}
