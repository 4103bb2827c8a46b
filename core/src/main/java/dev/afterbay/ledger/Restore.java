package dev.afterbay.ledger;

import dev.afterbay.Moment;
import dev.afterbay.Status;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.SessionLease;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;

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
    if (!DeferredIndex.isIn(tables)) {
      boolean anyWaits =
          queues.all().stream().anyMatch(queue -> queue.count(Status.Kind.WAITING) > 0);
      new DeferredIndex(tables).make(anyWaits, writePage);
    }
    ready.restore(queues::of);
    sessionQueues.restore(queues::of);
    restoreProcessing(now);
    restoreHeld();
  }

  private void restoreProcessing(Moment now) {
    eachKey(
        tables,
        Tables.Table.ACTIVE,
        key -> restoreProcessing(Objects.requireNonNull(cache.find(Keys.idAt(key, 0), false)), now),
        writePage);
  }

  /** Shows all keys; what was done with those of a page is written before the next is read. */
  static void eachKey(
      Tables tables, Tables.Table table, Consumer<byte[]> viewer, Runnable writePage) {
    List<byte[]> page = tables.keys(table, Keys.NOTHING, null, false, PAGE);
    while (!page.isEmpty()) {
      page.forEach(viewer);
      writePage.run();
      page = tables.keys(table, Keys.next(page.getLast()), null, false, PAGE);
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
