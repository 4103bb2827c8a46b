package dev.afterbay.rocksdb;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a backup: docs/storage.md, A backup.
 *
 * <p>A header, then blocks, each with a checksum that begins with the random id of the backup and
 * the number of the block. So a block of another backup, or one at another place, is as wrong as
 * one with a flipped bit, and is found when it is read and not at the end. Numbers are big-endian.
 */
final class BackupFormat {

  /** Raised with every change of the bytes around the files. */
  static final int VERSION = 1;

  static final byte[] MAGIC = "AFTERBAK".getBytes(StandardCharsets.US_ASCII);
  static final int ID_BYTES = 16;

  /** Magic, version, format of the store, id, checksum. */
  static final int HEADER_BYTES = 8 + 4 + 4 + ID_BYTES + 4;

  /** Kind and length. */
  static final int BLOCK_HEAD_BYTES = 1 + 4;

  static final int CHECKSUM_BYTES = 4;

  /** What one block carries at most; who reads holds no more than that. */
  static final int PIECE_BYTES = 64 << 10;

  static final byte FILE = 1;
  static final byte PIECE = 2;
  static final byte FILE_END = 3;
  static final byte END = 4;

  /** Instead of the end: the backup was given up, and why. */
  static final byte GIVEN_UP = 5;

  static final int DIGEST_BYTES = 32;

  /** Commit number, number of files, digest. */
  static final int END_BYTES = 8 + 4 + DIGEST_BYTES;

  /** The batches that the tables lack, as records. */
  static final String JOURNAL = "journal";

  /** Of a record: commit number, length, CRC-32C of the batch. */
  static final int RECORD_HEAD_BYTES = 8 + 4 + 4;

  /** Of one batch: more than any commits come to, whose texts take three bytes a character. */
  static final int RECORD_BYTES_MAX = 1 << 30;

  static final String CURRENT = "db/CURRENT";

  private static final Pattern MANIFEST = Pattern.compile("db/MANIFEST-\\d{6,19}");
  private static final Pattern TABLE = Pattern.compile("db/(\\d{6,19})\\.sst");

  private BackupFormat() {}

  static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Of a block, whose bytes begin with its kind. */
  static int checksum(byte[] id, long number, byte[] bytes, int length) {
    CRC32C crc = new CRC32C();
    crc.update(id);
    crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, number));
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }

  /** Of the first bytes of a header. */
  static int checksum(byte[] header) {
    CRC32C crc = new CRC32C();
    crc.update(header, 0, HEADER_BYTES - CHECKSUM_BYTES);
    return (int) crc.getValue();
  }

  /**
   * Whether a file may come after another one. There is one order, so none can be there twice, and
   * no name leads out of the folder that it is for.
   *
   * @param before null: it is the first
   */
  static boolean follows(String name, @Nullable String before) {
    if (before == null) {
      return name.equals(CURRENT);
    }
    if (before.equals(CURRENT)) {
      return MANIFEST.matcher(name).matches();
    }
    if (before.equals(JOURNAL)) {
      return false;
    }
    return name.equals(JOURNAL) || tableNumber(name) > tableNumber(before);
  }

  /** Of a file of tables; -1: it is none. */
  private static long tableNumber(String name) {
    Matcher table = TABLE.matcher(name);
    try {
      return table.matches() ? Long.parseLong(table.group(1)) : -1;
    } catch (NumberFormatException _) {
      return -1;
    }
  }
}
