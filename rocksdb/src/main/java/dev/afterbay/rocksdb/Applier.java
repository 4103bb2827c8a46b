package dev.afterbay.rocksdb;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.rocksdb.RocksDBException;

/**
 * The thread that puts into the tables what the journal has, so that nobody who writes waits for
 * that. It lets batches gather, as most of them amount to little ({@link Net}); whoever reads the
 * tables brings them up to date first.
 */
final class Applier {

  /** When more than half was left, so many times as much is not worth a wait, nor a look. */
  private static final long AS_IS_FACTOR = 8;

  /** When so many times as much waits as should, whoever adds more has to help. */
  private static final long BEHIND_FACTOR = 2;

  private final Database database;
  private final Device device;
  private final Failure failure;
  private final long waitingMax;
  private final Thread thread;

  /** Whoever has it applies, so all goes in its order. Fair, or a look would starve. */
  private final ReentrantLock applying = new ReentrantLock(true);

  private List<byte[]> waiting = new ArrayList<>();
  private long waitingBytes;
  private volatile long asIsBytes;
  private volatile boolean ending;

  /**
   * @param waitingMax so many bytes may gather
   */
  Applier(Database database, Device device, Failure failure, long waitingMax) {
    this.database = database;
    this.device = device;
    this.failure = failure;
    this.waitingMax = waitingMax;
    this.thread = Thread.ofPlatform().daemon().name("afterbay-apply").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Takes over a batch that is in the journal. */
  void add(byte[] batch) {
    long bytes = gather(batch);
    if (bytes >= BEHIND_FACTOR * waitingMax) {
      bringUpToDate();
    } else if (isDue(bytes)) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Returns when all that was added before can be read.
   *
   * @throws dev.afterbay.BrokerException.Unavailable if it never can, as the store has stopped
   */
  void bringUpToDate() {
    applying.lock();
    try {
      apply();
    } finally {
      applying.unlock();
    }
  }

  /** What can be read now: of everything that was answered nothing is missing. */
  RocksView snapshot() {
    applying.lock();
    try {
      apply();
      return RocksView.snapshot(database);
    } finally {
      applying.unlock();
    }
  }

  /** Ends; what waits is in the journal, and goes to the tables when the store is opened again. */
  void end() throws InterruptedException {
    ending = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  private void run() {
    try {
      while (!ending && failure.reason() == null) {
        if (isDue(waitingBytes())) {
          bringUpToDate();
        } else {
          LockSupport.park(this);
        }
      }
    } catch (Throwable e) {
      failure.stop("the tables cannot be written: ", e);
    }
  }

  private boolean isDue(long bytes) {
    return bytes >= waitingMax || (bytes > 0 && asIsBytes > 0);
  }

  private synchronized long waitingBytes() {
    return waitingBytes;
  }

  private synchronized long gather(byte[] batch) {
    waiting.add(batch);
    waitingBytes += batch.length;
    return waitingBytes;
  }

  private synchronized List<byte[]> takeAll() {
    List<byte[]> taken = waiting;
    waiting = new ArrayList<>();
    waitingBytes = 0;
    return taken;
  }

  /** For the thread that has the lock. If it fails nothing may be applied behind it. */
  private void apply() {
    if (failure.reason() != null) {
      throw failure.unavailable();
    }
    try {
      apply(takeAll());
    } catch (RocksDBException e) {
      TablesFailed failed = TablesFailed.writing(e);
      failure.set(Reason.of(failed), failed);
      throw failed;
    } catch (RuntimeException | Error e) {
      failure.stop("the tables cannot be written: ", e);
      throw e;
    }
  }

  private void apply(List<byte[]> batches) throws RocksDBException {
    long bytes = batches.stream().mapToLong(batch -> batch.length).sum();
    if (asIsBytes > 0) {
      for (byte[] batch : batches) {
        device.apply(database.rocks(), batch);
      }
      asIsBytes = Math.max(0, asIsBytes - bytes);
    } else if (bytes > 0) {
      byte[] net = Net.of(batches);
      device.apply(database.rocks(), net);
      int changes = batches.stream().mapToInt(Batch::count).sum();
      asIsBytes = Batch.count(net) > changes / 2 ? AS_IS_FACTOR * bytes : 0;
    }
  }
}
