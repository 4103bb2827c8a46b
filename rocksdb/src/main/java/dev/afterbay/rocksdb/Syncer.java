package dev.afterbay.rocksdb;

import dev.afterbay.ledger.BatchLog;
import java.io.IOException;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * The thread that syncs: once for all requests that wait for it, while the writer already writes
 * the next group.
 *
 * <p>It also keeps the {@link SyncMark}, which costs a sync of its own, so not with every group:
 * when nothing was written for {@value #IDLE_MILLIS} ms, every {@value #MARK_MILLIS} ms, and at the
 * end. What was only written gets synced then too, so that a loss of power costs a second of it at
 * most.
 */
final class Syncer {

  private static final long IDLE_MILLIS = 50;
  private static final long MARK_MILLIS = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  private final BatchLog log;
  private final SyncMark mark;
  private final StoreFailure failure;
  private final RequestQueue inbox = new RequestQueue();
  private final Thread thread;
  private volatile boolean asleep;
  private volatile boolean ending;
  private @Nullable StoreRequest<?> chain;
  private long synced;
  private long markedAtNanos = System.nanoTime();

  Syncer(BatchLog log, SyncMark mark, StoreFailure failure) {
    this.log = log;
    this.mark = mark;
    this.failure = failure;
    this.synced = mark.commit();
    this.thread = Thread.ofPlatform().daemon().name("afterbay-sync").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** There is more in the log. */
  void written() {
    if (asleep) {
      LockSupport.unpark(thread);
    }
  }

  /** Answers the request after the next sync. */
  void whenSynced(StoreRequest<?> request) {
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
      failure.stop("a sync failed: ", e);
    } finally {
      StoreRequest.refuseAll(chain, failure);
      StoreRequest.refuseAll(inbox.close(), failure);
    }
  }

  /** Answers whether to go on. */
  private boolean step() throws IOException {
    chain = inbox.takeAll();
    boolean idle = chain == null;
    long upTo = log.number();
    if (!idle) {
      sync(upTo);
      release();
    }
    if (upTo > mark.commit()) {
      boolean late = System.nanoTime() - markedAtNanos >= MARK_MILLIS * NANOS_PER_MILLI;
      if (late || ending || (idle && isIdleFor(upTo))) {
        return mark(upTo) || !ending;
      }
    } else if (idle) {
      return !ending && sleep();
    }
    return true;
  }

  private boolean isIdleFor(long upTo) {
    LockSupport.parkNanos(this, IDLE_MILLIS * NANOS_PER_MILLI);
    return log.number() == upTo && inbox.isEmpty();
  }

  private boolean sleep() {
    asleep = true;
    if (inbox.isEmpty() && log.number() == mark.commit() && !ending) {
      LockSupport.park(this);
    }
    asleep = false;
    return true;
  }

  /** False: there was no room, so the mark is older than it could be. */
  private boolean mark(long upTo) throws IOException {
    sync(upTo);
    markedAtNanos = System.nanoTime();
    try {
      mark.write(upTo);
      return true;
    } catch (IOException e) {
      if (e instanceof Journal.SyncFailed || !Shortage.is(e)) {
        throw e;
      }
      return false;
    }
  }

  private void sync(long upTo) throws IOException {
    if (upTo > synced) {
      log.sync();
      synced = upTo;
    }
  }

  private void release() {
    StoreRequest<?> at = chain;
    chain = null;
    while (at != null) {
      StoreRequest<?> next = at.next;
      at.next = null;
      at.release();
      at = next;
    }
  }
}
