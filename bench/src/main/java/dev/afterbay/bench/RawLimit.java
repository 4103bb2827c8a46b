package dev.afterbay.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;

/**
 * What the disk gives at most: records written over a file that is there already, and synced.
 *
 * <p>A log that grows is slower than that, by 1.5 to 5 times where it was measured (storage.md,
 * section 1), so nothing that keeps its promises is faster than this.
 */
final class RawLimit implements AutoCloseable {

  /** As large as a message of the measurements. */
  static final int RECORD_BYTES = 1_024;

  private static final int FILE_BYTES = 64 << 20;
  private static final int CHUNK_BYTES = 1 << 20;

  private final Path path;
  private final FileChannel file;

  private RawLimit(Path path, FileChannel file) {
    this.path = path;
    this.file = file;
  }

  /** Makes the file, filled with zeros. */
  static RawLimit open(Path folder) throws IOException {
    Path path = Files.createTempFile(folder, "raw", null);
    FileChannel file = FileChannel.open(path, StandardOpenOption.WRITE);
    ByteBuffer zeros = ByteBuffer.allocateDirect(CHUNK_BYTES);
    for (long at = 0; at < FILE_BYTES; at += CHUNK_BYTES) {
      writeAt(file, zeros.clear(), at);
    }
    file.force(true);
    return new RawLimit(path, file);
  }

  /**
   * Records a second.
   *
   * @param batch records to a sync
   */
  double perSecond(double batch, Duration time) throws IOException {
    int records = (int) Math.clamp(Math.round(batch), 1L, FILE_BYTES / RECORD_BYTES);
    ByteBuffer bytes = ByteBuffer.allocateDirect(records * RECORD_BYTES);
    while (bytes.hasRemaining()) {
      bytes.put((byte) bytes.position());
    }
    long syncs = 0;
    long at = 0;
    long began = System.nanoTime();
    long taken;
    do {
      if (at + bytes.capacity() > FILE_BYTES) {
        at = 0;
      }
      writeAt(file, bytes.clear(), at);
      file.force(false);
      at += bytes.capacity();
      syncs++;
      taken = System.nanoTime() - began;
    } while (taken < time.toNanos());
    return syncs * records / Numbers.seconds(taken);
  }

  private static void writeAt(FileChannel file, ByteBuffer bytes, long at) throws IOException {
    long to = at;
    while (bytes.hasRemaining()) {
      to += file.write(bytes, to);
    }
  }

  @Override
  public void close() throws IOException {
    file.close();
    Files.delete(path);
  }
}
