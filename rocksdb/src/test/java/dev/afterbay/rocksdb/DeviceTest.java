package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** What becomes of a batch while RocksDB's buffers are full. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
final class DeviceTest {

  private static final int BUFFER_BYTES = 64 << 10;
  private static final int BATCHES = 300;

  @TempDir Path directory;

  private final AtomicInteger applied = new AtomicInteger();

  /** What enters the queue of writes stands for the flush that ends a lack of room. */
  @Test
  void itWaitsOutsideOfTheQueueOfWrites() throws Exception {
    NativeLibrary.ensureLoaded();
    try (Options options =
            new Options()
                .setCreateIfMissing(true)
                .setWriteBufferSize(BUFFER_BYTES)
                .setAvoidFlushDuringShutdown(true);
        RocksDB rocks = RocksDB.open(options, directory.toString())) {
      rocks.pauseBackgroundWork();
      CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> applyAll(rocks));
      Waiting.until("the buffers are full", () -> isStopped(rocks));

      rocks.createColumnFamily(new ColumnFamilyDescriptor(new byte[] {'a'})).close();

      assertThat(applied.get()).isLessThan(BATCHES);
      assertThat(writing).isNotDone();
      rocks.continueBackgroundWork();
      writing.join();
      for (int n = 0; n < BATCHES; n++) {
        assertThat(rocks.get(key(n))).hasSize(1_000);
      }
    }
  }

  private void applyAll(RocksDB rocks) {
    try {
      Device device = Device.of(directory);
      for (int n = 0; n < BATCHES; n++) {
        try (WriteBatch batch = new WriteBatch()) {
          batch.put(key(n), new byte[1_000]);
          device.apply(rocks, batch.data());
        }
        applied.incrementAndGet();
      }
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  private static byte[] key(int n) {
    return ByteBuffer.allocate(4).putInt(n).array();
  }

  private static boolean isStopped(RocksDB rocks) {
    try {
      return rocks.getLongProperty("rocksdb.is-write-stopped") == 1;
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
  }
}
