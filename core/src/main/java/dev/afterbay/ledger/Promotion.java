package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.Moment;

/** What time asks for: jobs become due, sessions lapse, keys are forgotten, ticks are written. */
record Promotion(
    Timers timers,
    JobIndexes indexes,
    SessionLocks sessions,
    SessionQueues sessionQueues,
    DedupKeys keys) {

  /** Jobs that become due in one go; each costs reads, and all others wait meanwhile. */
  private static final int PROMOTED_MAX = 50;

  /** Sessions that lapse in one go. */
  private static final int LAPSED_MAX = 100;

  /** How far the tick on the disk may be behind while delays wait for one. */
  private static final long UNWRITTEN_TICKS_MAX = 10_000;

  /** Answers the tick at which it wants to be called again. */
  long promote(Moment now, GatheredBatch batch) {
    timers.refill();
    int left = PROMOTED_MAX;
    JobId due = timers.nextDue(now);
    while (due != null && left-- > 0) {
      batch.add();
      indexes.makeDue(indexes.need(due), now);
      timers.refill();
      due = timers.nextDue(now);
    }
    left = LAPSED_MAX;
    SessionQueue lapsed = sessionQueues.lapsed(now);
    while (lapsed != null && left-- > 0) {
      batch.add();
      sessions.lapse(lapsed, now);
      lapsed = sessionQueues.lapsed(now);
    }
    if (keys.nextLook() <= now.tick() && keys.forget(now)) {
      batch.add();
    }
    // What waits for a tick waits longer if the process ends before that tick was written.
    long nextWrite =
        timers.waitForTicks() ? batch.writtenTick() + UNWRITTEN_TICKS_MAX : Long.MAX_VALUE;
    if (nextWrite <= now.tick()) {
      batch.add();
      nextWrite = now.tick() + UNWRITTEN_TICKS_MAX;
    }
    long next = Math.min(timers.nextLook(now), sessionQueues.nextLapse());
    return Math.min(Math.min(next, nextWrite), keys.nextLook());
  }
}
