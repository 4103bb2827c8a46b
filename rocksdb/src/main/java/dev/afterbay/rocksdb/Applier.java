package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The thread that puts into the tables what the journal has, so that nobody who writes waits for
 * that. It lets batches gather, as most changes cancel out ({@link CoalescedBatch}); whoever reads
 * the tables brings them up to date first.
 */
final class Applier {

  /** When more than half was left, so many times as much is not worth a wait, nor a look. */
  private static final long AS_IS_FACTOR = 8;

  /** When so many times as much waits as should, whoever adds more has to help. */
  private static final long BEHIND_FACTOR = 2;

  /** So many times as much may wait while the disk is full and the tables take nothing. */
  private static final long BLOCKED_FACTOR = 8;

  private static final Duration END_MAX = Duration.ofSeconds(5);
  private static final long PAUSE_NANOS = 100_000_000;

  /** RocksDB refuses it like any other one as long as it takes nothing. */
  static final byte[] EMPTY = Batch.of(List.of());

  /** Of tables that take nothing, and will not by themselves. */
  interface Recovery {
    /** Whether there is again what was short, as far as one can tell. */
    boolean hasRoom() throws IOException;

    /** Lets them take again what comes. Nothing is applied meanwhile. */
    void recover() throws InterruptedException;
  }

  private final Database database;
  private final Device device;
  private final StoreFailure failure;
  private final long waitingMax;
  private final Thread thread;

  /** Whoever has it applies, so all goes in its order. Fair, or a look would starve. */
  private final ReentrantLock applying = new ReentrantLock(true);

  private List<byte[]> waiting = new ArrayList<>();
  private long waitingBytes;
  private volatile long asIsBytes;
  private volatile boolean ending;

  /** Why the tables take nothing for now; null: they do. */
  private volatile @Nullable RocksDBException shortage;

  private final ShortageHandler blocked;
  private @Nullable Recovery recovery;

  /** For the thread of the ledger: what is to be read over the tables while they take nothing. */
  private @Nullable Overlay overlay;

  /** Of the batches that are being applied one by one; for the thread that has the lock. */
  private int applied;

  /**
   * @param waitingMax so many bytes may gather
   * @param blocked sees to it that there is room again
   */
  Applier(
      Database database,
      Device device,
      StoreFailure failure,
      long waitingMax,
      ShortageHandler blocked) {
    this.blocked = blocked;
    this.database = database;
    this.device = device;
    this.failure = failure;
    this.waitingMax = waitingMax;
    this.thread = Thread.ofPlatform().daemon().name("afterbay-apply").unstarted(this::run);
  }

  void start(Recovery recovery) {
    this.recovery = recovery;
    thread.start();
  }

  /** Takes over a batch that is in the journal. */
  void add(byte[] batch) {
    long bytes = gather(batch);
    if (bytes >= limit()) {
      catchUp();
    } else if (isDue(bytes)) {
      LockSupport.unpark(thread);
    }
  }

  /**
   * Returns when all that was added before can be read. For the thread of the ledger.
   *
   * @return over the tables; null: they have all of it
   * @throws dev.afterbay.BrokerException.Unavailable if it never can, as the store has stopped
   */
  @Nullable Overlay bringUpToDate() {
    database.await(applying);
    try {
      if (shortage == null && apply()) {
        closeOverlay();
      } else {
        overlay = overlay == null ? new Overlay(database) : overlay;
        overlay.add(waiting());
      }
      return overlay;
    } catch (RocksDBException e) {
      throw stopped(e);
    } finally {
      applying.unlock();
    }
  }

  private void closeOverlay() {
    if (overlay != null) {
      overlay.close();
      overlay = null;
    }
  }

  private long limit() {
    return (shortage == null ? BEHIND_FACTOR : BLOCKED_FACTOR) * waitingMax;
  }

  /** So much waits that no more may come before the tables have taken it. */
  private void catchUp() {
    for (int tries = 1; !applyWaiting() && waitingBytes() >= limit(); tries++) {
      RocksDBException reason = shortage;
      if (reason != null && !blocked.goOn(reason, tries)) {
        throw stopped(reason);
      }
    }
  }

  private TablesFailed stopped(RocksDBException reason) {
    TablesFailed failed = TablesFailed.writing(reason);
    failure.set(Reason.of(failed), failed);
    return failed;
  }

  /**
   * Fails while RocksDB takes nothing. Not by a flush: one that waits when RocksDB begins to go on
   * is tried and refused without end, and RocksDB waits as long for that, and goes on never.
   */
  void probe() throws RocksDBException {
    try (Database.InUse _ = database.use()) {
      device.apply(database.rocks(), EMPTY);
    }
  }

  /**
   * Something of RocksDB's own failed: if it takes nothing for now, the tables are blocked.
   *
   * @throws RocksDBException if it takes nothing any more
   */
  void look() throws RocksDBException {
    database.await(applying);
    try {
      probe();
    } catch (RocksDBException e) {
      if (!Shortage.is(e)) {
        throw e;
      }
      isShort(e);
    } finally {
      applying.unlock();
    }
  }

  /** Whether the tables take nothing for now, as there is no room. */
  boolean isBlocked() {
    return shortage != null;
  }

  /**
   * Whether so many bytes more may be sent while the tables take nothing. Half of what may wait is
   * for what receives and settles.
   */
  boolean hasRoomFor(long bytes) {
    return waitingBytes() + bytes < BLOCKED_FACTOR * waitingMax / 2;
  }

  /**
   * Puts all that was added before into the tables.
   *
   * @return false: they take nothing for now
   * @throws BrokerException.Unavailable if the store has stopped
   */
  boolean applyWaiting() {
    database.await(applying);
    try {
      return apply();
    } finally {
      applying.unlock();
    }
  }

  /**
   * What can be read now, until it is to stop: of everything that was answered nothing is missing.
   */
  RocksView snapshot(BooleanSupplier stop) {
    awaitToRead();
    try {
      if (!apply() && waitingBytes() > 0) {
        throw notListed();
      }
      return RocksView.snapshot(database, stop);
    } finally {
      applying.unlock();
    }
  }

  /** For whoever need not wait for a disk that stays full. */
  private void awaitToRead() {
    boolean locked = false;
    while (!locked) {
      try {
        locked = applying.tryLock(1, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException("nobody interrupts the threads of a store", e);
      }
      if (!locked && shortage != null) {
        throw notListed();
      }
    }
  }

  private static BrokerException notListed() {
    return new BrokerException.Unavailable(
        "nothing can be listed while the disk is full: free some room, or retry later");
  }

  /**
   * Ends; what waits is in the journal, and goes to the tables when the store is opened again.
   *
   * @param slow is run if that takes long
   */
  void end(Runnable slow) throws InterruptedException {
    ending = true;
    LockSupport.unpark(thread);
    if (!thread.join(END_MAX)) {
      slow.run();
    }
    thread.join();
    closeOverlay();
  }

  private void run() {
    try {
      while (!ending && failure.reason() == null) {
        if (shortage != null) {
          LockSupport.parkNanos(this, PAUSE_NANOS);
          recover();
          applyWaiting();
        } else if (isDue(waitingBytes())) {
          applyWaiting();
        } else {
          LockSupport.park(this);
        }
      }
    } catch (Throwable e) {
      failure.stop("the tables cannot be written: ", e);
    }
  }

  /** Looks for room without the lock: that may take long, and reading goes on meanwhile. */
  private void recover() throws IOException, InterruptedException {
    Recovery recovery = Objects.requireNonNull(this.recovery);
    if (!isLost() || !recovery.hasRoom()) {
      return;
    }
    database.await(applying);
    try {
      if (isLost()) {
        recovery.recover();
      }
    } finally {
      applying.unlock();
    }
  }

  private boolean isLost() {
    RocksDBException reason = shortage;
    return reason != null && Shortage.isFinal(reason);
  }

  private boolean isDue(long bytes) {
    return bytes >= waitingMax || (bytes > 0 && asIsBytes > 0);
  }

  private synchronized long waitingBytes() {
    return waitingBytes;
  }

  private synchronized List<byte[]> waiting() {
    return List.copyOf(waiting);
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

  private synchronized void putBack(List<byte[]> batches) {
    List<byte[]> all = new ArrayList<>(batches);
    all.addAll(waiting);
    waiting = all;
    waitingBytes += bytes(batches);
  }

  /**
   * For the thread that has the lock. If it fails nothing may be applied behind it, unless there
   * was no room: then RocksDB has taken nothing.
   *
   * @return false: there was no room, and all is to be tried again
   */
  private boolean apply() {
    if (failure.reason() != null) {
      throw failure.unavailable();
    }
    List<byte[]> batches = List.of();
    applied = 0;
    try {
      if (shortage != null) {
        device.apply(database.rocks(), EMPTY);
      }
      batches = takeAll();
      apply(batches);
      shortage = null;
      return true;
    } catch (RocksDBException e) {
      if (!Shortage.is(e)) {
        throw stopped(e);
      }
      putBack(batches.subList(applied, batches.size()));
      isShort(e);
      return false;
    } catch (RuntimeException | Error e) {
      failure.stop("the tables cannot be written: ", e);
      throw e;
    }
  }

  /** For the thread that has the lock. */
  private void isShort(RocksDBException e) {
    boolean first = shortage == null;
    shortage = e; // before sends are refused, or the looker could let them in again
    if (first) {
      LockSupport.unpark(thread); // it may sleep, and tries again from now on
      blocked.goOn(e, 0);
    }
  }

  private void apply(List<byte[]> batches) throws RocksDBException {
    long bytes = bytes(batches);
    if (asIsBytes > 0) {
      for (byte[] batch : batches) {
        device.apply(database.rocks(), batch);
        applied++;
      }
      asIsBytes = Math.max(0, asIsBytes - bytes);
    } else if (bytes > 0) {
      byte[] net = CoalescedBatch.of(batches);
      device.apply(database.rocks(), net);
      int changes = batches.stream().mapToInt(Batch::count).sum();
      asIsBytes = Batch.count(net) > changes / 2 ? AS_IS_FACTOR * bytes : 0;
    }
  }

  private static long bytes(List<byte[]> batches) {
    return batches.stream().mapToLong(batch -> batch.length).sum();
  }
}
