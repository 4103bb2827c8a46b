package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Why the store refuses everything until it was closed and opened again; set once.
 *
 * <p>After a failed write the memory of the ledger is ahead of its tables, and after a failed sync
 * nobody knows which pages are on the disk: the kernel reports the error once and may then call the
 * same pages clean. So neither is tried again. Opening again reads what is really there.
 */
final class StoreFailure {

  private static final Logger LOG = System.getLogger(StoreFailure.class.getName());

  private record Cause(String reason, Throwable thrown) {}

  private static final String NO_MEMORY = "the memory of the process is used up";

  private final AtomicReference<@Nullable Cause> cause = new AtomicReference<>();

  /*
   * Made beforehand: when the heap is over, whatever the handler of that makes may throw again, and
   * those who wait for the store must be told all the same.
   */
  private final Cause noMemory = new Cause(NO_MEMORY, new OutOfMemoryError(NO_MEMORY));

  private final BrokerException noMemoryUnavailable =
      new BrokerException.Unavailable(
          "the store has stopped (" + NO_MEMORY + "): close it and open it again", noMemory.thrown);

  private final BrokerException noMemoryNotRead =
      new BrokerException.Unavailable(
          "the read failed (" + NO_MEMORY + "): try again later", noMemory.thrown);

  private final BrokerException noMemoryUnknown =
      new BrokerException.OutcomeUnknown(
          "the store stopped during the write ("
              + NO_MEMORY
              + "): when it is open again, retry with the same id or key",
          noMemory.thrown);

  /**
   * As {@link #set}, and throws nothing: for the end of a thread that others wait for.
   *
   * @param doing what failed, with a blank behind it; empty: the cause says that
   */
  void stop(String doing, Throwable thrown) {
    try {
      set(doing + Reason.of(thrown), thrown);
    } catch (OutOfMemoryError _) {
      cause.compareAndSet(null, noMemory);
    } catch (Throwable alsoFailed) { // As a class that cannot be loaded without a descriptor.
      String told = thrown.getClass().getName() + ", then " + alsoFailed.getClass().getName();
      cause.compareAndSet(null, new Cause(doing + told, thrown));
    }
  }

  /**
   * @param reason what failed, and why
   */
  void set(String reason, Throwable thrown) {
    if (cause.compareAndSet(null, new Cause(reason, thrown))) {
      LOG.log(
          Level.ERROR,
          "The store stops: " + reason + ". Close it and open it again (restart the server)",
          thrown);
    }
  }

  /** Null: all is well. */
  @Nullable String reason() {
    Cause known = cause.get();
    return known == null ? null : known.reason;
  }

  /** For a request that certainly did nothing. */
  BrokerException unavailable() {
    try {
      return newUnavailable();
    } catch (OutOfMemoryError _) {
      return noMemoryUnavailable;
    }
  }

  private BrokerException newUnavailable() {
    Cause known = cause.get();
    return known == null
        ? new BrokerException.Unavailable("the store is closed: open it again")
        : new BrokerException.Unavailable(
            "the store has stopped (" + known.reason + "): close it and open it again",
            known.thrown);
  }

  /** For a read that failed for its own reason, while the store goes on. */
  BrokerException notRead(Throwable thrown) {
    try {
      return new BrokerException.Unavailable(
          "the read failed (" + Reason.of(thrown) + "): try again later", thrown);
    } catch (OutOfMemoryError _) {
      return noMemoryNotRead;
    }
  }

  /** For a request that may have happened. */
  BrokerException outcomeUnknown() {
    try {
      return newOutcomeUnknown();
    } catch (OutOfMemoryError _) {
      return noMemoryUnknown;
    }
  }

  private BrokerException newOutcomeUnknown() {
    Cause known = cause.get();
    return known == null
        ? new BrokerException.Unavailable("the store is closed: open it again")
        : new BrokerException.OutcomeUnknown(
            "the store stopped during the write ("
                + known.reason
                + "): when it is open again, retry with the same id or key",
            known.thrown);
  }
}
