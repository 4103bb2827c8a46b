package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A device that fails when it is told to. */
final class FaultyDevice implements Device {

  private final Device device;
  private final @Nullable Path journal;
  final AtomicInteger syncs = new AtomicInteger();
  final AtomicInteger fileSyncs = new AtomicInteger();

  /** Bytes that were put into the tables. */
  final AtomicInteger applied = new AtomicInteger();

  final AtomicBoolean failNextApply = new AtomicBoolean();
  volatile boolean failApplies;

  /**
   * What is final for RocksDB, which takes nothing then until it is opened again; null: nothing.
   */
  volatile @Nullable String finalShortage;

  /** What was applied to last. */
  volatile @Nullable RocksDB last;

  /** What takes nothing for that, and what it has said. */
  private volatile @Nullable RocksDB failed;

  private volatile String told = "";

  volatile String applyFailure = "injected: apply";
  volatile @Nullable Error error;
  volatile @Nullable Error syncError;
  volatile boolean failWrites;
  volatile boolean failSyncs;
  volatile String syncFailure = "injected: sync";

  /** What writes and allocations say, after half of it was written; null: there is room. */
  volatile @Nullable String shortage;

  /** What allocations alone say; null: there is room. */
  volatile @Nullable String allocationShortage;

  /** There is room again. */
  volatile BooleanSupplier shortageEnds = () -> false;

  final AtomicInteger shortages = new AtomicInteger();

  /** The tables take nothing, as there is no room. */
  volatile boolean applyShortage;

  volatile @Nullable Long freeBytes;
  final AtomicInteger looks = new AtomicInteger();

  /** Once, what nobody expects. */
  volatile boolean freeBytesThrows;

  volatile @Nullable Long totalBytes;

  /** What goes to the tables waits for it. */
  volatile CountDownLatch applyGate = new CountDownLatch(0);

  /** What the thread that applies allocates waits for it. */
  volatile CountDownLatch probeGate = new CountDownLatch(0);

  /** Writes wait for it. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  /** Syncs for those who wait wait for it. */
  volatile CountDownLatch syncGate = new CountDownLatch(0);

  /** How far the newest file of the journal was written when the last sync that succeeded began. */
  volatile @Nullable Written synced;

  record Written(Path file, long end) {}

  FaultyDevice(Device device) {
    this(device, null);
  }

  /**
   * @param journal that is to be measured; null: none is
   */
  FaultyDevice(Device device, @Nullable Path journal) {
    this.device = device;
    this.journal = journal;
  }

  @Override
  public void write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
    pass(gate);
    if (error != null) {
      throw error;
    }
    if (failWrites) {
      throw new IOException("injected: write");
    }
    String reason = shortage;
    if (reason != null && shortageEnds.getAsBoolean()) {
      shortage = null;
      reason = null;
    }
    if (reason != null) {
      shortages.incrementAndGet();
      ByteBuffer part = bytes.duplicate();
      device.write(file, part.limit(part.position() + part.remaining() / 2), position);
      throw new IOException(reason);
    }
    device.write(file, bytes, position);
  }

  @Override
  public void allocate(FileChannel file, long bytes) throws IOException {
    if (Thread.currentThread().getName().equals("afterbay-apply")) {
      pass(probeGate);
    }
    String reason = shortage != null ? shortage : allocationShortage;
    if (reason != null) {
      throw new IOException(reason);
    }
    device.allocate(file, bytes);
  }

  @Override
  public void sync(FileChannel file) throws IOException {
    if (Thread.currentThread().getName().equals("afterbay-sync")) {
      pass(syncGate);
    }
    syncs.incrementAndGet();
    if (syncError != null) {
      throw syncError;
    }
    if (failSyncs) {
      throw new IOException(syncFailure);
    }
    Written written = written();
    device.sync(file);
    synced = written;
  }

  @Override
  public void sync(Path file) throws IOException {
    fileSyncs.incrementAndGet();
    device.sync(file);
  }

  @Override
  public void apply(RocksDB database, byte[] batch) throws RocksDBException {
    pass(applyGate);
    if (applyShortage) {
      throw new RocksDBException(
          "No space left on device",
          new Status(Status.Code.IOError, Status.SubCode.NoSpace, "injected"));
    }
    if (failApplies || failNextApply.getAndSet(false)) {
      throw ioError(applyFailure);
    }
    String reason = finalShortage;
    if (reason != null) {
      failed = database;
      told = reason;
    }
    if (database.equals(failed)) {
      throw ioError(told);
    }
    last = database;
    device.apply(database, batch);
    applied.addAndGet(batch.length);
  }

  /** Whether RocksDB was closed after a lack that is final for it. */
  boolean isClosed() {
    RocksDB closed = failed;
    return closed != null && !closed.isOwningHandle();
  }

  private static RocksDBException ioError(String reason) {
    return new RocksDBException(
        reason, new Status(Status.Code.IOError, Status.SubCode.None, "injected"));
  }

  private static void pass(CountDownLatch gate) {
    try {
      gate.await();
    } catch (InterruptedException e) {
      throw new AssertionError("nobody interrupts the threads of a store", e);
    }
  }

  private @Nullable Written written() {
    if (journal == null) {
      return null;
    }
    try {
      Path log = JournalScan.files(journal).getLast();
      return new Written(log.getFileName(), DataFiles.endOf(log));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public long freeBytes() throws IOException {
    if (freeBytesThrows) {
      freeBytesThrows = false;
      throw new IllegalStateException("injected: room");
    }
    looks.incrementAndGet();
    Long free = freeBytes;
    return free != null ? free : device.freeBytes();
  }

  @Override
  public long totalBytes() throws IOException {
    Long total = totalBytes;
    return total != null ? total : device.totalBytes();
  }
}
