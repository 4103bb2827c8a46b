package dev.afterbay.ledger;

import dev.afterbay.Moment;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.SessionLease;
import java.util.List;
import java.util.Objects;

/** Has in memory, at open, what a ledger needs of its tables before any other call. */
final class Restore {

  /** Each lease is written, and there may be more of them than should be in one batch. */
  private static final int PAGE = 1_000;

  private final Tables tables;
  private final Queues queues;
  private final JobCache cache;
  private final ReadyIndex ready;
  private final SessionQueues sessionQueues;
  private final JobIndexes indexes;
  private final OverdueJobs overdueJobs;
  private final Runnable writePage;

  /**
   * @param writePage writes what has gathered
   */
  Restore(
      Tables tables,
      Queues queues,
      JobCache cache,
      ReadyIndex ready,
      SessionQueues sessionQueues,
      JobIndexes indexes,
      OverdueJobs overdueJobs,
      Runnable writePage) {
    this.tables = tables;
    this.queues = queues;
    this.cache = cache;
    this.ready = ready;
    this.sessionQueues = sessionQueues;
    this.indexes = indexes;
    this.overdueJobs = overdueJobs;
    this.writePage = writePage;
  }

  void all(Moment now) {
    queues.restore();
    ready.restore(queues::of);
    sessionQueues.restore(queues::of);
    restoreProcessing(now);
    restoreHeld();
  }

  private void restoreProcessing(Moment now) {
    List<byte[]> page = tables.keys(Tables.Table.ACTIVE, Keys.NOTHING, null, false, PAGE);
    while (!page.isEmpty()) {
      for (byte[] key : page) {
        restoreProcessing(Objects.requireNonNull(cache.find(Keys.idAt(key, 0), false)), now);
      }
      writePage.run();
      byte[] next = Keys.next(page.getLast());
      page = tables.keys(Tables.Table.ACTIVE, next, null, false, PAGE);
    }
  }

  /**
   * A processing job gets one full lease, as time while the store was closed counts as none and its
   * consumer may come back; unless that ended with its process.
   */
  private void restoreProcessing(CachedJob entry, Moment now) {
    long untilTick =
        TimeRules.untilAfterOpening(entry.job.lease(), entry.queue.settingsOrStandard(), now);
    indexes.restore(entry);
    indexes.renew(entry, untilTick);
    if (!entry.job.lease().detached()) {
      overdueJobs.orphaned(entry.job.id());
    }
  }

  private void restoreHeld() {
    tables.each(
        Tables.Table.HOLD,
        Keys.NOTHING,
        (key, value) -> {
          SessionLease held = RowFormat.held(Keys.sessionOf(key), value);
          sessionQueues.restoreHeld(queues.of(Keys.queueOf(key)), held);
        });
  }
}
