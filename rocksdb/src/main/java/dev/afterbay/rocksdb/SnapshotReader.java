package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.ledger.TableView;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A thread for reads that may take long, each from a snapshot of its own. */
final class SnapshotReader {

  private static final int WAITING_MAX = 1_000;
  private static final int END_SECONDS = 60;
  private static final Logger LOG = System.getLogger(SnapshotReader.class.getName());

  private final Applier applier;
  private final StoreFailure failure;
  private final ThreadPoolExecutor thread;
  private volatile boolean ending;

  SnapshotReader(Applier applier, StoreFailure failure) {
    this.applier = applier;
    this.failure = failure;
    this.thread =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING_MAX),
            Thread.ofPlatform().daemon().name("afterbay-read").factory());
  }

  <T> T read(Function<TableView, T> reading) {
    StoreRequest<T> request = new StoreRequest<>(StoreRequest.Kind.READ, () -> snapshot(reading));
    try {
      thread.execute(() -> run(request));
    } catch (RejectedExecutionException e) {
      throw thread.isShutdown()
          ? failure.unavailable()
          : new BrokerException.Unavailable("too many listings wait: try again later", e);
    }
    return request.await();
  }

  /** Gives up the reads that wait or go on, and ends: nobody may close what is being read. */
  void end() throws InterruptedException {
    ending = true;
    thread.shutdown();
    while (!thread.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
      LOG.log(Level.WARNING, "The store cannot be closed yet, as a listing waits for the disk");
    }
  }

  private <T> T snapshot(Function<TableView, T> reading) {
    try (RocksView view = applier.snapshot(() -> ending)) {
      return reading.apply(view);
    }
  }

  private void run(StoreRequest<?> request) {
    if (failure.reason() != null) {
      request.refuse(failure);
      return;
    }
    try {
      request.run();
      request.release();
    } catch (TablesFailed e) {
      if (Shortage.is(e)) {
        request.refuse(failure.notRead(e));
      } else {
        failure.stop("", e);
        request.refuse(failure);
      }
    } catch (Throwable e) {
      request.refuse(failure.notRead(e));
    }
  }
}
