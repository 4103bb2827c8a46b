package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.store.TableView;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** A thread for reads that may take long, each from a snapshot of its own. */
final class Reader {

  private static final int WAITING_MAX = 1_000;
  private static final int END_SECONDS_MAX = 60;

  private final Applier applier;
  private final Failure failure;
  private final ThreadPoolExecutor thread;

  Reader(Applier applier, Failure failure) {
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
    Request<T> request = new Request<>(Request.Kind.READ, () -> snapshot(reading));
    try {
      thread.execute(() -> run(request));
    } catch (RejectedExecutionException e) {
      throw thread.isShutdown()
          ? failure.unavailable()
          : new BrokerException.Unavailable("too many listings wait: try again later", e);
    }
    return request.await();
  }

  /** Ends after the reads that wait. */
  void end() throws InterruptedException {
    thread.shutdown();
    if (!thread.awaitTermination(END_SECONDS_MAX, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a listing has taken " + END_SECONDS_MAX + " s");
    }
  }

  private <T> T snapshot(Function<TableView, T> reading) {
    try (RocksView view = applier.snapshot()) {
      return reading.apply(view);
    }
  }

  private void run(Request<?> request) {
    if (failure.reason() != null) {
      request.refuse(failure);
      return;
    }
    try {
      request.run();
      request.release();
    } catch (TablesFailed e) {
      failure.stop("", e);
      request.refuse(failure);
    } catch (Throwable e) {
      request.refuse(failure.notRead(e));
    }
  }
}
