package dev.afterbay.ledger;

import dev.afterbay.store.Clock;
import org.jspecify.annotations.Nullable;

/**
 * One alarm at the earliest of many times. It forgets its time when it rings, whatever its owner
 * does meanwhile, so the next time that is asked for sets it again. Safe for many threads.
 *
 * <p>Rejected: an owner that remembers the time and resets it when it sees that the alarm rang. An
 * alarm that rings while the owner is busy is not seen, and no later one is ever set.
 */
public final class EarliestAlarm {

  private final Clock clock;
  private final Runnable action;
  private Clock.@Nullable Alarm alarm;

  /** When it rings; {@link Long#MAX_VALUE}: it is not set. */
  private long tick = Long.MAX_VALUE;

  /** Tells a ring from that of an alarm that was replaced while it rang. */
  private long number;

  /**
   * @param action must be brief and must not block, see {@link Clock#at}
   */
  public EarliestAlarm(Clock clock, Runnable action) {
    this.clock = clock;
    this.action = action;
  }

  /** Rings at this tick or before; {@link Long#MAX_VALUE}: no need to. */
  public synchronized void by(long wanted) {
    if (wanted >= tick) {
      return;
    }
    cancel();
    tick = wanted;
    long own = number;
    alarm = clock.at(wanted, () -> ring(own));
  }

  /** It does not ring any more, until it is set again. */
  public synchronized void cancel() {
    if (alarm != null) {
      alarm.cancel();
    }
    forget();
  }

  private void ring(long own) {
    synchronized (this) {
      if (own != number) {
        return;
      }
      forget();
    }
    action.run();
  }

  private void forget() {
    number++;
    tick = Long.MAX_VALUE;
    alarm = null;
  }
}
