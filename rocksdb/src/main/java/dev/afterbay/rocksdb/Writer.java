package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.rocksdb.RocksDBException;

/** Where the batches of the ledger go: to the journal, and from there to the {@link Applier}. */
final class Writer implements RocksTables.Outlet {

  /** Who wants to know when so many bytes more were written. */
  record Steps(long bytes, Runnable written) {}

  private final Journal journal;
  private final Applier applier;
  private final Syncer syncer;
  private final Steps steps;
  private long bytesWritten;
  private long stepAt;

  Writer(Journal journal, Applier applier, Syncer syncer, Steps steps) {
    this.journal = journal;
    this.applier = applier;
    this.syncer = syncer;
    this.steps = steps;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the journal cannot be written
   */
  @Override
  public void write(byte[] batch) {
    try {
      journal.append(batch);
    } catch (IOException e) {
      throw new UncheckedIOException("the journal cannot be written: " + Reason.of(e), e);
    } catch (RocksDBException e) {
      throw TablesFailed.writing(e);
    }
    applier.add(batch);
    syncer.written();
    bytesWritten += batch.length;
    if (bytesWritten >= stepAt) {
      stepAt = bytesWritten + steps.bytes();
      steps.written().run();
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.afterbay.BrokerException.Unavailable if they never can, as the store has stopped
   */
  @Override
  public void await() {
    applier.bringUpToDate();
  }
}
