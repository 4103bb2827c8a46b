package dev.afterbay.ledger;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Writes values as bytes: big-endian where their order matters, else as short as they are. */
final class RowWriter {

  private byte[] bytes;
  private int size;

  RowWriter(int capacity) {
    bytes = new byte[capacity];
  }

  RowWriter int8(int value) {
    reserve(1);
    bytes[size++] = (byte) value;
    return this;
  }

  RowWriter int64(long value) {
    reserve(Long.BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** Seven bits a byte, the lowest first; for values that are mostly small and never negative. */
  RowWriter varint(long value) {
    assert value >= 0 : value;
    reserve(10);
    long rest = value;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  RowWriter uuid(UUID value) {
    return int64(value.getMostSignificantBits()).int64(value.getLeastSignificantBits());
  }

  RowWriter raw(byte[] value) {
    reserve(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  RowWriter blob(byte[] value) {
    return varint(value.length).raw(value);
  }

  RowWriter text(String value) {
    return blob(value.getBytes(StandardCharsets.UTF_8));
  }

  byte[] done() {
    return size == bytes.length ? bytes : Arrays.copyOf(bytes, size);
  }

  /** What was written and a blob behind it, which is copied but once. */
  byte[] done(byte[] blob) {
    varint(blob.length);
    byte[] all = Arrays.copyOf(bytes, size + blob.length);
    System.arraycopy(blob, 0, all, size, blob.length);
    return all;
  }

  private void reserve(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
