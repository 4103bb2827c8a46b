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
 * who wait for a sync then go to the {@link Syncer}. While that syncs, the batch is put into the
 * tables, and the others are answered. Meanwhile the {@link Sequencer} already runs the next group
 * through the ledger, so that both processors of a small machine have something to do.
 *
 * <p>At most one group waits, so what the ledger is ahead of its tables stays bounded. The
 * sequencer writes a small group itself: waking a thread would take longer.
 */
final class Writer implements RocksTables.Outlet {

  /** Who wants to know when so many bytes more were written. */
  record Steps(long bytes, Runnable written) {}

  /**
   * @param batch null: nothing was changed
   * @param told tells those who listen
   */
  private record Group(byte @Nullable [] batch, List<Request<?>> requests, Runnable told) {}

  private final Database database;
  private final Journal journal;
  private final Device device;
  private final Syncer syncer;
  private final Failure failure;
  private final Steps steps;
  private final Thread thread;

  /**
   * Held while a group is in the journal and not yet in the tables. Fair, or a look would starve.
   */
  private final ReentrantLock between = new ReentrantLock(true);

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
      Steps steps) {
    this.database = database;
    this.journal = journal;
    this.device = device;
    this.syncer = syncer;
    this.failure = failure;
    this.steps = steps;
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
    write(new Group(batch, List.of(), () -> {}), new ArrayList<>());
    batch = null;
  }

  /** What can be read now: of everything that was answered nothing is missing. */
  RocksView snapshot() {
    between.lock();
    try {
      return RocksView.snapshot(database);
    } finally {
      between.unlock();
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
    if (failure.reason() != null) {
      throw failure.unavailable();
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
    List<Request<?>> unanswered = new ArrayList<>(group.requests);
    if (failure.reason() == null) {
      between.lock();
      try {
        write(group, unanswered);
        return;
      } catch (IOException e) {
        failure.set("the store", "writing failed: " + e.getMessage(), e);
      } catch (RocksDBException e) {
        failure.set("the store", TablesFailed.writing(e));
      } catch (Throwable e) {
        failure.set("the writer", e);
      } finally {
        between.unlock();
      }
    }
    unanswered.forEach(request -> request.refuse(failure));
  }

  /**
   * @param unanswered from which those are taken that somebody else answers from now on
   */
  private void write(Group group, List<Request<?>> unanswered)
      throws IOException, RocksDBException {
    if (group.batch != null) {
      journal.append(group.batch);
      bytesWritten += group.batch.length;
      syncer.written();
    }
    group.told.run();
    unanswered.removeIf(this::isLeftToSyncer);
    if (group.batch != null) {
      device.apply(database.rocks(), group.batch);
    }
    unanswered.forEach(Request::release);
    unanswered.clear();
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
}
