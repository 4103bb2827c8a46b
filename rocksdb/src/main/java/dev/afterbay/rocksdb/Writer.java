package dev.afterbay.rocksdb;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The thread that writes groups. Each becomes one batch, which is appended to the journal; those
 * who wait for a sync then go to the {@link Syncer}, and the others are answered. Meanwhile the
 * {@link Sequencer} already runs the next group through the ledger, so that both processors of a
 * small machine have something to do.
 *
 * <p>At most one group waits, so what the ledger is ahead of the journal stays bounded. The
 * sequencer writes a small group itself: waking a thread would take longer.
 *
 * <p>The tables are brought up to date when somebody reads them, or when much is {@link Unapplied};
 * at once where most of it would stay, as in a surge that nobody works off yet.
 */
final class Writer implements RocksTables.Outlet {

  /** Who wants to know when so many bytes more were written. */
  record Steps(long bytes, Runnable written) {}

  /**
   * @param batch null: nothing was changed
   * @param told tells those who listen
   */
  private record Group(byte @Nullable [] batch, List<Request<?>> requests, Runnable told) {}

  /** When waiting left more than half, so many times as much does not wait. */
  private static final long DIRECT_FACTOR = 8;

  private final Database database;
  private final Journal journal;
  private final Device device;
  private final Syncer syncer;
  private final Failure failure;
  private final Steps steps;
  private final long unappliedMax;
  private final Thread thread;

  /** Guards what follows, and whoever has it may apply that. Fair, or a look would starve. */
  private final ReentrantLock applying = new ReentrantLock(true);

  private final Unapplied unapplied = new Unapplied();

  /** So many bytes go to the tables at once, as it did not pay to wait. */
  private long direct;

  private volatile @Nullable Group waiting;
  private volatile @Nullable Thread sequencer;
  private volatile boolean ending;
  private byte @Nullable [] batch;
  private long bytesWritten;
  private long stepAt;

  Writer(
      Database database,
      Journal journal,
      Device device,
      Syncer syncer,
      Failure failure,
      Steps steps,
      long unappliedMax) {
    this.database = database;
    this.journal = journal;
    this.device = device;
    this.syncer = syncer;
    this.failure = failure;
    this.steps = steps;
    this.unappliedMax = unappliedMax;
    this.thread = Thread.ofPlatform().daemon().name("afterbay-write").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Keeps the batch for the group that {@link #submit} closes. */
  @Override
  public void write(byte[] batch) {
    this.batch = batch;
  }

  /** Writes what opening the ledger came to; before the threads start. */
  void writeFirst() throws IOException, RocksDBException {
    write(new Group(batch, new ArrayList<>(), () -> {}));
    batch = null;
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

  /**
   * Takes over the batch, and those who wait for it; first waits until the group before is written.
   *
   * @param now whether to write in this thread, before it returns
   */
  void submit(List<Request<?>> requests, Runnable told, boolean now) {
    if (batch == null && requests.isEmpty()) {
      told.run(); // of nothing that others must not know yet
      return;
    }
    awaitWritten();
    Group group = new Group(batch, requests, told);
    batch = null;
    if (now) {
      process(group);
    } else {
      waiting = group;
      LockSupport.unpark(thread);
    }
  }

  /**
   * {@inheritDoc}
   *
   * @throws dev.afterbay.BrokerException.Unavailable if they never can, as the store has stopped
   */
  @Override
  public void await() {
    awaitWritten();
    applying.lock();
    try {
      apply();
    } finally {
      applying.unlock();
    }
  }

  /** Writes what waits, and ends. */
  void end() throws InterruptedException {
    ending = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  private void awaitWritten() {
    sequencer = Thread.currentThread();
    while (waiting != null) {
      LockSupport.park(this);
    }
  }

  private void run() {
    while (true) {
      Group group = waiting;
      if (group != null) {
        process(group);
        waiting = null;
        LockSupport.unpark(sequencer);
      } else if (ending) {
        return;
      } else {
        LockSupport.park(this);
      }
    }
  }

  private void process(Group group) {
    applying.lock();
    try {
      if (failure.reason() == null) {
        write(group);
      }
    } catch (IOException e) {
      failure.set("the store", "writing failed: " + e.getMessage(), e);
    } catch (RocksDBException e) {
      failure.set("the store", TablesFailed.writing(e));
    } catch (Throwable e) {
      failure.set("the writer", e);
    } finally {
      applying.unlock();
    }
    group.requests.forEach(request -> request.refuse(failure));
  }

  /** Takes away the requests that are answered, or left to somebody who answers them. */
  private void write(Group group) throws IOException, RocksDBException {
    if (group.batch != null) {
      journal.append(group.batch);
      bytesWritten += group.batch.length;
      syncer.written();
    }
    group.told.run();
    group.requests.removeIf(this::isLeftToSyncer);
    group.requests.forEach(Request::release);
    group.requests.clear();
    if (group.batch != null) {
      toTables(group.batch);
    }
    if (bytesWritten >= stepAt) {
      stepAt = bytesWritten + steps.bytes();
      steps.written().run();
    }
  }

  private boolean isLeftToSyncer(Request<?> request) {
    boolean synced = request.isSynced();
    if (synced) {
      syncer.whenSynced(request);
    }
    return synced;
  }

  /** At once, or when there is more; for the thread that has the lock. */
  private void toTables(byte[] batch) throws RocksDBException {
    if (direct > 0) {
      direct -= batch.length;
      device.apply(database.rocks(), batch);
      return;
    }
    unapplied.add(batch);
    if (unapplied.bytes() >= unappliedMax) {
      apply();
    }
  }

  /** Brings the tables up to date; for the thread that has the lock. */
  private void apply() {
    if (failure.reason() != null) {
      throw failure.unavailable();
    }
    long bytes = unapplied.bytes();
    if (bytes > 0) {
      byte[] left = unapplied.take();
      direct = left.length > bytes / 2 ? DIRECT_FACTOR * bytes : 0;
      try {
        device.apply(database.rocks(), left);
      } catch (RocksDBException e) {
        TablesFailed failed = TablesFailed.writing(e);
        failure.set("the store", failed);
        throw failed;
      }
    }
  }
}
