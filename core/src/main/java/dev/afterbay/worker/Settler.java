package dev.afterbay.worker;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.store.Clock;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.random.RandomGenerator;

/** Settles what handlers say; while the broker is out of reach, again until the lease ends. */
final class Settler {
  /*
   * A delivery ends once, whatever is sent twice, so that a settlement whose answer was lost can be
   * repeated. To give up at the first failure would run a job again that was done, for an outage
   * that was shorter than its lease.
   */

  private final Clock clock;
  private final WorkerLock guard;
  private final Outage outage;
  private final RandomGenerator random;
  private final Logger log;

  /** The grace of a close is over: each has one more try. Guarded by the lock. */
  private boolean hurried;

  Settler(Clock clock, WorkerLock guard, Outage outage, RandomGenerator random, Logger log) {
    this.clock = clock;
    this.guard = guard;
    this.outage = outage;
    this.random = random;
    this.log = log;
  }

  /** From now on nothing is repeated more than once. */
  void hurry() {
    guard.change(() -> hurried = true);
  }

  /**
   * @param who settles, as shown to people
   * @param run knows how long its lease lives
   */
  void settle(Object who, Execution run, Outcome outcome) {
    if (!settled(who, run.delivery(), outcome, false)) {
      repeat(who, run, outcome);
    }
  }

  /** Once: whatever happens, its lease sees to the rest. */
  void settleOnce(Object who, Delivery delivery, Outcome outcome) {
    if (!settled(who, delivery, outcome, false)) {
      log.log(Level.DEBUG, "{0} leaves job {1} to its lease", who, delivery.job().id());
    }
  }

  private void repeat(Object who, Execution run, Outcome outcome) {
    Backoff backoff = new Backoff(random);
    boolean last = false;
    while (!last && clock.now().tick() < run.leaseTick()) {
      last = pause(backoff.next());
      if (settled(who, run.delivery(), outcome, true)) {
        return;
      }
    }
    log.log(
        Level.WARNING,
        who
            + " cannot settle "
            + run
            + " with "
            + outcome
            + ": its broker was out of reach for too long, so it is delivered again");
  }

  /** Whether it is over, well or not; false: it may be tried again. */
  private boolean settled(Object who, Delivery delivery, Outcome outcome, boolean again) {
    try {
      delivery.settle(outcome);
      outage.succeeded(Outage.Asked.SETTLE);
    } catch (BrokerException.Unavailable
        | BrokerException.OutcomeUnknown
        | BrokerException.NotAuthorized // Most often of a proxy, or a token that is exchanged.
        | BrokerException.DiskFull e) {
      outage.failed(Outage.Asked.SETTLE, e);
      return false;
    } catch (BrokerException.LeaseLost e) {
      outage.succeeded(Outage.Asked.SETTLE);
      // Of a repeated one it most often means that the first had come to the broker.
      String what = who + (again ? " had settled, or was too late with " : " was too late with ");
      log.log(again ? Level.DEBUG : Level.WARNING, what + outcome + ": " + e.getMessage());
    } catch (RuntimeException e) {
      String what = who + " cannot settle job " + delivery.job().id() + " with " + outcome;
      log.log(Level.ERROR, what + ": it is delivered again once its lease has lapsed", e);
    }
    return true;
  }

  /** Whether the next try is the last. */
  private boolean pause(long ticks) {
    boolean[] over = {false};
    Clock.Alarm alarm =
        clock.at(clock.now().tick() + ticks, () -> guard.change(() -> over[0] = true));
    guard.awaitUninterruptibly(() -> over[0] || hurried);
    alarm.cancel();
    return guard.read(() -> hurried);
  }
}
