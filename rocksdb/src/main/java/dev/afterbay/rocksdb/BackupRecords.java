package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/** Reads the batches in the journal of a backup, each of which must be the next one. */
final class BackupRecords {

  private final BackupReader backup;
  private final byte[] head = new byte[BackupFormat.RECORD_HEAD_BYTES];

  /** What is left of the piece that was read last. */
  private ByteBuffer left = ByteBuffer.allocate(0);

  private long last;

  /**
   * @param inTables the number of the last commit that the tables of the backup have
   */
  BackupRecords(BackupReader backup, long inTables) {
    this.backup = backup;
    this.last = inTables;
  }

  /** The number of the last commit that was read, or that the tables have. */
  long last() {
    return last;
  }

  /** The next batch that the tables lack; null: there is none. */
  byte @Nullable [] next() throws IOException {
    while (read(head, true)) {
      ByteBuffer fields = ByteBuffer.wrap(head);
      long number = fields.getLong();
      int length = fields.getInt();
      if (length < Batch.HEADER_BYTES || length > BackupFormat.RECORD_BYTES_MAX) {
        throw backup.bad("a record of its journal has an impossible length, " + length);
      }
      byte[] batch = new byte[length];
      read(batch, false);
      CRC32C crc = new CRC32C();
      crc.update(batch);
      if ((int) crc.getValue() != fields.getInt()) {
        throw backup.bad("a record of its journal is damaged");
      }
      if (number > last + 1) {
        throw backup.bad("its commits " + (last + 1) + " to " + (number - 1) + " are missing");
      }
      if (number == last + 1) {
        last = number;
        return batch;
      }
    }
    return null;
  }

  /** False: the journal ends there. */
  private boolean read(byte[] bytes, boolean mayEnd) throws IOException {
    int at = 0;
    while (at < bytes.length) {
      if (!left.hasRemaining()) {
        int more = backup.more();
        if (more == 0 && mayEnd && at == 0) {
          return false;
        }
        if (more == 0) {
          throw backup.bad("its journal ends within a record");
        }
        left = ByteBuffer.wrap(backup.piece(), BackupReader.PIECE_AT, more);
      }
      int some = Math.min(left.remaining(), bytes.length - at);
      left.get(bytes, at, some);
      at += some;
    }
    return true;
  }
}
