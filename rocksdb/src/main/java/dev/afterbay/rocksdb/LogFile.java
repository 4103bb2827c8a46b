package dev.afterbay.rocksdb;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Reads one file of RocksDB's write-ahead log, record by record, and finds the next good record
 * behind a bad one.
 *
 * <p>The format (rocksdb/db/log_format.h): blocks of 32 KiB; in a block, pieces of {@code crc32c
 * (4), length (2), type (1), bytes}, little-endian; a piece never crosses a block, and what is too
 * short for one at the end of a block is zeros. The checksum covers type and bytes, and is masked.
 * A record is one FULL piece, or FIRST, any MIDDLE, LAST. A record is a write batch: {@code
 * sequence (8), count (4)}, then the operations.
 *
 * <p>A file may have been another one before, whose bytes go on behind the last record. So that
 * they are not taken for records, there are types for such files in which the file's number (4)
 * stands between type and bytes, and is covered by the checksum.
 *
 * <p>RocksDB's own reader cannot be asked: it is not in the Java API, and in its default mode it
 * takes a bad record in the middle for the end of the log (storage.md, section 2).
 */
final class LogFile implements AutoCloseable {

  /** A write batch in the log. */
  record Entry(long offset, long sequence, int count, byte[] bytes) {
    /** The sequence number of the batch that follows it. */
    long next() {
      return sequence + count;
    }

    /** The number of a change up to which everything was synced when the batch was made. */
    long synced() {
      return Batch.syncedOf(bytes);
    }
  }

  static final int BLOCK_BYTES = 32 << 10;
  static final int HEADER_BYTES = 7;
  private static final int NUMBER_BYTES = 4;
  static final int BATCH_HEADER_BYTES = 12;

  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4; // and 3 is MIDDLE

  /** FULL to LAST once more, with the number of the file. */
  private static final int NUMBERED = 5;

  /** Types from here on carry no batches; RocksDB 11 has a few for options that we do not use. */
  private static final int OTHER = 9;

  private static final int NUMBERED_TIMESTAMP_SIZE = 11;
  private static final int NUMBERED_PREDECESSOR = 131;

  private static final int MASK_DELTA = 0xa282ead8;

  private final FileChannel channel;
  private final int number;
  private final long size;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer block =
      ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final ByteArrayOutputStream record = new ByteArrayOutputStream();
  private long blockAt = -1;
  private long at;
  private long recordAt;
  private boolean endsHere;

  /** Whether a piece had the number of the file; then all have. */
  private boolean numbered;

  LogFile(Path path) throws IOException {
    channel = FileChannel.open(path);
    number = (int) numberOf(path);
    size = channel.size();
  }

  /** The number in the name of a file, of which RocksDB gives each only once. */
  static long numberOf(Path path) {
    return Long.parseLong(path.getFileName().toString().replaceAll("\\D", ""));
  }

  long size() {
    return size;
  }

  /** Where the next record begins, or the bad one that {@link #next} stopped at. */
  long position() {
    return at;
  }

  /**
   * After {@link #next} stopped at a bad record: whether it looks as if nothing was written there,
   * or the process was killed while it wrote. So the file just ends within it, or goes on with a
   * record of the file that it was before.
   */
  boolean endsHere() {
    return endsHere;
  }

  /**
   * The next batch, or null at the end of the file or at a bad record: then {@link #position} is
   * before the size.
   */
  @Nullable Entry next() throws IOException {
    byte[] bytes = nextRecord();
    if (bytes == null) {
      return null;
    }
    if (bytes.length < BATCH_HEADER_BYTES) {
      at = recordAt;
      return null;
    }
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new Entry(recordAt, header.getLong(0), header.getInt(8), bytes);
  }

  /** As {@link #next}, of a file whose records need not be batches. */
  byte @Nullable [] nextRecord() throws IOException {
    at = skipTrailer(at);
    recordAt = at;
    record.reset();
    boolean inside = false;
    long cursor = at;
    while (true) {
      Piece piece = pieceAt(cursor);
      if (piece == null) {
        return null;
      }
      cursor = skipTrailer(piece.end);
      boolean starts = piece.type == FULL || piece.type == FIRST;
      if (piece.type >= OTHER && !inside) {
        at = cursor;
        recordAt = cursor;
        continue;
      }
      if (starts == inside || piece.type > LAST) {
        return null;
      }
      inside = true;
      record.write(block.array(), piece.from, piece.length);
      if (piece.type == FULL || piece.type == LAST) {
        at = cursor;
        return record.toByteArray();
      }
    }
  }

  /**
   * After {@link #next} stopped at a bad record: moves behind it, to the next whole batch whose
   * sequence is at least {@code newer}, and returns that; null if there is none.
   *
   * <p>A bad length hides where the next piece begins, so every byte is tried; the checksum and the
   * sequence keep bytes of a body from being taken for a record.
   */
  @Nullable Entry resynchronize(long newer) throws IOException {
    for (long candidate = at + 1; candidate + HEADER_BYTES <= size; candidate++) {
      if (mayBegin(candidate)) {
        at = candidate;
        Entry entry = next();
        if (entry != null && entry.sequence >= newer) {
          return entry;
        }
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  /** A piece has no room at the end of a block; or it would have, but not with a number. */
  private long skipTrailer(long position) throws IOException {
    long left = BLOCK_BYTES - position % BLOCK_BYTES;
    if (left < HEADER_BYTES) {
      return position + left;
    }
    if (left >= HEADER_BYTES + NUMBER_BYTES) {
      return position;
    }
    read(position + left - BLOCK_BYTES);
    for (int i = BLOCK_BYTES - (int) left; i < block.limit(); i++) {
      if (block.get(i) != 0) {
        return position;
      }
    }
    return position + left;
  }

  /** Whether a record may begin there; the checksum would be too much work for every byte. */
  private boolean mayBegin(long position) throws IOException {
    read(position - position % BLOCK_BYTES);
    int header = (int) (position - blockAt);
    if (header + HEADER_BYTES + NUMBER_BYTES > block.limit()) {
      return false;
    }
    int type = block.get(header + 6);
    boolean numberedStart = type == NUMBERED || type == NUMBERED + FIRST - FULL;
    return numberedStart
        ? block.getInt(header + HEADER_BYTES) == number
        : !numbered && (type == FULL || type == FIRST);
  }

  /**
   * @param from where its bytes begin in the block
   * @param end where the next one begins
   */
  private record Piece(int type, int from, int length, long end) {}

  /** The piece whose header is at the position; null if it is not whole and right. */
  private @Nullable Piece pieceAt(long position) throws IOException {
    read(position - position % BLOCK_BYTES);
    int header = (int) (position - blockAt);
    endsHere = header + HEADER_BYTES > block.limit();
    if (endsHere) {
      return null;
    }
    int length = block.getShort(header + 4) & 0xffff;
    int type = block.get(header + 6) & 0xff;
    boolean hasNumber = hasNumber(type);
    int from = header + HEADER_BYTES + (hasNumber ? NUMBER_BYTES : 0);
    boolean fits = from + length <= block.limit();
    endsHere = !fits && type != 0 && block.limit() < BLOCK_BYTES;
    if (type == 0 || !fits || (numbered && !hasNumber)) {
      return null;
    }
    crc.reset();
    crc.update(block.array(), header + 6, from + length - header - 6);
    boolean right = mask((int) crc.getValue()) == block.getInt(header);
    boolean own = !hasNumber || block.getInt(header + HEADER_BYTES) == number;
    endsHere = right && !own;
    if (!right || !own) {
      return null;
    }
    numbered |= hasNumber;
    boolean plain = type < NUMBERED || type >= OTHER;
    return new Piece(plain ? type : type - NUMBERED + FULL, from, length, blockAt + from + length);
  }

  private static boolean hasNumber(int type) {
    return (type >= NUMBERED && type < OTHER)
        || type == NUMBERED_TIMESTAMP_SIZE
        || type == NUMBERED_PREDECESSOR;
  }

  private void read(long wanted) throws IOException {
    if (wanted == blockAt) {
      return;
    }
    block.clear();
    int read = 0;
    while (block.hasRemaining() && read >= 0) {
      read = channel.read(block, wanted + block.position());
    }
    block.flip();
    blockAt = wanted;
  }

  /** As RocksDB does, so that a checksum of bytes that hold checksums is no trivial one. */
  static int mask(int crc) {
    return (crc >>> 15 | crc << 17) + MASK_DELTA;
  }
}
