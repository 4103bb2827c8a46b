package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/**
 * Looks through a manifest, which says which files of tables belong together. RocksDB reads it only
 * when it opens a database, so that nobody would know of damage until a backup is needed.
 *
 * <p>A manifest is blocks of 32 KiB of records: a checksum of four bytes, a length of two, a type,
 * and as many bytes as the length says. What is too short for that at the end of a block is zeros.
 * (RocksDB's wiki, "Write Ahead Log File Format", which is that of manifests, too.)
 */
final class ManifestCheck {

  private static final int BLOCK_BYTES = 32 << 10;
  private static final int HEADER_BYTES = 7;

  /** Checksums are kept so changed, as a checksum of what holds its checksum says little. */
  private static final int MASK = 0xa282ead8;

  private ManifestCheck() {}

  /**
   * @param name what it is called, for messages
   * @param bytes how much of the file was written; what is behind that does not count
   * @throws StoreException.Damaged if it is not as it was written
   */
  static void check(Path manifest, Path name, long bytes) throws IOException {
    byte[] block = new byte[BLOCK_BYTES];
    try (InputStream in = Files.newInputStream(manifest)) {
      for (long at = 0; at < bytes; at += BLOCK_BYTES) {
        int length = (int) Math.min(BLOCK_BYTES, bytes - at);
        if (in.readNBytes(block, 0, length) < length) {
          throw damaged(name, at, "it is shorter than it was");
        }
        check(name, at, ByteBuffer.wrap(block, 0, length));
      }
    }
  }

  private static void check(Path name, long blockAt, ByteBuffer block) {
    block.order(ByteOrder.LITTLE_ENDIAN);
    while (block.remaining() >= HEADER_BYTES) {
      long at = blockAt + block.position();
      int checksum = block.getInt();
      int length = Short.toUnsignedInt(block.getShort());
      int checked = 1 + length;
      if (checked > block.remaining() || checksum != checksum(block, checked)) {
        throw damaged(name, at, "which files hold the jobs");
      }
      block.position(block.position() + checked);
    }
  }

  private static int checksum(ByteBuffer block, int length) {
    CRC32C crc = new CRC32C();
    crc.update(block.slice(block.position(), length));
    return Integer.rotateRight((int) crc.getValue(), 15) + MASK;
  }

  private static StoreException damaged(Path name, long offset, String lost) {
    return new StoreException.Damaged(new Damage(name, offset, lost), null);
  }
}
