package dev.afterbay.rocksdb;

import dev.afterbay.ledger.BatchLog;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.jspecify.annotations.Nullable;

/** Where the batches of the ledger go: to the log, and from there to the {@link Applier}. */
final class Writer implements RocksTables.Outlet {

  /** Who wants to know when so many bytes more were written. */
  record Steps(long bytes, Runnable written) {}

  private final BatchLog log;
  private final Applier applier;
  private final Syncer syncer;
  private final Steps steps;
  private final ShortageHandler blocked;
  private volatile boolean waits;
  private long bytesWritten;
  private long stepAt;

  Writer(BatchLog log, Applier applier, Syncer syncer, Steps steps, ShortageHandler blocked) {
    this.log = log;
    this.applier = applier;
    this.syncer = syncer;
    this.steps = steps;
    this.blocked = blocked;
  }

  /**
   * {@inheritDoc}
   *
   * @throws UncheckedIOException if the journal cannot be written
   */
  @Override
  public void write(byte[] batch) {
    int tries = 0;
    while (!appended(batch, tries)) {
      tries++;
    }
    if (tries > 0) {
      waits = false;
    }
    applier.add(batch);
    syncer.written();
    bytesWritten += batch.length;
    if (bytesWritten >= stepAt) {
      stepAt = bytesWritten + steps.bytes();
      steps.written().run();
    }
  }

  /** Whether a batch waits for room. */
  boolean isWaiting() {
    return waits;
  }

  /** False: there was no room, nothing was written, and it is to be tried again. */
  private boolean appended(byte[] batch, int tries) {
    try {
      log.append(batch);
      return true;
    } catch (IOException e) {
      boolean certain = Shortage.is(e) && !(e instanceof Journal.SyncFailed);
      if (certain) {
        waits = true; // before sends are refused, or the looker could let them in again
        if (blocked.goOn(e, tries)) {
          return false;
        }
      }
      throw new UncheckedIOException("the journal cannot be written: " + Reason.of(e), e);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.afterbay.BrokerException.Unavailable if they never can, as the store has stopped
   */
  @Override
  public @Nullable Overlay await() {
    return applier.bringUpToDate();
  }

  @Override
  public boolean goOn(Exception shortage, int attempts) {
    return blocked.goOn(shortage, attempts);
  }
}
