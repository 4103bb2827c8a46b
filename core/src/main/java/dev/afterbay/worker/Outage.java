package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.EnumSet;
import java.util.Set;

/**
 * The time in which the broker cannot be reached, told once when it begins and once when it ends.
 *
 * <p>Claims, settlements and renewals fail together and are tried again and again; a line for each
 * of them would say the same thing many times.
 */
final class Outage {

  /** What a worker asks of its broker. */
  enum Asked {
    CLAIM,
    SETTLE,
    RENEW
  }

  private final String queue;
  private final Logger log;
  private final Set<Asked> failing = EnumSet.noneOf(Asked.class);

  /** Read without the lock, so that what goes well costs nothing. */
  private volatile boolean lasts;

  Outage(String queue, Logger log) {
    this.queue = queue;
    this.log = log;
  }

  void failed(Asked asked, Throwable e) {
    boolean begins;
    synchronized (this) {
      begins = failing.isEmpty();
      failing.add(asked);
      lasts = true;
    }
    String what = "the worker of queue " + queue + " cannot " + word(asked);
    if (!(e instanceof BrokerException)) {
      log.log(Level.ERROR, what + ", tries again", e); // A bug: where it is must be seen.
    } else if (begins) {
      log.log(Level.WARNING, what + ", tries again until it can: " + e.getMessage());
    } else {
      log.log(Level.DEBUG, what, e);
    }
  }

  void succeeded(Asked asked) {
    if (lasts) {
      end(asked);
    }
  }

  private void end(Asked asked) {
    boolean over;
    synchronized (this) {
      over = failing.remove(asked) && failing.isEmpty();
      lasts = !failing.isEmpty();
    }
    if (over) {
      log.log(Level.INFO, "the worker of queue " + queue + " reaches its broker again");
    }
  }

  private static String word(Asked asked) {
    return switch (asked) {
      case CLAIM -> "claim";
      case SETTLE -> "settle";
      case RENEW -> "renew leases";
    };
  }
}
