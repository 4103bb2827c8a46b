package dev.afterbay.rocksdb;

import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** RocksDB could not read or write: the store stops. Never seen by users of the store. */
final class TablesFailed extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private final RocksDBException failure;

  TablesFailed(String doing, RocksDBException failure) {
    super(doing + " failed: " + failure.getMessage(), failure);
    this.failure = failure;
  }

  RocksDBException failure() {
    return failure;
  }

  static boolean isNoSpace(@Nullable Status status) {
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }

  static boolean isInputOutput(@Nullable Status status) {
    return status != null && status.getCode() == Status.Code.IOError;
  }
}
