package dev.afterbay.http;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/**
 * What one of several may take of something: a part is its own, whatever the others take, and
 * another part is there for whoever comes first. Safe for many threads, without a lock.
 */
final class Share {

  /** The part of each one's own, where there are several. */
  private static final int OWN_PART = 8;

  private final long own;
  private final long common;
  private final AtomicLong commonLeft;
  private final AtomicLong taken = new AtomicLong();

  private Share(long own, long common, AtomicLong commonLeft) {
    this.own = own;
    this.common = common;
    this.commonLeft = commonLeft;
  }

  /** For so many; a single one has all. */
  static List<Share> of(long all, int count) {
    long own = count == 1 ? 0 : all / OWN_PART;
    long common = all - count * own;
    AtomicLong commonLeft = new AtomicLong(common);
    List<Share> shares = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      shares.add(new Share(own, common, commonLeft));
    }
    return shares;
  }

  /** The most that it may have. */
  long all() {
    return own + common;
  }

  long taken() {
    return taken.get();
  }

  /** What could be taken now. */
  long left() {
    return leftOf(taken.get(), commonLeft.get());
  }

  /**
   * Takes so much, or gives it back if it is below zero.
   *
   * @return what is left; below zero: there was not so much, and it must be given back
   */
  long take(long amount) {
    long before = taken.getAndAdd(amount);
    long after = before + amount;
    return leftOf(after, commonLeft.addAndGet(ofCommon(before) - ofCommon(after)));
  }

  private long ofCommon(long all) {
    return Math.max(0, all - own);
  }

  /** Others may have taken too much of what is common, and not given it back yet. */
  private long leftOf(long mine, long common) {
    return mine > own ? common : own - mine + Math.max(0, common);
  }
}
