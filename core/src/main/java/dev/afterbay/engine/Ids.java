package dev.afterbay.engine;

import dev.afterbay.JobId;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;

/**
 * Makes version 7 UUIDs (RFC 9562, method 1): 48 bits of milliseconds and 12 bits that count within
 * one, so that each is greater than the one before, also when the clock is set back.
 */
final class Ids {

  private static final int COUNTER_BITS = 12;
  private static final long VERSION_7 = 0x7000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private final RandomGenerator random;
  private final AtomicLong last = new AtomicLong();

  Ids(RandomGenerator random) {
    this.random = random;
  }

  JobId next(long wallMillis) {
    long earliest = wallMillis << COUNTER_BITS;
    long stamp = last.updateAndGet(previous -> Math.max(previous + 1, earliest));
    long counter = stamp & (1 << COUNTER_BITS) - 1;
    long high = stamp >>> COUNTER_BITS << 16 | VERSION_7 | counter;
    long low = random.nextLong() >>> 2 | VARIANT;
    return new JobId(new UUID(high, low));
  }
}
