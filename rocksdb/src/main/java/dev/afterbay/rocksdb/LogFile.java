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
 * (4), length (2), type (1), bytes}, little-endian; a piece never crosses a block, and fewer than 7
 * bytes at the end of a block are not used. The checksum covers type and bytes, and is masked. A
 * record is one FULL piece, or FIRST, any MIDDLE, LAST. A record is a write batch: {@code sequence
 * (8), count (4)}, then the operations.
 *
 * <p>RocksDB's own reader cannot be asked: it is not in the Java API, and in its default mode it
 * takes a bad record in the middle for the end of the log (storage.md, section 2).
 */
final class LogFile implements AutoCloseable {

  /** A write batch in the log. */
  record Batch(long offset, long end, long sequence, int count, byte[] bytes) {
    /** The sequence number of the batch that follows it. */
    long next() {
      return sequence + count;
    }
  }

  static final int BLOCK_BYTES = 32 << 10;
  static final int HEADER_BYTES = 7;
  static final int BATCH_HEADER_BYTES = 12;

  private static final int FULL = 1;
  private static final int FIRST = 2;
  private static final int LAST = 4; // and 3 is MIDDLE

  /** Types from here on carry no batches; RocksDB 11 has a few for options that we do not use. */
  private static final int OTHER = 9;

  private static final int MASK_DELTA = 0xa282ead8;

  private final FileChannel channel;
  private final long size;
  private final CRC32C crc = new CRC32C();
  private final ByteBuffer block =
      ByteBuffer.allocate(BLOCK_BYTES).order(ByteOrder.LITTLE_ENDIAN).limit(0);
  private final ByteArrayOutputStream record = new ByteArrayOutputStream();
  private long blockAt = -1;
  private long at;
  private boolean cutOff;

  LogFile(Path path) throws IOException {
    channel = FileChannel.open(path);
    size = channel.size();
  }

  long size() {
    return size;
  }

  /** Where the next record begins, or the bad one that {@link #next} stopped at. */
  long position() {
    return at;
  }

  /**
   * After {@link #next} stopped at a bad record: whether the file just ends within it, as it does
   * when the process was killed while it wrote.
   */
  boolean isCutOff() {
    return cutOff;
  }

  /**
   * The next batch, or null at the end of the file or at a bad record: then {@link #position} is
   * before the size.
   */
  @Nullable Batch next() throws IOException {
    long begin = skipTrailer(at);
    at = begin;
    record.reset();
    boolean inside = false;
    long cursor = begin;
    while (true) {
      Piece piece = pieceAt(cursor);
      if (piece == null) {
        return null;
      }
      cursor = skipTrailer(piece.end());
      boolean starts = piece.type == FULL || piece.type == FIRST;
      if (piece.type >= OTHER && !inside) {
        begin = cursor;
        at = begin;
        continue;
      }
      if (starts == inside || piece.type > LAST) {
        return null;
      }
      inside = true;
      record.write(block.array(), piece.from, piece.length);
      if (piece.type == FULL || piece.type == LAST) {
        return batch(begin, cursor);
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
  @Nullable Batch resynchronize(long newer) throws IOException {
    for (long candidate = at + 1; candidate + HEADER_BYTES <= size; candidate++) {
      Piece piece = pieceAt(candidate);
      if (piece != null && (piece.type == FULL || piece.type == FIRST)) {
        at = candidate;
        Batch batch = next();
        if (batch != null && batch.sequence >= newer) {
          return batch;
        }
      }
    }
    return null;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private @Nullable Batch batch(long begin, long end) {
    if (record.size() < BATCH_HEADER_BYTES) {
      return null;
    }
    at = end;
    byte[] bytes = record.toByteArray();
    ByteBuffer header = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    return new Batch(begin, end, header.getLong(0), header.getInt(8), bytes);
  }

  private static long skipTrailer(long position) {
    long left = BLOCK_BYTES - position % BLOCK_BYTES;
    return left < HEADER_BYTES ? position + left : position;
  }

  /**
   * @param from where its bytes begin in the block
   */
  private record Piece(int type, long offset, int from, int length) {
    long end() {
      return offset + HEADER_BYTES + length;
    }
  }

  /** The piece whose header is at the position; null if it is not whole and right. */
  private @Nullable Piece pieceAt(long position) throws IOException {
    read(position - position % BLOCK_BYTES);
    int header = (int) (position - blockAt);
    cutOff = header + HEADER_BYTES > block.limit();
    if (cutOff) {
      return null;
    }
    int length = block.getShort(header + 4) & 0xffff;
    int type = block.get(header + 6) & 0xff;
    boolean fits = header + HEADER_BYTES + length <= block.limit();
    cutOff = !fits && type != 0 && block.limit() < BLOCK_BYTES;
    if (type == 0 || !fits) {
      return null;
    }
    crc.reset();
    crc.update(block.array(), header + 6, 1 + length);
    boolean right = mask((int) crc.getValue()) == block.getInt(header);
    return right ? new Piece(type, position, header + HEADER_BYTES, length) : null;
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
