package dev.afterbay.rocksdb;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** Zeros in a file, so that its blocks are there before they are needed. */
final class Zeros {

  private static final int PIECE_BYTES = 256 << 10;

  private Zeros() {}

  /** Fills a file from one place up to another, without a sync. */
  static void write(FileChannel file, long from, long to) throws IOException {
    // Its memory goes back at once. That of ByteBuffer.allocateDirect stays until the heap is
    // collected, which in an idle server takes some twenty minutes.
    try (Arena memory = Arena.ofConfined()) {
      ByteBuffer zeros = memory.allocate(PIECE_BYTES).asByteBuffer();
      for (long at = from; at < to; ) {
        zeros.clear().limit((int) Math.min(PIECE_BYTES, to - at));
        at += file.write(zeros, at);
      }
    }
  }
}
