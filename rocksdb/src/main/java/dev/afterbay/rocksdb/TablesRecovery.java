package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Ledger;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.rocksdb.RocksDBException;

/**
 * Opens RocksDB again after a lack of quota or descriptors, which is final for it ({@link
 * Shortage#isFinal}). It has lost then what was only in memory, and gets it from the journal: all
 * between the last commit in its files and the last one that it had. What it never had waits in the
 * {@link Applier}.
 *
 * <p>Until there is room the old one stays open, as it can still be read. From its close until the
 * new one is open whoever reads waits. No lock of others is taken in that time: they may wait for
 * the database.
 */
final class TablesRecovery implements Applier.Recovery {

  /** In the data directory: as large as a flush may be. */
  private static final String PROBE = "probe";

  private static final Logger LOG = System.getLogger(TablesRecovery.class.getName());
  private static final long PAUSE_NANOS = 1_000_000_000;

  private final DataDirectory data;
  private final Database database;
  private final Device device;
  private final StoreFailure failure;
  private final BooleanSupplier ending;
  private long lookedAt = System.nanoTime() - PAUSE_NANOS;

  /**
   * @param ending the store is being closed
   */
  TablesRecovery(
      DataDirectory data,
      Database database,
      Device device,
      StoreFailure failure,
      BooleanSupplier ending) {
    this.data = data;
    this.database = database;
    this.device = device;
    this.failure = failure;
    this.ending = ending;
  }

  /** Deletes what a process left that was killed while it looked for room. */
  static void clean(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(PROBE));
  }

  /** {@inheritDoc} Looks at most each second. */
  @Override
  public boolean hasRoom() throws IOException {
    if (System.nanoTime() - lookedAt < PAUSE_NANOS) {
      return false;
    }
    try {
      return device.freeBytes() >= database.flushBytes() && fits();
    } finally {
      lookedAt = System.nanoTime();
    }
  }

  /** Told by a file alone: nobody says how much quota there is. */
  private boolean fits() throws IOException {
    Path probe = data.path().resolve(PROBE);
    try {
      try (FileChannel file = FilePermissions.openForOwner(probe)) {
        device.allocate(file, database.flushBytes());
      } finally {
        Files.deleteIfExists(probe);
      }
      return true;
    } catch (IOException e) {
      if (Shortage.is(e)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public void recover() throws InterruptedException {
    long applied;
    try (RocksView view = RocksView.latest(database)) {
      applied = Ledger.commitNumber(view);
    } catch (TablesFailed e) {
      if (!Shortage.is(e)) {
        failure.stop("", e);
      }
      return; // There may be a descriptor for it later.
    }
    database.giveUpWaiting();
    try (Database.InUse seized = database.seize()) {
      if (seized != null) {
        recover(applied);
      }
    }
  }

  /** Whoever may read again when it is over sees its failure. */
  private void recover(long applied) {
    try {
      while (!isReopened(applied)) {
        // Another program was quicker.
        LockSupport.parkNanos(this, PAUSE_NANOS);
      }
      LOG.log(Level.INFO, "RocksDB was opened again: there are quota and descriptors again");
    } catch (TablesFailed e) {
      failure.stop("", e);
    } catch (IOException | RuntimeException | Error e) {
      failure.stop("RocksDB cannot be opened again: ", e);
    }
  }

  private boolean isReopened(long applied) throws IOException {
    try {
      database.reopen();
      replay(applied);
      return true;
    } catch (RocksDBException e) {
      return givesUp(e, TablesFailed.writing(e));
    } catch (TablesFailed e) {
      return givesUp(e, e);
    } catch (IOException e) {
      return givesUp(e, e);
    }
  }

  private <E extends Exception> boolean givesUp(Exception reason, E failed) throws E {
    if (Shortage.is(reason) && !ending.getAsBoolean()) {
      return false;
    }
    throw failed;
  }

  private void replay(long applied) throws IOException {
    Path journal = data.journal();
    long persisted = database.persisted();
    JournalScan.Start start;
    try (RocksView view = RocksView.persisted(database)) {
      start = JournalScan.Start.of(persisted, view, applied);
    }
    JournalScan.Result found = JournalScan.replay(journal, start, applied, database, device);
    if (!found.damage().isEmpty()) {
      throw new StoreException.Damaged(found.damage().getFirst(), null);
    }
    found.check(journal, applied);
  }
}
