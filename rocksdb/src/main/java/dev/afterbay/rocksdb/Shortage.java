package dev.afterbay.rocksdb;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * Tells whether something failed because the machine has no more of what it needs: bytes, inodes,
 * quota (ENOSPC, EDQUOT) or descriptors of files (EMFILE, ENFILE). Such a call has done nothing,
 * and the same call works when there is room again.
 *
 * <p>Java has no number of the error, and RocksDB one for ENOSPC alone, so the texts tell.
 */
final class Shortage {

  private static final Pattern TEXT =
      Pattern.compile(
          "No space left on device|Disk quota exceeded|Disc quota exceeded|Too many open files"
              + "|not enough space on the disk");

  private static final String STALL = "Write stall";

  private Shortage() {}

  static boolean is(@Nullable Throwable thrown) {
    for (Throwable at = thrown; at != null; at = at.getCause()) {
      if (at instanceof RocksDBException e && is(e.getStatus())) {
        return true;
      }
      String message = at.getMessage();
      if (message != null && TEXT.matcher(message).find()) {
        return true;
      }
    }
    return false;
  }

  /**
   * Whether RocksDB takes nothing until it is opened again. It goes on by itself after ENOSPC
   * alone: any other error of a flush, a compaction or its manifest is final for it.
   */
  static boolean isFinal(RocksDBException thrown) {
    return !is(thrown.getStatus());
  }

  /** Whether RocksDB did nothing as its buffers are full, and takes it once they are flushed. */
  static boolean ofBuffers(RocksDBException thrown) {
    Status status = thrown.getStatus();
    if (status == null) {
      return false;
    }
    return switch (status.getCode()) {
      case TryAgain -> true; // of a flush
      case Incomplete -> STALL.equals(status.getState()); // else it will not go on by itself
      default -> false;
    };
  }

  private static boolean is(@Nullable Status status) {
    return status != null && status.getSubCode() == Status.SubCode.NoSpace;
  }
}
