package dev.afterbay.ledger;

import dev.afterbay.store.Clock;

/** The batch that calls gather until it is written; with the head of the ledger in each. */
final class GatheredBatch {

  private final long epoch;
  private final Tables tables;
  private final Queues queues;
  private final JobCache cache;
  private final SessionQueues sessionQueues;
  private final JobIndexes indexes;
  private long commitNumber;
  private long writtenTick;
  private boolean gathered;

  /**
   * @param commitNumber of the last batch that was written
   */
  GatheredBatch(
      long epoch,
      long commitNumber,
      Tables tables,
      Queues queues,
      JobCache cache,
      SessionQueues sessionQueues,
      JobIndexes indexes) {
    this.epoch = epoch;
    this.commitNumber = commitNumber;
    this.tables = tables;
    this.queues = queues;
    this.cache = cache;
    this.sessionQueues = sessionQueues;
    this.indexes = indexes;
  }

  /** Something is to be written. */
  void add() {
    gathered = true;
  }

  /** The tick that the last batch has. */
  long writtenTick() {
    return writtenTick;
  }

  /** Writes what has gathered, if anything has. */
  void write(Clock clock) {
    if (gathered) {
      queues.writeCounts();
      commitNumber++;
      writtenTick = clock.now().tick();
      new LedgerHead(epoch, writtenTick, indexes.lastSeq(), commitNumber, cache.highest())
          .write(tables);
      tables.write();
      sessionQueues.written(queues::forgetUnused);
      gathered = false;
    }
    cache.written();
  }
}
