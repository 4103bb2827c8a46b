package dev.afterbay.client;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * One timer for threads that are most likely woken long before their time is over.
 *
 * <p>A timed wait of a virtual thread puts a task into the timer of the JDK and takes it out again,
 * and wakes the timer's thread for both. With 64 senders that thread alone took a sixth of the
 * processor time of a client.
 */
final class SharedTimer {
  /*
   * A thread of the platform, as others may keep all carriers of virtual ones, looks at all who
   * wait, and ends when for some time there is nobody. It wakes each a little before his time, and
   * he waits for the rest by himself: so nobody wakes late.
   *
   * Who waits is in the set before he asks whether that thread looks, and it looks into the set
   * once more after it has said that it does not: one of both sees the other. Before it has said
   * that it does, nobody relies on it, but waits by himself: so it matters to nobody if there is no
   * thread for it, or no memory.
   */

  /** It takes nothing along from whoever happens to begin it, and keeps no JVM from its end. */
  static final ThreadFactory THREADS =
      Thread.ofPlatform()
          .daemon()
          .name("afterbay-http-timer")
          .inheritInheritableThreadLocals(false) // Nor the class loader of its context.
          .factory();

  static final SharedTimer STANDARD = new SharedTimer(100, THREADS, Deadline::now);

  private static final int IDLE_LOOKS_MAX = 10;

  /** Without a thread: when it is tried again. */
  private static final long AGAIN_MILLIS = 1_000;

  private final long lookMillis;
  private final ThreadFactory threads;
  private final LongSupplier clock;
  private final Set<Parked> parked = ConcurrentHashMap.newKeySet();
  private final AtomicBoolean begun = new AtomicBoolean();
  private volatile boolean looking;
  private volatile long beginsFrom = Long.MIN_VALUE;

  /** Who waits, by identity. */
  private static final class Parked {
    private final Thread thread = Thread.currentThread();
    private final long wakeAt;

    Parked(long wakeAt) {
      this.wakeAt = wakeAt;
    }
  }

  /**
   * @param lookMillis from one look at all who wait to the next
   * @param clock as {@link Deadline#now}
   */
  SharedTimer(long lookMillis, ThreadFactory threads, LongSupplier clock) {
    this.lookMillis = lookMillis;
    this.threads = threads;
    this.clock = clock;
  }

  /**
   * Waits until it is done or the time is over. Whoever does it unparks this thread then.
   *
   * @throws InterruptedException if it is not done, and the thread is interrupted
   */
  void await(long until, BooleanSupplier done) throws InterruptedException {
    if (Thread.currentThread() instanceof ForkJoinWorkerThread && !done.getAsBoolean()) {
      ForkJoinPool.managedBlock(new Managed(until, done));
    } else {
      awaitHere(until, done);
    }
  }

  /** A worker of a pool is replaced while it waits: it may wait for others of the same pool. */
  private final class Managed implements ForkJoinPool.ManagedBlocker {
    private final long until;
    private final BooleanSupplier done;

    Managed(long until, BooleanSupplier done) {
      this.until = until;
      this.done = done;
    }

    @Override
    public boolean block() throws InterruptedException {
      awaitHere(until, done);
      return true;
    }

    @Override
    public boolean isReleasable() {
      return done.getAsBoolean() || clock.getAsLong() >= until;
    }
  }

  private void awaitHere(long until, BooleanSupplier done) throws InterruptedException {
    while (!done.getAsBoolean() && clock.getAsLong() < until) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      park(until, done);
    }
  }

  private void park(long until, BooleanSupplier done) {
    long near = 3 * lookMillis;
    if (until - clock.getAsLong() <= near || !isParked(until - near, done)) {
      long left = until - clock.getAsLong();
      if (!done.getAsBoolean()) {
        parkFor(left);
      }
    }
  }

  /**
   * Parks, if there is somebody who wakes it then. Asks first whether it is done: a lock on the
   * way, as of a class that is loaded, may have used up the permit of whoever did it.
   */
  private boolean isParked(long wakeAt, BooleanSupplier done) {
    Parked self = new Parked(wakeAt);
    try {
      parked.add(self); // Without memory it may fail, and be in there.
      if (!looking) {
        begin();
        return false;
      }
      if (!done.getAsBoolean()) {
        LockSupport.park(this);
      }
      return true;
    } finally {
      parked.remove(self);
    }
  }

  private static void parkFor(long millis) {
    LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(millis));
  }

  private void begin() {
    if (clock.getAsLong() < beginsFrom || !begun.compareAndSet(false, true)) {
      return;
    }
    try {
      threads.newThread(this::look).start();
    } catch (RuntimeException | Error _) { // There is no thread for it, or no memory.
      beginsFrom = clock.getAsLong() + AGAIN_MILLIS;
      begun.set(false);
    }
  }

  private void look() {
    do {
      looking = true;
      int idle = 0;
      while (idle < IDLE_LOOKS_MAX) {
        parkFor(lookMillis);
        boolean _ = Thread.interrupted(); // Else it would not park any more.
        idle = wakeWhoseTimeIsNear() ? 0 : idle + 1;
      }
      looking = false;
    } while (wakeWhoseTimeIsNear());
    begun.set(false);
  }

  /** Whether somebody waits. */
  private boolean wakeWhoseTimeIsNear() {
    boolean waiting = false;
    try {
      long now = clock.getAsLong();
      for (Parked each : parked) { // Its size may be wrong after it was without memory.
        waiting = true;
        if (each.wakeAt <= now) {
          LockSupport.unpark(each.thread);
        }
      }
      return waiting;
    } catch (RuntimeException | Error _) { // Nothing else wakes them: it outlives a full heap.
      return true;
    }
  }

  /** Whether there is a thread that looks. */
  boolean isLooking() {
    return looking;
  }
}
