package dev.afterbay.engine;

import dev.afterbay.store.Clock;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Those who wait for something to claim at one place.
 *
 * <p>A waiter joins before it looks, so that nothing can come between its look and its wait. Those
 * who take anything are woken one by one, the longest waiting first; one that was woken and leaves
 * without having looked passes the wake on, and one that took as much as it could wakes the next.
 * The picky ones (filters, sessions) are all woken, as nobody can say which of them it is for.
 *
 * <p>Rejected: a condition for all, where 10,000 waiters would look for each message.
 */
final class Waiters {

  private final ReentrantLock lock = new ReentrantLock();
  private final Set<Waiter> plain = new LinkedHashSet<>();
  private final Set<Waiter> picky = new LinkedHashSet<>();

  /** One who waits, on the thread that made it. */
  static final class Waiter {
    private final Thread thread = Thread.currentThread();
    private final boolean isPicky;
    private volatile boolean woken;
    private volatile boolean timedOut;

    /** It goes on to look, so its wake is not lost. */
    private boolean looksAgain;

    private Waiter(boolean isPicky) {
      this.isPicky = isPicky;
    }

    /** Waits to be woken; false: the time is over, however often it was woken until then. */
    boolean await(Clock clock, long deadlineTick) throws InterruptedException {
      if (clock.now().tick() >= deadlineTick) {
        return false;
      }
      Clock.Alarm alarm = clock.at(deadlineTick, this::timeOut);
      try {
        while (!woken && !timedOut) {
          LockSupport.park(this);
          if (Thread.interrupted()) {
            throw new InterruptedException();
          }
        }
        looksAgain = woken;
        return looksAgain;
      } finally {
        alarm.cancel();
      }
    }

    private void timeOut() {
      timedOut = true;
      LockSupport.unpark(thread);
    }

    void wake() {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  Waiter join(boolean isPicky) {
    Waiter waiter = new Waiter(isPicky);
    lock.lock();
    try {
      (isPicky ? picky : plain).add(waiter);
    } finally {
      lock.unlock();
    }
    return waiter;
  }

  /**
   * Answers whether somebody still waits.
   *
   * @param passOn there may be more for others
   */
  boolean leave(Waiter waiter, boolean passOn) {
    boolean wokenInVain;
    lock.lock();
    try {
      wokenInVain = !(waiter.isPicky ? picky : plain).remove(waiter) && !waiter.looksAgain;
      if (plain.isEmpty() && picky.isEmpty()) {
        return false;
      }
    } finally {
      lock.unlock();
    }
    if ((passOn || wokenInVain) && !waiter.isPicky) {
      wakeOne();
    }
    return true;
  }

  void wake() {
    wakeOne();
    List<Waiter> all;
    lock.lock();
    try {
      if (picky.isEmpty()) {
        return;
      }
      all = List.copyOf(picky);
      picky.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(Waiter::wake);
  }

  /** When the engine closes: everybody looks again. */
  void wakeAll() {
    List<Waiter> all;
    lock.lock();
    try {
      all = List.copyOf(plain);
      plain.clear();
    } finally {
      lock.unlock();
    }
    all.forEach(Waiter::wake);
    wake();
  }

  private void wakeOne() {
    Waiter first;
    lock.lock();
    try {
      if (plain.isEmpty()) {
        return;
      }
      first = plain.iterator().next();
      plain.remove(first);
    } finally {
      lock.unlock();
    }
    first.wake();
  }
}
