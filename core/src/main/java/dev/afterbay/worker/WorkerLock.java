package dev.afterbay.worker;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * The lock of what the threads of a worker share. It guards memory: no queue, handler or listener
 * is called under it.
 */
final class WorkerLock {

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();
  private Runnable watcher = () -> {};

  /** Is run under the lock after every change. */
  void watch(Runnable watcher) {
    change(() -> this.watcher = watcher);
  }

  void change(Runnable what) {
    lock.lock();
    try {
      what.run();
      watcher.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  <T> T read(Supplier<T> what) {
    lock.lock();
    try {
      return what.get();
    } finally {
      lock.unlock();
    }
  }

  /** Until the condition holds, or so much time of this machine is over. */
  void await(BooleanSupplier condition, Duration atMost) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      long nanos = TimeUnit.NANOSECONDS.convert(atMost);
      while (!condition.getAsBoolean() && nanos > 0) {
        nanos = changed.awaitNanos(nanos);
      }
    } finally {
      lock.unlock();
    }
  }

  void awaitUninterruptibly(BooleanSupplier condition) {
    lock.lock();
    try {
      while (!condition.getAsBoolean()) {
        changed.awaitUninterruptibly();
      }
    } finally {
      lock.unlock();
    }
  }
}
