package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that a caller wants done on a thread of the store, and the latch that the caller waits
 * at.
 *
 * <p>An interrupt does not end the wait: the request may be in a batch already, and jobs that were
 * claimed for a caller who has left would stay leased to nobody. The caller gets the answer, which
 * is a matter of milliseconds, and its interrupt status back; what it does with jobs it no longer
 * wants (release them) is its own decision.
 */
final class StoreRequest<T extends @Nullable Object> {

  /** Whether a request only reads, or when a change of its may be answered. */
  enum Kind {
    READ,
    WRITTEN,
    SYNCED
  }

  private final Supplier<T> work;
  private final Thread caller = Thread.currentThread();
  private Kind kind;
  private boolean ran;
  private @Nullable T answer;
  private @Nullable RuntimeException refusal;
  private volatile boolean answered;

  /** The next in an {@link RequestQueue} or a chain. */
  @Nullable StoreRequest<?> next;

  StoreRequest(Kind kind, Supplier<T> work) {
    this.kind = kind;
    this.work = work;
  }

  /**
   * Runs it. What a typed refusal comes to is the caller's; anything else that a change throws may
   * have left half of it behind, and passes on to stop the store.
   */
  void run() {
    ran = true;
    try {
      answer = work.get();
    } catch (BrokerException e) {
      refusal = e;
    } catch (TablesFailed e) {
      throw e;
    } catch (RuntimeException e) {
      if (kind != Kind.READ) {
        throw e;
      }
      refusal = e;
    }
  }

  /** The answer must wait for a sync. */
  void needsSync() {
    kind = Kind.SYNCED;
  }

  boolean isSynced() {
    return kind == Kind.SYNCED;
  }

  /** Lets the caller go on, with the result of {@link #run}. */
  void release() {
    answered = true;
    LockSupport.unpark(caller);
  }

  /** Lets the caller go on without an answer. */
  void refuse(StoreFailure failure) {
    refusal = ran && kind != Kind.READ ? failure.outcomeUnknown() : failure.unavailable();
    release();
  }

  /** Lets the callers of it and of all behind it go on. Makes nothing but the refusals. */
  static void refuseAll(@Nullable StoreRequest<?> chain, StoreFailure failure) {
    StoreRequest<?> at = chain;
    while (at != null) {
      StoreRequest<?> next = at.next;
      at.refuse(failure);
      at = next;
    }
  }

  /** Lets the caller go on with what went wrong for it alone. */
  void refuse(RuntimeException why) {
    refusal = why;
    release();
  }

  /** Lets the caller go on without an answer, as the disk is full. */
  void refuse(BrokerException.DiskFull full) {
    String message = String.valueOf(full.getMessage());
    if (!ran || kind == Kind.READ) {
      refusal = new BrokerException.Unavailable(message, full);
    } else if (refusal == null) {
      refusal =
          new BrokerException.OutcomeUnknown(
              message + "; it happens when there is room: retry with the same id or key", full);
    }
    release();
  }

  /** Waits for the answer, which may be null where the work's is. */
  @SuppressWarnings("NullAway") // As nullable as T is.
  T await() {
    boolean interrupted = false;
    while (!answered) {
      LockSupport.park(this);
      interrupted |= Thread.interrupted();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (refusal != null) {
      throw refusal;
    }
    return answer;
  }
}
