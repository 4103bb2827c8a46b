package dev.afterbay.rocksdb;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * Changes that gather, in RocksDB's own format of a batch, so that JNI is entered once for all of
 * them.
 *
 * <p>The format (rocksdb/db/write_batch.cc): {@code sequence (8), count (4)}, little-endian, then
 * for each change {@code type (1), column family, key, value}. A number is a varint, and stands
 * before the bytes of a key and a value. RocksDB fills in the sequence.
 *
 * <p>Rejected: RocksDB's WriteBatch, whose puts were 1 us each, a fifth of a lifecycle.
 */
final class Batch {

  static final int HEADER_BYTES = 12;

  private static final int COUNT_AT = Long.BYTES;

  private static final byte DELETION = 4;
  private static final byte VALUE = 5;
  private static final byte SINGLE_DELETION = 8;

  private static final int START_BYTES = 64 << 10;

  /** From here on, the room is given back after the batch, which was an unusual one. */
  private static final int KEPT_BYTES = 1 << 20;

  /** A type and three numbers. */
  private static final int NUMBERS_BYTES_MAX = 1 + 3 * 5;

  /** One put or deletion in a batch. Two are equal if they are of the same row of a table. */
  static final class Change implements Comparable<Change> {
    private final byte[] batch;
    private final int start;
    private final int keyEnd;
    private final int end;
    private final int hash;

    private Change(byte[] batch, int start, int keyEnd, int end, int hash) {
      this.batch = batch;
      this.start = start;
      this.keyEnd = keyEnd;
      this.end = end;
      this.hash = hash;
    }

    /** Of a row that was put once since it was deleted. */
    boolean isSingleDeletion() {
      return batch[start] == SINGLE_DELETION;
    }

    boolean isPut() {
      return batch[start] == VALUE;
    }

    int family() {
      return number(ByteBuffer.wrap(batch).position(start + 1));
    }

    byte[] key() {
      ByteBuffer in = ByteBuffer.wrap(batch).position(start + 1);
      number(in);
      number(in);
      return Arrays.copyOfRange(batch, in.position(), keyEnd);
    }

    /** Of a put. */
    byte[] value() {
      ByteBuffer in = ByteBuffer.wrap(batch).position(keyEnd);
      number(in);
      return Arrays.copyOfRange(batch, in.position(), end);
    }

    /** The column family and the key stand side by side. */
    @Override
    public boolean equals(Object other) {
      return other instanceof Change same
          && hash == same.hash
          && Arrays.equals(batch, start + 1, keyEnd, same.batch, same.start + 1, same.keyEnd);
    }

    @Override
    public int hashCode() {
      return hash;
    }

    /** For maps, in which keys that somebody chose to have one hash must not be a long list. */
    @Override
    public int compareTo(Change that) {
      return Arrays.compare(batch, start + 1, keyEnd, that.batch, that.start + 1, that.keyEnd);
    }
  }

  private byte[] bytes = new byte[START_BYTES];
  private int size = HEADER_BYTES;
  private int count;

  void put(int family, byte[] key, byte[] value) {
    begin(VALUE, family, key, value.length);
    bytes(value);
  }

  void delete(int family, byte[] key) {
    begin(DELETION, family, key, 0);
  }

  /** Of a key that was put once since it was deleted. */
  void singleDelete(int family, byte[] key) {
    begin(SINGLE_DELETION, family, key, 0);
  }

  int size() {
    return size;
  }

  boolean isEmpty() {
    return count == 0;
  }

  /** The whole batch; the next one begins empty. */
  byte[] take() {
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(COUNT_AT, count);
    byte[] taken = Arrays.copyOf(bytes, size);
    size = HEADER_BYTES;
    count = 0;
    if (bytes.length > KEPT_BYTES) {
      bytes = new byte[START_BYTES];
    }
    return taken;
  }

  /** How many changes a batch has. */
  static int count(byte[] batch) {
    return ByteBuffer.wrap(batch).order(ByteOrder.LITTLE_ENDIAN).getInt(COUNT_AT);
  }

  /** Shows the changes of a batch in their order. */
  static void each(byte[] batch, Consumer<Change> visitor) {
    ByteBuffer in = ByteBuffer.wrap(batch).position(HEADER_BYTES);
    CRC32C hash = new CRC32C();
    while (in.hasRemaining()) {
      int start = in.position();
      byte type = in.get();
      number(in);
      skip(in);
      int keyEnd = in.position();
      if (type == VALUE) {
        skip(in);
      }
      hash.reset();
      hash.update(batch, start + 1, keyEnd - start - 1);
      visitor.accept(new Change(batch, start, keyEnd, in.position(), (int) hash.getValue()));
    }
  }

  /** Changes of other batches as one batch, in this order. */
  static byte[] of(List<Change> changes) {
    int size = HEADER_BYTES;
    for (Change change : changes) {
      size += change.end - change.start;
    }
    ByteBuffer batch = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    batch.putInt(COUNT_AT, changes.size()).position(HEADER_BYTES);
    for (Change change : changes) {
      batch.put(change.batch, change.start, change.end - change.start);
    }
    return batch.array();
  }

  private void begin(byte type, int family, byte[] key, int valueBytes) {
    int needed = size + NUMBERS_BYTES_MAX + key.length + valueBytes;
    if (needed > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(needed, 2 * bytes.length));
    }
    count++;
    bytes[size++] = type;
    number(family);
    bytes(key);
  }

  private void bytes(byte[] more) {
    number(more.length);
    System.arraycopy(more, 0, bytes, size, more.length);
    size += more.length;
  }

  private void number(int value) {
    int rest = value;
    while (rest >= 0x80) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
  }

  private static void skip(ByteBuffer in) {
    int length = number(in);
    in.position(in.position() + length);
  }

  private static int number(ByteBuffer in) {
    int value = 0;
    int shift = 0;
    byte next;
    do {
      next = in.get();
      value |= (next & 0x7f) << shift;
      shift += 7;
    } while (next < 0);
    return value;
  }
}
