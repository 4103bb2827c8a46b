package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Why the store refuses everything until it was closed and opened again; set once.
 *
 * <p>After a failed write the memory of the ledger is ahead of its tables, and after a failed sync
 * nobody knows which pages are on the disk: the kernel reports the error once and may then call the
 * same pages clean. So neither is tried again. Opening again reads what is really there.
 */
final class Failure {

  private static final Logger LOG = LoggerFactory.getLogger(Failure.class);

  private record Cause(String reason, Throwable thrown) {}

  private final AtomicReference<@Nullable Cause> cause = new AtomicReference<>();

  /**
   * @param reason what failed, and why
   */
  void set(String reason, Throwable thrown) {
    if (cause.compareAndSet(null, new Cause(reason, thrown))) {
      LOG.error(
          "The store stops: {}. Close it and open it again (restart the server)", reason, thrown);
    }
  }

  /** Null: all is well. */
  @Nullable String reason() {
    Cause known = cause.get();
    return known == null ? null : known.reason;
  }

  /** For a request that certainly did nothing. */
  BrokerException unavailable() {
    Cause known = cause.get();
    return known == null
        ? new BrokerException.Unavailable("the store is closed: open it again")
        : new BrokerException.Unavailable(
            "the store has stopped (" + known.reason + "): close it and open it again",
            known.thrown);
  }

  /** For a request that may have happened. */
  BrokerException outcomeUnknown() {
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
