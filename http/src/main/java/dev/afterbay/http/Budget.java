package dev.afterbay.http;

import java.util.concurrent.atomic.AtomicLong;

/** Bytes that all requests and answers under way may hold together. */
final class Budget {

  private final long all;
  private final AtomicLong left;

  Budget(long bytes) {
    all = bytes;
    left = new AtomicLong(bytes);
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

  /** Takes what is already there. */
  void takeAnyway(long bytes) {
    left.addAndGet(-bytes);
  }

  void give(long bytes) {
    left.addAndGet(bytes);
  }
}
