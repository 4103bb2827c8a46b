package dev.afterbay.rocksdb;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** RocksDB could not read or write: the store stops. Never seen by users of the store. */
final class TablesFailed extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final RocksDBException failure;

  private TablesFailed(String message, RocksDBException failure) {
    super(message, failure);
    this.failure = failure;
  }

  static TablesFailed reading(Database database, RocksDBException failure) {
    String told = DamagedFile.told(database.path(), failure);
    String advice = isCorruption(failure.getStatus()) ? ": run `afterbay verify` to see all" : "";
    return new TablesFailed("a table cannot be read: " + told + advice, failure);
  }

  static TablesFailed closed() {
    String told = "RocksDB is not open, as it could not be opened again";
    return new TablesFailed(told, new RocksDBException(told));
  }

  static TablesFailed writing(RocksDBException failure) {
    return new TablesFailed("the tables cannot be written: " + Reason.of(failure), failure);
  }

  RocksDBException failure() {
    return failure;
  }

  static boolean isCorruption(@Nullable Status status) {
    return status != null && status.getCode() == Status.Code.Corruption;
  }

  static boolean isInputOutput(@Nullable Status status) {
    return status != null && status.getCode() == Status.Code.IOError;
  }
}
