package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import io.vertx.core.Context;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The body of a request whose action reads it as it comes, however long it is. */
final class BodyStream implements Deadlines.Expiring {
  /*
   * While the action is behind, the request is paused, and so in the end the client, by the window
   * of its connection. The client has no time limit then: it is not the one that is waited for.
   */

  /** What may be there that the action has not read. */
  static final int AHEAD_BYTES_MAX = 128 << 10;

  /** Before that, Vert.x reads up to 16 pieces more from a request that is paused. */
  static final int UNREAD_BYTES_MAX = 16 * HttpApi.CHUNK_BYTES_MAX;

  /** What a piece takes beside its bytes, of which it may have one. */
  private static final int PIECE_BYTES = 32;

  /** A client that pauses less than it may must still get on: in so many pauses. */
  private static final int PAUSES_MAX = 10;

  private final HttpServerRequest request;
  private final Context context;
  private final Duration patience;
  private final Deadlines deadlines;
  private final Runnable cutOff;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition changed = lock.newCondition();

  /** Guarded by the lock, as the four behind it. */
  private final Deque<byte[]> pieces = new ArrayDeque<>();

  private long held;
  private boolean paused = true;
  private boolean ended;

  /** Why it ended before its end; null: it did not. */
  private @Nullable Problem broken;

  private volatile long latest = Deadlines.NONE;
  private volatile long deadline = Deadlines.NONE;

  private BodyStream(
      HttpServerRequest request, Context context, InFlightRequests inFlight, Runnable cutOff) {
    this.request = request;
    this.context = context;
    this.patience = inFlight.patience().body();
    this.deadlines = inFlight.deadlines();
    this.cutOff = cutOff;
  }

  /**
   * Takes nothing until the action asks; on the event loop, as all methods up to the next.
   *
   * @param cutOff runs on the event loop when the client takes too long
   */
  static BodyStream begin(
      HttpServerRequest request, Context context, InFlightRequests inFlight, Runnable cutOff) {
    request.pause();
    BodyStream body = new BodyStream(request, context, inFlight, cutOff);
    body.deadlines.watch(body);
    return body;
  }

  void add(Buffer chunk) {
    lock.lock();
    try {
      if (ended) {
        return; // Broken off: nobody wants it.
      }
      pieces.add(chunk.getBytes());
      held += PIECE_BYTES + chunk.length();
      changed.signal();
      paused = held >= AHEAD_BYTES_MAX;
      if (paused) {
        request.pause();
      }
      deadline = paused ? Deadlines.NONE : Math.min(latest, Deadlines.after(patience));
    } finally {
      lock.unlock();
    }
  }

  /**
   * Nothing more comes.
   *
   * @param why null: it is whole
   */
  void end(@Nullable Problem why) {
    lock.lock();
    try {
      if (!ended) {
        ended = true;
        broken = why;
        deadline = Deadlines.NONE;
      }
      changed.signal();
    } finally {
      lock.unlock();
    }
  }

  private void resume() {
    lock.lock();
    try {
      if (!ended) {
        progressed();
        deadline = Deadlines.after(patience);
      }
    } finally {
      lock.unlock();
    }
    request.resume();
  }

  /** The action is over: the rest is no business of anybody's. */
  void forget() {
    deadlines.forget(this);
    request.resume();
  }

  /**
   * Waits for the next piece.
   *
   * @return null: that was all
   * @throws Problem.Failure if it ended before its end
   */
  byte @Nullable [] next() throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        if (broken != null) {
          throw new Problem.Failure(broken);
        }
        if (paused && held <= AHEAD_BYTES_MAX / 2 && !ended) {
          paused = false;
          context.runOnContext(_ -> resume());
        }
        byte[] piece = pieces.poll();
        if (piece != null || ended) {
          held -= piece == null ? 0 : PIECE_BYTES + piece.length;
          return piece;
        }
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What came had a use: the client has its time again. */
  void progressed() {
    latest = Deadlines.after(patience.multipliedBy(PAUSES_MAX));
  }

  @Override
  public long deadline() {
    return deadline;
  }

  @Override
  public void expire() {
    // Looked at again where it changes: what came meanwhile must not be cut off.
    context.runOnContext(_ -> {
      if (deadline <= Deadlines.now()) {
        deadline = Deadlines.NONE; // What comes of it has its own time.
        cutOff.run();
      }
    });
  }
}
