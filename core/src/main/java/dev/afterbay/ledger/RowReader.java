package dev.afterbay.ledger;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.UUID;

/** Reads what {@link RowWriter} wrote. Bytes that end too early throw IndexOutOfBoundsException. */
final class RowReader {

  private final byte[] bytes;
  private int at;

  RowReader(byte[] bytes) {
    this.bytes = bytes;
  }

  boolean hasMore() {
    return at < bytes.length;
  }

  int int8() {
    return bytes[at++] & 0xff;
  }

  long int64() {
    long value = 0;
    for (int i = 0; i < Long.BYTES; i++) {
      value = value << 8 | int8();
    }
    return value;
  }

  long varint() {
    long value = 0;
    int shift = 0;
    int next = int8();
    while ((next & 0x80) != 0) {
      value |= (long) (next & 0x7f) << shift;
      shift += 7;
      next = int8();
    }
    return value | (long) next << shift;
  }

  int length() {
    long length = varint();
    if (length < 0 || length > bytes.length - at) {
      throw new IndexOutOfBoundsException("a length of " + length + " at " + at);
    }
    return (int) length;
  }

  UUID uuid() {
    return new UUID(int64(), int64());
  }

  byte[] blob() {
    int length = length();
    byte[] value = Arrays.copyOfRange(bytes, at, at + length);
    at += length;
    return value;
  }

  String text() {
    int length = length();
    String value = new String(bytes, at, length, StandardCharsets.UTF_8);
    at += length;
    return value;
  }
}
