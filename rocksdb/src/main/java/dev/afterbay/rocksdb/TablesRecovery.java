package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Ledger;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/**
 * Opens RocksDB again after a lack of quota or descriptors, which is final for it ({@link
 * Shortage#isFinal}). It has lost then what was only in memory, and gets it from the journal: all
 * between the last commit in its files and the last one that it had. What it never had waits in the
 * {@link Applier}.
 *
 * <p>Until there is room the old one stays open, as it can still be read. In the moment in which
 * there is none, whoever reads waits.
 */
final class TablesRecovery {

  private static final Logger LOG = System.getLogger(TablesRecovery.class.getName());
  private static final long PAUSE_NANOS = 1_000_000_000;

  private final DataDirectory data;
  private final Database database;
  private final Device device;
  private final Room room;
  private final ShortageHandler blocked;
  private long triedAt = System.nanoTime() - PAUSE_NANOS;

  /** Tells whether there is room again, as far as one can tell. */
  interface Room {
    boolean isThere() throws IOException;
  }

  /**
   * @param room whether there is again what was short
   * @param blocked sees to it that there is room while RocksDB is closed
   */
  TablesRecovery(
      DataDirectory data, Database database, Device device, Room room, ShortageHandler blocked) {
    this.data = data;
    this.database = database;
    this.device = device;
    this.room = room;
    this.blocked = blocked;
  }

  /**
   * Tries it, at most each second. Nothing may be applied meanwhile.
   *
   * @throws TablesFailed if RocksDB cannot be opened any more
   * @throws StoreException.Damaged if something is found to be missing
   */
  void attempt() throws IOException, InterruptedException {
    if (System.nanoTime() - triedAt < PAUSE_NANOS) {
      return;
    }
    if (room.isThere()) {
      database.giveUpWaiting();
      try (Database.InUse seized = database.seize()) {
        if (seized != null) {
          recover();
        }
      }
    }
    triedAt = System.nanoTime();
  }

  private void recover() throws IOException {
    long applied = applied();
    for (int attempts = 0; !reopened(applied, attempts); attempts++) {
      // Another program may have been quicker. The reserve is given up for it, then it is waited.
    }
    LOG.log(Level.INFO, "RocksDB was opened again: there are quota and descriptors again");
  }

  private boolean reopened(long applied, int attempts) throws IOException {
    try {
      database.reopen();
      replay(applied);
      return true;
    } catch (RocksDBException e) {
      return again(e, TablesFailed.writing(e), attempts);
    } catch (TablesFailed e) {
      return again(e.failure(), e, attempts);
    } catch (IOException e) {
      return again(e, e, attempts);
    }
  }

  /** False: it is to be tried again. */
  private <E extends Exception> boolean again(Exception reason, E failed, int attempts) throws E {
    if (Shortage.is(reason) && blocked.goOn(reason, attempts)) {
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

  private long applied() {
    try (RocksView view = RocksView.latest(database)) {
      return Ledger.commitNumber(view);
    }
  }
}
