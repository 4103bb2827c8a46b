package dev.afterbay.rocksdb;

import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The thread that syncs: once for all requests that wait for it, while the writer already writes
 * the next group.
 *
 * <p>It also keeps the {@link Mark}, which costs a sync of its own, so not with every group: when
 * nothing was written for {@value #IDLE_MILLIS} ms, every {@value #MARK_MILLIS} ms, and at the end.
 * What was only written gets synced then too, so that a loss of power costs a second of it at most.
 */
final class Syncer {

  private static final long IDLE_MILLIS = 50;
  private static final long MARK_MILLIS = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final RocksDB rocks;
  private final Device device;
  private final Mark mark;
  private final Failure failure;
  private final Inbox inbox = new Inbox();
  private final Thread thread;
  private volatile long written;
  private volatile boolean asleep;
  private volatile boolean ending;
  private @Nullable Request<?> chain;
  private volatile long synced;
  private long markedAtNanos = System.nanoTime();

  Syncer(RocksDB rocks, Device device, Mark mark, Failure failure) {
    this.rocks = rocks;
    this.device = device;
    this.mark = mark;
    this.failure = failure;
    this.written = mark.commit();
    this.synced = mark.commit();
    this.thread = Thread.ofPlatform().daemon().name("afterbay-sync").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** The number of a change up to which everything is synced. */
  long synced() {
    return synced;
  }

  /** Everything up to the commit is written. */
  void written(long commit) {
    written = commit;
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** Answers the request after the next sync. */
  void whenSynced(Request<?> request) {
    switch (inbox.push(request)) {
      case FIRST -> LockSupport.unpark(thread);
      case BEHIND -> {}
      case CLOSED -> request.refuse(failure);
    }
  }

  /** Syncs what is left, marks it and ends. */
  void end() throws InterruptedException {
    ending = true;
    LockSupport.unpark(thread);
    thread.join();
  }

  private void run() {
    try {
      boolean more = true;
      while (more && failure.reason() == null) {
        more = step();
      }
    } catch (Throwable e) {
      failure.set("a sync", e);
    }
    refuse(chain);
    refuse(inbox.close());
  }

  /** Answers whether to go on. */
  private boolean step() throws RocksDBException, IOException {
    chain = inbox.takeAll();
    boolean idle = chain == null;
    long upTo = written;
    if (!idle) {
      sync(upTo);
      release();
    }
    if (upTo > mark.commit()) {
      boolean late = System.nanoTime() - markedAtNanos >= MARK_MILLIS * NANOS_PER_MILLI;
      if (late || ending || (idle && isIdleFor(upTo))) {
        mark(upTo);
      }
    } else if (idle) {
      return !ending && sleep();
    }
    return true;
  }

  private boolean isIdleFor(long upTo) {
    LockSupport.parkNanos(this, IDLE_MILLIS * NANOS_PER_MILLI);
    return written == upTo && inbox.isEmpty();
  }

  private boolean sleep() {
    asleep = true;
    if (inbox.isEmpty() && written == mark.commit() && !ending) {
      LockSupport.park(this);
    }
    asleep = false;
    return true;
  }

  private void mark(long upTo) throws RocksDBException, IOException {
    sync(upTo);
    mark.write(upTo);
    markedAtNanos = System.nanoTime();
  }

  private void sync(long upTo) throws RocksDBException {
    if (upTo > synced) {
      device.sync(rocks);
      synced = upTo;
    }
  }

  private void release() {
    Request<?> at = chain;
    chain = null;
    while (at != null) {
      Request<?> next = at.next;
      at.next = null;
      at.release();
      at = next;
    }
  }

  private void refuse(@Nullable Request<?> chain) {
    Request<?> at = chain;
    while (at != null) {
      Request<?> next = at.next;
      at.refuse(failure);
      at = next;
    }
  }
}
