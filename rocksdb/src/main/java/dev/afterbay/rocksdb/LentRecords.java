package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * Copies records of the journal into a backup while others are written behind them, and looks at
 * each. As they are open, it is no matter whether the files are still there.
 */
final class LentRecords {

  private final BackupWriter to;
  private final ByteBuffer header = ByteBuffer.allocate(JournalFile.HEADER_BYTES);
  private final ByteBuffer piece = ByteBuffer.allocate(BackupFormat.PIECE_BYTES);
  private final CRC32C crc = new CRC32C();
  private long last;

  private LentRecords(BackupWriter to, long inTables) {
    this.to = to;
    this.last = inTables;
  }

  /**
   * @param inTables the number of a commit up to which the tables have everything
   * @param commit of the last record
   * @throws StoreException.Damaged if one between them is not there, or is not as it was written
   */
  static void copy(List<LentFile> files, long inTables, long commit, BackupWriter to)
      throws IOException {
    LentRecords records = new LentRecords(to, inTables);
    for (LentFile file : files) {
      records.copy(file);
    }
    if (records.last != commit) {
      Path path = files.getLast().path();
      throw damaged(path, files.getLast().end(), "it ends before commit " + commit);
    }
  }

  private void copy(LentFile file) throws IOException {
    byte[] salt = JournalFile.saltOf(file.path());
    long at = 0;
    while (at < file.end()) {
      read(file, header.clear(), at);
      JournalFile.Head head = JournalFile.head(header.array(), salt);
      long from = at + JournalFile.HEADER_BYTES;
      if (head == null || from + head.length() > file.end()) {
        throw damaged(file.path(), at, "a record cannot be read");
      }
      if (head.number() > last) {
        if (head.number() > last + 1) {
          throw damaged(file.path(), at, "commits before " + head.number() + " are missing");
        }
        to.beginRecord(head.number(), head.length(), head.checksum());
        copy(file, from, head);
        last = head.number();
      }
      at = from + head.length();
    }
  }

  private void copy(LentFile file, long from, JournalFile.Head head) throws IOException {
    crc.reset();
    int left = head.length();
    while (left > 0) {
      piece.clear().limit(Math.min(left, piece.capacity()));
      read(file, piece, from + head.length() - left);
      crc.update(piece.array(), 0, piece.limit());
      to.write(piece.array(), 0, piece.limit());
      left -= piece.limit();
    }
    if ((int) crc.getValue() != head.checksum()) {
      throw damaged(file.path(), from, "a batch is not as it was written");
    }
  }

  private static void read(LentFile file, ByteBuffer into, long at) throws IOException {
    while (into.hasRemaining()) {
      if (file.channel().read(into, at + into.position()) < 0) {
        throw damaged(file.path(), at, "it is shorter than it was");
      }
    }
  }

  private static StoreException damaged(Path file, long offset, String lost) {
    return new StoreException.Damaged(new Damage(file, offset, lost), null);
  }
}
