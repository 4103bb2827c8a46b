package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
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
  final AtomicInteger fileSyncs = new AtomicInteger();
  final AtomicBoolean failNextWrite = new AtomicBoolean();
  volatile boolean failWrites;
  volatile boolean failSyncs;
  volatile @Nullable Long freeBytes;
  volatile @Nullable Long totalBytes;

  /** Writes wait for it. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  /** Syncs wait for it. */
  volatile CountDownLatch syncGate = new CountDownLatch(0);

  /** How far the newest file of the log was written when the last sync that succeeded began. */
  volatile @Nullable Written synced;

  record Written(Path file, long end) {}

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
    pass(gate);
    if (failWrites || failNextWrite.getAndSet(false)) {
      throw new RocksDBException("injected: write");
    }
    device.write(database, options, batch);
  }

  @Override
  public void sync(RocksDB rocks) throws RocksDBException {
    pass(syncGate);
    syncs.incrementAndGet();
    if (failSyncs) {
      throw new RocksDBException("injected: sync");
    }
    Written written = written();
    device.sync(rocks);
    synced = written;
  }

  @Override
  public void sync(Path file) throws IOException {
    fileSyncs.incrementAndGet();
    device.sync(file);
  }

  private static void pass(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the threads of a store", e);
    }
  }

  private @Nullable Written written() {
    if (database == null) {
      return null;
    }
    try {
      Path log = LogScan.files(database).getLast();
      return new Written(log.getFileName(), DataFiles.endOf(log));
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
