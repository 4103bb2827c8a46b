package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Tables.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WriteBatchWithIndex;

/**
 * What the tables do not take while the disk is full, to be read together with them: receiving and
 * settling then go on from the journal alone. For one thread.
 */
final class Overlay implements AutoCloseable {

  private final Database database;
  private final WriteBatchWithIndex changes = new WriteBatchWithIndex(true);
  private byte @Nullable [] last;

  Overlay(Database database) {
    this.database = database;
  }

  /**
   * Adds those that it does not have yet.
   *
   * @param waiting all that the tables do not have, in their order; if what came last is not there
   *     any more, the tables have all that came before
   */
  void add(List<byte[]> waiting) throws RocksDBException {
    int known = last == null ? -1 : waiting.lastIndexOf(last);
    if (known < 0) {
      changes.clear();
    }
    for (byte[] batch : waiting.subList(known + 1, waiting.size())) {
      List<Batch.Change> all = new ArrayList<>(Batch.count(batch));
      Batch.each(batch, all::add);
      for (Batch.Change change : all) {
        if (change.isPut()) {
          changes.put(database.handle(change.family()), change.key(), change.value());
        } else {
          changes.delete(database.handle(change.family()), change.key());
        }
      }
      last = batch;
    }
  }

  byte @Nullable [] get(Table table, ReadOptions options, byte[] key) throws RocksDBException {
    return changes.getFromBatchAndDB(database.rocks(), database.handle(table), options, key);
  }

  /** Over both; it has no bounds. */
  RocksIterator over(Table table, RocksIterator entries) {
    return changes.newIteratorWithBase(database.handle(table), entries);
  }

  @Override
  public void close() {
    changes.close();
  }
}
