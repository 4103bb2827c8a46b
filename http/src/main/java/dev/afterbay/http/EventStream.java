package dev.afterbay.http;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * The answer of an event stream, an export or a backup: written bit by bit, never further ahead
 * than the client reads.
 */
final class EventStream {
  /*
   * A permit is a KiB that may be on its way. Who writes waits for permits, so that what a slow
   * client does not take stays in the watch, which is bounded and ends in a reset.
   */

  static final String CONTENT_TYPE = "text/event-stream; charset=utf-8";

  private static final int AHEAD_KIB_MAX = 256;
  private static final int KIB = 1_024;

  private final Exchange exchange;
  private final Duration patience;
  private final MemoryBudget budget;
  private final Semaphore ahead = new Semaphore(AHEAD_KIB_MAX);

  EventStream(Exchange exchange, Duration patience, MemoryBudget budget) {
    this.exchange = exchange;
    this.patience = patience;
    this.budget = budget;
  }

  /** Sends the header. */
  void begin(String contentType) {
    exchange
        .context()
        .runOnContext(_ -> {
          HttpServerResponse response = exchange.response();
          response.putHeader("content-type", contentType);
          response.putHeader("cache-control", "no-store");
          response.putHeader("x-accel-buffering", "no");
          exchange.addCommonHeaders(response);
          if (!exchange.isMultiplexed()) {
            response.putHeader("connection", "close"); // As it is closed at the end.
          }
          // HTTP/1.0 knows no chunks: the first block sends the header.
          if (!exchange.isHttp10() && !exchange.isGone()) {
            response.writeHead();
          }
        });
  }

  /** False: the client does not read, or what all of them have not read fills the memory. */
  boolean write(byte[] bytes) throws InterruptedException {
    int permits = permits(bytes);
    if (!ahead.tryAcquire(permits, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    if (!budget.take(bytes.length, false)) {
      ahead.release(permits);
      return false;
    }
    writeTaken(bytes, permits);
    return true;
  }

  /**
   * Of a stream that is the only one of its kind, whatever others have in memory.
   *
   * @return false: the client does not read
   */
  boolean writeAlone(byte[] bytes) throws InterruptedException {
    int permits = permits(bytes);
    if (!ahead.tryAcquire(permits, patience.toMillis(), TimeUnit.MILLISECONDS)) {
      return false;
    }
    budget.takeAnyway(bytes.length);
    writeTaken(bytes, permits);
    return true;
  }

  private static int permits(byte[] bytes) {
    return Math.min(AHEAD_KIB_MAX, 1 + bytes.length / KIB);
  }

  private void writeTaken(byte[] bytes, int permits) {
    writeAnyway(
        bytes,
        () -> {
          budget.give(bytes.length);
          ahead.release(permits);
        });
  }

  /** Writes a last word, however much is on its way. */
  void writeLast(byte[] bytes) {
    writeAnyway(bytes, () -> {});
  }

  /**
   * @param gone runs when they are written, or never will be
   */
  private void writeAnyway(byte[] bytes, Runnable gone) {
    exchange
        .context()
        .runOnContext(_ -> {
          if (exchange.isGone()) {
            gone.run();
          } else {
            exchange.response().write(Buffer.buffer(bytes)).onComplete(_ -> gone.run());
          }
        });
  }
}
