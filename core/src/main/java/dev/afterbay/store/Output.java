package dev.afterbay.store;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes values as bytes: big-endian where their order matters, else as short as they are. */
final class Output {

  private byte[] bytes;
  private int size;

  Output(int capacity) {
    bytes = new byte[capacity];
  }

  Output int8(int value) {
    room(1);
    bytes[size++] = (byte) value;
    return this;
  }

  Output int64(long value) {
    room(Long.BYTES);
    for (int shift = 56; shift >= 0; shift -= 8) {
      bytes[size++] = (byte) (value >>> shift);
    }
    return this;
  }

  /** Seven bits a byte, the lowest first; for values that are mostly small and never negative. */
  Output varint(long value) {
    assert value >= 0 : value;
    room(10);
    long rest = value;
    while (rest > 0x7f) {
      bytes[size++] = (byte) (rest | 0x80);
      rest >>>= 7;
    }
    bytes[size++] = (byte) rest;
    return this;
  }

  Output uuid(UUID value) {
    return int64(value.getMostSignificantBits()).int64(value.getLeastSignificantBits());
  }

  Output raw(byte[] value) {
    room(value.length);
    System.arraycopy(value, 0, bytes, size, value.length);
    size += value.length;
    return this;
  }

  Output blob(byte[] value) {
    return varint(value.length).raw(value);
  }

  Output text(String value) {
    return blob(value.getBytes(StandardCharsets.UTF_8));
  }

  /** Null is told from empty text. */
  Output optional(@Nullable String value) {
    return value == null ? int8(0) : int8(1).text(value);
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

  private void room(int more) {
    if (bytes.length - size < more) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, size + more));
    }
  }
}
