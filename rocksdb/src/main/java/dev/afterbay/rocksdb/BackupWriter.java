package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;

/** Writes the bytes of a backup ({@link BackupFormat}), a block at a time. */
final class BackupWriter {

  private static final int REASON_BYTES_MAX = 1 << 10;

  private final OutputStream out;
  private final byte[] id = new byte[BackupFormat.ID_BYTES];
  private final MessageDigest digest = BackupFormat.digest();
  private final byte[] block =
      new byte
          [BackupFormat.BLOCK_HEAD_BYTES + BackupFormat.PIECE_BYTES + BackupFormat.CHECKSUM_BYTES];

  /** Of the piece that fills, behind the room for its head. */
  private int filled;

  private long blocks;
  private long position;
  private int files;
  private long fileBytes;

  /** Whoever takes the bytes does so no more. */
  private boolean broken;

  BackupWriter(OutputStream out) {
    this.out = out;
    new SecureRandom().nextBytes(id);
  }

  /**
   * Begins with the header.
   *
   * @param storeFormat of the data directory
   */
  void begin(int storeFormat) throws IOException {
    byte[] header = new byte[BackupFormat.HEADER_BYTES];
    ByteBuffer bytes = ByteBuffer.wrap(header);
    bytes.put(BackupFormat.MAGIC).putInt(BackupFormat.VERSION).putInt(storeFormat).put(id);
    bytes.putInt(BackupFormat.checksum(header));
    write(header, header.length);
  }

  /** Bytes that were written so far. */
  long position() {
    return position;
  }

  /** Begins a file; the one before has ended. */
  void begin(String name) throws IOException {
    files++;
    fileBytes = 0;
    block(BackupFormat.FILE, name.getBytes(StandardCharsets.US_ASCII));
  }

  /** More of the file. */
  void write(byte[] bytes, int from, int length) throws IOException {
    int at = from;
    int end = from + length;
    while (at < end) {
      int some = Math.min(end - at, BackupFormat.PIECE_BYTES - filled);
      System.arraycopy(bytes, at, block, BackupFormat.BLOCK_HEAD_BYTES + filled, some);
      filled += some;
      at += some;
      if (filled == BackupFormat.PIECE_BYTES) {
        flush();
      }
    }
  }

  /** Begins a record of the journal; its batch follows. */
  void beginRecord(long number, int length, int checksum) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(BackupFormat.RECORD_HEAD_BYTES);
    head.putLong(number).putInt(length).putInt(checksum);
    write(head.array(), 0, BackupFormat.RECORD_HEAD_BYTES);
  }

  /** Ends the file. */
  void endFile() throws IOException {
    if (filled > 0) {
      flush();
    }
    block(BackupFormat.FILE_END, ByteBuffer.allocate(Long.BYTES).putLong(fileBytes).array());
  }

  /**
   * Ends the backup.
   *
   * @param commit the number of the last commit that it has
   */
  void end(long commit) throws IOException {
    byte[] whole = digest.digest();
    ByteBuffer end = ByteBuffer.allocate(BackupFormat.END_BYTES);
    block(BackupFormat.END, end.putLong(commit).putInt(files).put(whole).array());
    out.flush();
  }

  /** Ends what is no whole backup, and says why not to whoever reads it. */
  void giveUp(String reason) throws IOException {
    if (broken) {
      return;
    }
    filled = 0;
    byte[] text = reason.getBytes(StandardCharsets.UTF_8);
    block(BackupFormat.GIVEN_UP, text, Math.min(text.length, REASON_BYTES_MAX));
    out.flush();
  }

  private void flush() throws IOException {
    int length = filled;
    filled = 0;
    fileBytes += length;
    seal(BackupFormat.PIECE, length);
  }

  private void block(byte kind, byte[] content) throws IOException {
    block(kind, content, content.length);
  }

  private void block(byte kind, byte[] content, int length) throws IOException {
    assert filled == 0 : filled;
    System.arraycopy(content, 0, block, BackupFormat.BLOCK_HEAD_BYTES, length);
    seal(kind, length);
  }

  /** Writes the block whose content stands behind the room for its head. */
  private void seal(byte kind, int length) throws IOException {
    int end = BackupFormat.BLOCK_HEAD_BYTES + length;
    ByteBuffer.wrap(block).put(0, kind).putInt(1, length);
    int checksum = BackupFormat.checksum(id, blocks, block, end);
    ByteBuffer.wrap(block).putInt(end, checksum);
    blocks++;
    write(block, end + BackupFormat.CHECKSUM_BYTES);
  }

  private void write(byte[] bytes, int length) throws IOException {
    digest.update(bytes, 0, length);
    broken = true;
    out.write(bytes, 0, length);
    broken = false;
    position += length;
  }
}
