package dev.afterbay.http.sns;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/** Lets through a number of events at once, and then one for each period that has passed. */
final class TokenBucket {
  private final ReentrantLock lock = new ReentrantLock();
  private final LongSupplier nanoTime;
  private final int capacity;
  private final long nanosPerToken;

  /** Invariant: 0 <= tokens <= capacity. */
  private int tokens;

  private long refilledAt;

  TokenBucket(int capacity, Duration perToken, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.capacity = capacity;
    this.nanosPerToken = perToken.toNanos();
    this.tokens = capacity;
    this.refilledAt = nanoTime.getAsLong();
  }

  boolean tryTake() {
    lock.lock();
    try {
      refill(nanoTime.getAsLong());
      assert tokens >= 0 && tokens <= capacity : tokens;
      if (tokens == 0) {
        return false;
      }
      tokens--;
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void refill(long now) {
    long earned = (now - refilledAt) / nanosPerToken;
    if (earned >= capacity - tokens) {
      tokens = capacity;
      refilledAt = now;
    } else {
      tokens += (int) earned;
      refilledAt += earned * nanosPerToken;
    }
  }
}
