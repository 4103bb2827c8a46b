package dev.afterbay.http;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Ends what takes too long. One sweep looks at all of it, instead of a timer for each. */
final class Deadlines {

  /** How late a deadline may be noticed. */
  static final long SWEEP_MILLIS = 100;

  /** Not limited now. */
  static final long NONE = Long.MAX_VALUE;

  private final Set<Expiring> watched = ConcurrentHashMap.newKeySet();

  /** Something that may take only so long. */
  interface Expiring {
    /** As {@link #after}; {@link #NONE}: not limited now. Read by any thread. */
    long deadline();

    /** Ends it; called by any thread, perhaps more than once. */
    void expire();
  }

  static long now() {
    return System.nanoTime() / 1_000_000;
  }

  static long after(Duration patience) {
    return now() + patience.toMillis();
  }

  void watch(Expiring expiring) {
    watched.add(expiring);
  }

  void forget(Expiring expiring) {
    watched.remove(expiring);
  }

  /** How many are watched. */
  int count() {
    return watched.size();
  }

  void sweep() {
    long now = now();
    for (Expiring expiring : watched) {
      if (expiring.deadline() <= now) {
        expiring.expire();
      }
    }
  }
}
