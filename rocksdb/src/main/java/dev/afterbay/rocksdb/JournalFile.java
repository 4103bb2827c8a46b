package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of the {@link Journal}, record by record, and finds the next good record behind a
 * bad one.
 *
 * <p>The format: records one behind the other, each {@code checksum of the header (4), length (4),
 * commit number (8), synced (8), checksum of the batch (4)}, big-endian, and a {@link Batch} of
 * that length. The checksums are CRC-32C; that of the header begins with the file's salt (8), which
 * is not in the file, and goes on with the rest of the header.
 *
 * <p>The salt is random, and part of the file's name: {@code 000012.4f1c0a9be2d37788.journal}. A
 * file that is written over gets a new one, so what it held before can never be taken for records
 * of its own; nor can a message whose bytes somebody made look like a record, or like many, each of
 * which would have to be read.
 */
final class JournalFile {

  /**
   * A batch in the journal.
   *
   * @param offset where its record begins in the file
   * @param number of the commit
   * @param synced the number of a commit up to which everything was synced when it was written
   */
  record Entry(long offset, long number, long synced, byte[] batch) {
    /** Where the next record begins. */
    long end() {
      return offset + HEADER_BYTES + batch.length;
    }
  }

  static final String SUFFIX = ".journal";
  static final int HEADER_BYTES = 28;

  private static final int NUMBER_DIGITS_MIN = 6;
  private static final int CHECKSUM_BYTES = 4;
  private static final int LENGTH_AT = 4;
  private static final int NUMBER_AT = 8;
  private static final int SYNCED_AT = 16;
  private static final int BATCH_CHECKSUM_AT = 24;
  private static final Pattern NAME = Pattern.compile("(\\d+)\\.([0-9a-f]{16})\\.journal");

  private final ByteBuffer bytes;
  private final byte[] salt;
  private final CRC32C crc = new CRC32C();
  private int at;

  private JournalFile(byte[] bytes, byte[] salt) {
    this.bytes = ByteBuffer.wrap(bytes);
    this.salt = salt;
  }

  static JournalFile read(Path path) throws IOException {
    return new JournalFile(Files.readAllBytes(path), saltOf(path));
  }

  /**
   * What the header of a record says.
   *
   * @param checksum of the batch
   */
  record Head(int length, long number, int checksum) {}

  /** Reads the header of a record of the file with that salt; null: it is none. */
  static @Nullable Head head(byte[] header, byte[] salt) {
    JournalFile file = new JournalFile(header, salt);
    return file.isHeader(0)
        ? new Head(
            file.bytes.getInt(LENGTH_AT),
            file.bytes.getLong(NUMBER_AT),
            file.bytes.getInt(BATCH_CHECKSUM_AT))
        : null;
  }

  /** The number of the first commit, if its header can be read; else -1. */
  static long firstNumber(Path path) throws IOException {
    try (InputStream in = Files.newInputStream(path)) {
      byte[] header = in.readNBytes(HEADER_BYTES);
      JournalFile file = new JournalFile(header, saltOf(path));
      return header.length == HEADER_BYTES && file.isHeader(0) ? file.bytes.getLong(NUMBER_AT) : -1;
    }
  }

  /**
   * Not by a format string: the first one costs a start half a megabyte of the tables of languages.
   */
  static String name(long number, long salt) {
    String digits = Long.toString(number);
    String zeros = "0".repeat(Math.max(0, NUMBER_DIGITS_MIN - digits.length()));
    return zeros + digits + "." + HexFormat.of().toHexDigits(salt) + SUFFIX;
  }

  static boolean isOne(Path path) {
    return NAME.matcher(path.getFileName().toString()).matches();
  }

  /** Files are numbered in the order in which they are written. */
  static long numberOf(Path path) {
    return Long.parseLong(parts(path).group(1));
  }

  static byte[] saltOf(Path path) {
    return HexFormat.of().parseHex(parts(path).group(2));
  }

  /** Fills in the header of a record. */
  static void putHeader(ByteBuffer header, byte[] salt, long number, long synced, byte[] batch) {
    header.putInt(LENGTH_AT, batch.length).putLong(NUMBER_AT, number).putLong(SYNCED_AT, synced);
    CRC32C crc = new CRC32C();
    crc.update(batch);
    header.putInt(BATCH_CHECKSUM_AT, (int) crc.getValue());
    crc.reset();
    crc.update(salt);
    crc.update(header.slice(CHECKSUM_BYTES, HEADER_BYTES - CHECKSUM_BYTES));
    header.putInt(0, (int) crc.getValue());
  }

  int size() {
    return bytes.limit();
  }

  /** Where the next record begins, or the bad one that {@link #next} stopped at. */
  int position() {
    return at;
  }

  /** The next record; null at the end of the file or at a bad one. */
  @Nullable Entry next() {
    int from = at + HEADER_BYTES;
    if (!fits(at) || !isHeader(at) || !isBatch(at)) {
      return null;
    }
    byte[] batch = Arrays.copyOfRange(bytes.array(), from, from + bytes.getInt(at + LENGTH_AT));
    Entry entry =
        new Entry(at, bytes.getLong(at + NUMBER_AT), bytes.getLong(at + SYNCED_AT), batch);
    at = from + batch.length;
    return entry;
  }

  /**
   * After {@link #next} stopped at a bad record: moves behind it, to the next whole one whose
   * number is at least {@code newer}, and returns that; null if there is none, and then stays.
   *
   * <p>A bad length hides where the next record begins, so every byte is tried.
   */
  @Nullable Entry resynchronize(long newer) {
    int bad = at;
    for (at = bad + 1; at <= size() - HEADER_BYTES; at++) {
      Entry entry = bytes.getLong(at + NUMBER_AT) >= newer ? next() : null;
      if (entry != null) {
        return entry;
      }
    }
    at = bad;
    return null;
  }

  private boolean fits(int position) {
    int room = size() - position - HEADER_BYTES;
    if (room < Batch.HEADER_BYTES) {
      return false;
    }
    int length = bytes.getInt(position + LENGTH_AT);
    return length >= Batch.HEADER_BYTES && length <= room;
  }

  private boolean isHeader(int position) {
    crc.reset();
    crc.update(salt);
    crc.update(bytes.array(), position + CHECKSUM_BYTES, HEADER_BYTES - CHECKSUM_BYTES);
    return (int) crc.getValue() == bytes.getInt(position);
  }

  private boolean isBatch(int position) {
    crc.reset();
    crc.update(bytes.array(), position + HEADER_BYTES, bytes.getInt(position + LENGTH_AT));
    return (int) crc.getValue() == bytes.getInt(position + BATCH_CHECKSUM_AT);
  }

  private static Matcher parts(Path path) {
    Matcher parts = NAME.matcher(path.getFileName().toString());
    if (!parts.matches()) {
      throw new IllegalArgumentException(path + " is no file of a journal");
    }
    return parts;
  }
}
