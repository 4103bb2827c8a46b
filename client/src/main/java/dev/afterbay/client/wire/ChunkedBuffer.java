package dev.afterbay.client.wire;

import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes that are written, as one array while they are few and as several when they are many: what
 * is large must not be copied each time it grows.
 */
final class ChunkedBuffer extends OutputStream {

  private static final int FIRST_BYTES = 512;
  private static final int PART_BYTES = 64 << 10;

  private final List<byte[]> full = new ArrayList<>(1);
  private byte[] last = new byte[FIRST_BYTES];
  private int held;

  @Override
  public void write(int one) {
    write(new byte[] {(byte) one}, 0, 1);
  }

  @Override
  public void write(byte[] bytes, int from, int length) {
    int at = from;
    int left = length;
    while (left > 0) {
      if (held == PART_BYTES) {
        full.add(last);
        last = new byte[PART_BYTES];
        held = 0;
      }
      int some = Math.min(left, PART_BYTES - held);
      if (held + some > last.length) {
        last = Arrays.copyOf(last, Math.min(PART_BYTES, Math.max(held + some, 2 * held)));
      }
      System.arraycopy(bytes, at, last, held, some);
      held += some;
      at += some;
      left -= some;
    }
  }

  /** All that was written, at least one part. */
  List<byte[]> all() {
    List<byte[]> all = new ArrayList<>(full);
    all.add(held == last.length ? last : Arrays.copyOf(last, held));
    return all;
  }
}
