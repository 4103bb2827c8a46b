package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.file.Path;
import org.rocksdb.RocksDBException;

/** Sees a flush or a compaction that failed in the background: then nothing is taken any more. */
final class BackgroundErrors {

  private final Database database;
  private final Applier applier;
  private final DiskSpace room;
  private final StoreFailure failure;
  private long seen;
  private volatile boolean flushFailed;

  BackgroundErrors(Database database, Applier applier, DiskSpace room, StoreFailure failure) {
    this.database = database;
    this.applier = applier;
    this.room = room;
    this.failure = failure;
  }

  /** Whether the tables take nothing for now, as there is no room. */
  boolean areTablesBlocked() {
    return flushFailed || applier.isBlocked();
  }

  /** Looks for new ones, and stops the store if RocksDB does not go on by itself. */
  void look() throws IOException {
    try {
      long errors = database.backgroundErrors();
      if (errors > seen || flushFailed) {
        seen = errors;
        applier.probe();
      }
      flushFailed = false;
    } catch (RocksDBException e) {
      if (Shortage.ofTables(e)) {
        // RocksDB goes on by itself when there is room.
        boolean first = !flushFailed;
        flushFailed = true; // before sends are refused, or the reserve could be made again
        if (first) {
          room.exhausted();
        }
      } else {
        Path folder = Path.of(database.rocks().getName());
        String told = DamagedFile.told(folder, e) + TablesFailed.advice(e);
        failure.set("a flush of RocksDB failed: " + told, e);
      }
    }
  }
}
