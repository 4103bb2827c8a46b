package dev.afterbay.http;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Bytes that all requests and answers under way may hold together. */
final class MemoryBudget {

  /** What settles, renews and asks must not wait for the large bodies that it makes room for. */
  static final int SMALL_BYTES = 64 << 10;

  private static final int RESERVE_SHARE = 16;

  private final long all;

  /** Only for what is small. */
  private final long reserve;

  private final AtomicLong left;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition given = lock.newCondition();

  /** Raised before a look that may be in vain, so whoever gives back later sees it. */
  private final AtomicInteger waiting = new AtomicInteger();

  MemoryBudget(long bytes) {
    all = bytes;
    reserve = bytes / RESERVE_SHARE;
    left = new AtomicLong(bytes);
  }

  long all() {
    return all;
  }

  /** What is larger there is never room for. */
  long largest() {
    return Math.max(all - reserve, Math.min(all, SMALL_BYTES));
  }

  /** Bytes that are taken now. */
  long taken() {
    return all - left.get();
  }

  /**
   * Takes some if they are there; give them back with {@link #give}.
   *
   * @param isSmall for something that has at most {@link #SMALL_BYTES} in all
   */
  boolean take(long bytes, boolean isSmall) {
    if (left.addAndGet(-bytes) >= (isSmall ? 0 : reserve)) {
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
    long possible = Math.min(least, all - reserve);
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
      long unused = left.get();
      long there = unused - reserve;
      long some = Math.min(there, most);
      if (there < least || left.compareAndSet(unused, unused - some)) {
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
