package dev.afterbay.http;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Bytes that all requests and answers under way on one address may hold together. */
final class MemoryBudget {

  /** What settles, renews and asks must not wait for the large bodies that it makes room for. */
  static final int SMALL_BYTES = 64 << 10;

  private static final int RESERVE_SHARE = 16;

  private final Share share;

  /** Only for what is small. */
  private final long reserve;

  private final Waiters waiters;

  private MemoryBudget(Share share, Waiters waiters) {
    this.share = share;
    this.reserve = share.all() / RESERVE_SHARE;
    this.waiters = waiters;
  }

  /** For as many addresses: what one gives back, another may wait for. */
  static List<MemoryBudget> of(long bytes, int count) {
    Waiters waiters = new Waiters();
    return Share.of(bytes, count).stream().map(share -> new MemoryBudget(share, waiters)).toList();
  }

  private static final class Waiters {
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition given = lock.newCondition();

    /** Raised before a look that may be in vain, so whoever gives back later sees it. */
    private final AtomicInteger count = new AtomicInteger();
  }

  long all() {
    return share.all();
  }

  /** What is larger there is never room for. */
  long largest() {
    return Math.max(all() - reserve, Math.min(all(), SMALL_BYTES));
  }

  /** Bytes that are taken now. */
  long taken() {
    return share.taken();
  }

  /**
   * Takes some if they are there; give them back with {@link #give}.
   *
   * @param isSmall for something that has at most {@link #SMALL_BYTES} in all
   */
  boolean take(long bytes, boolean isSmall) {
    if (share.take(bytes) >= (isSmall ? 0 : reserve)) {
      return true;
    }
    give(bytes); // Somebody may have looked meanwhile, and found too little.
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
    long possible = Math.min(least, all() - reserve);
    long took = takeSome(possible, most);
    if (took > 0 || patience.isZero()) {
      return took;
    }
    long nanos = patience.toNanos();
    waiters.lock.lockInterruptibly();
    try {
      waiters.count.incrementAndGet();
      while ((took = takeSome(possible, most)) == 0 && nanos > 0) {
        nanos = waiters.given.awaitNanos(nanos);
      }
      return took;
    } finally {
      waiters.count.decrementAndGet();
      waiters.lock.unlock();
    }
  }

  private long takeSome(long least, long most) {
    while (true) {
      long there = share.left() - reserve;
      long some = Math.min(there, most);
      if (there < least || take(some, false)) {
        return there < least ? 0 : some;
      }
    }
  }

  /** Takes what is already there. */
  void takeAnyway(long bytes) {
    share.take(bytes);
  }

  void give(long bytes) {
    share.take(-bytes);
    if (waiters.count.get() > 0) {
      waiters.lock.lock();
      try {
        waiters.given.signalAll();
      } finally {
        waiters.lock.unlock();
      }
    }
  }
}
