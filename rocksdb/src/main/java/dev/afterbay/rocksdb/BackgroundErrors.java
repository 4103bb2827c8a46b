package dev.afterbay.rocksdb;

import org.rocksdb.RocksDBException;

/** Sees a flush or a compaction that failed in the background: then nothing is taken any more. */
final class BackgroundErrors {

  private final Database database;
  private final Applier applier;
  private final StoreFailure failure;
  private long seen;

  BackgroundErrors(Database database, Applier applier, StoreFailure failure) {
    this.database = database;
    this.applier = applier;
    this.failure = failure;
  }

  /** Looks for new ones, and stops the store if what failed was not for a lack of room. */
  void look() {
    try {
      long errors = database.backgroundErrors();
      if (errors != seen) {
        seen = errors;
        applier.look();
      }
    } catch (RocksDBException e) {
      failure.set("a flush of RocksDB failed: " + DamagedFile.told(database.path(), e), e);
    }
  }
}
