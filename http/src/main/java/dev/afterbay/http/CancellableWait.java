package dev.afterbay.http;

import java.util.concurrent.Callable;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Whether the client of a request is still there, for the thread that waits on its behalf. */
final class CancellableWait {
  /*
   * The interrupt is given and taken back under the lock, so that it hits the wait and nothing
   * that the thread does afterwards.
   */

  private final ReentrantLock lock = new ReentrantLock();
  private @Nullable Thread waiter;
  private boolean interrupted;
  private boolean gone;

  /** The client has left: a wait ends, and none begins any more. */
  void gone() {
    lock.lock();
    try {
      gone = true;
      interrupt();
    } finally {
      lock.unlock();
    }
  }

  /** Ends a wait; if none has begun yet, the next one. */
  void interrupt() {
    lock.lock();
    try {
      interrupted = true;
      if (waiter != null) {
        waiter.interrupt();
      }
    } finally {
      lock.unlock();
    }
  }

  boolean isGone() {
    lock.lock();
    try {
      return gone;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Waits on the calling thread.
   *
   * @return null: the wait was cut short
   */
  <T> @Nullable T whilePresent(Callable<T> wait) {
    if (!begin()) {
      return null;
    }
    try {
      return wait.call();
    } catch (InterruptedException _) {
      return null;
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    } finally {
      end();
    }
  }

  private boolean begin() {
    lock.lock();
    try {
      waiter = interrupted ? null : Thread.currentThread();
      return !interrupted;
    } finally {
      lock.unlock();
    }
  }

  private void end() {
    lock.lock();
    try {
      waiter = null;
      Thread.interrupted();
    } finally {
      lock.unlock();
    }
  }
}
