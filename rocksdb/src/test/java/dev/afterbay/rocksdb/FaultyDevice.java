package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** A device that fails when it is told to. */
final class FaultyDevice implements Device {

  private final Device device;
  private final @Nullable Path database;
  final AtomicInteger syncs = new AtomicInteger();
  final AtomicBoolean failNextWrite = new AtomicBoolean();
  volatile boolean failWrites;
  volatile boolean failSyncs;
  volatile @Nullable Long freeBytes;
  volatile @Nullable Long totalBytes;

  /** Writes wait for it. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  /** The size of the log when the last sync that succeeded began. */
  volatile long syncedBytes;

  FaultyDevice(Device device) {
    this(device, null);
  }

  /**
   * @param database whose log is to be measured; null: is not
   */
  FaultyDevice(Device device, @Nullable Path database) {
    this.device = device;
    this.database = database;
  }

  @Override
  public void write(RocksDB database, WriteOptions options, WriteBatch batch)
      throws RocksDBException {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the writer", e);
    }
    if (failWrites || failNextWrite.getAndSet(false)) {
      throw new RocksDBException("injected: write");
    }
    device.write(database, options, batch);
  }

  @Override
  public void sync(RocksDB rocks) throws RocksDBException {
    syncs.incrementAndGet();
    if (failSyncs) {
      throw new RocksDBException("injected: sync");
    }
    long bytes = logBytes();
    device.sync(rocks);
    syncedBytes = bytes;
  }

  private long logBytes() {
    try {
      return database == null ? 0 : Files.size(LogScan.files(database).getLast());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long freeBytes() throws IOException {
    Long free = freeBytes;
    return free != null ? free : device.freeBytes();
  }

  @Override
  public long totalBytes() throws IOException {
    Long total = totalBytes;
    return total != null ? total : device.totalBytes();
  }
}
