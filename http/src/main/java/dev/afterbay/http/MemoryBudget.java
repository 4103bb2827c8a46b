package dev.afterbay.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Bytes that all requests and answers under way may hold together. */
final class MemoryBudget {

  private final long all;
  private final AtomicLong left;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();

  /** Raised before a look that may be in vain, so whoever gives back later sees it. */
  private final AtomicInteger waiting = new AtomicInteger();

  MemoryBudget(long bytes) {
    all = bytes;
    left = new AtomicLong(bytes);
  }

  long all() {
    return all;
  }

  /** Bytes that are taken now. */
  long taken() {
    return all - left.get();
  }

  /** Takes some if they are there; give them back with {@link #give}. */
  boolean take(long bytes) {
    if (left.addAndGet(-bytes) >= 0) {
      return true;
    }
    left.addAndGet(bytes);
    return false;
  }

  /**
   * Takes as many as there are, between the least and the most, and waits a while for the least;
   * give them back with {@link #give}.
   *
   * @param least more than all there ever are counts as all
   * @return 0: there is no room
   */
  long takeSome(long least, long most, Duration patience) throws InterruptedException {
    long possible = Math.min(least, all);
    long took = takeSome(possible, most);
    if (took > 0 || patience.isZero()) {
      return took;
    }
    long nanos = patience.toNanos();
    lock.lockInterruptibly();
    try {
      waiting.incrementAndGet();
      while ((took = takeSome(possible, most)) == 0 && nanos > 0) {
        nanos = given.awaitNanos(nanos);
      }
      return took;
    } finally {
      waiting.decrementAndGet();
      lock.unlock();
    }
  }

  private long takeSome(long least, long most) {
    while (true) {
      long there = left.get();
      long some = Math.min(there, most);
      if (there < least || left.compareAndSet(there, there - some)) {
        return there < least ? 0 : some;
      }
    }
  }

  /** Takes what is already there. */
  void takeAnyway(long bytes) {
    left.addAndGet(-bytes);
  }

  void give(long bytes) {
    left.addAndGet(bytes);
    if (waiting.get() > 0) {
      lock.lock();
      try {
        given.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }
}
