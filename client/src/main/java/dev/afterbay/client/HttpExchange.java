package dev.afterbay.client;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** A request and its answer, on the thread that runs it. An interrupt of that ends it at once. */
final class HttpExchange {
  /*
   * A server acts on a request once its last byte is there. As long as that was never handed to
   * the connection, whatever goes wrong, the server has certainly not done what was asked. Who
   * gives a request up keeps its last bytes back in the same step in which he asks.
   *
   * A kept connection may have been closed by the server in the moment in which it is used. What
   * then became of a request is not known, unless it only asks: a GET goes once again, on a new
   * connection, if nothing at all came back.
   */

  private enum Progress {
    OPEN,
    HANDED_OUT,
    KEPT_BACK
  }

  private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory();
  private static final int HEAD_BYTES_MAX = 64 << 10;
  private static final int INTERIM_COUNT_MAX = 16;

  /** Of a request, in one go; what is smaller goes in one packet, as far as there is room. */
  private static final int WRITE_BYTES = 64 << 10;

  private static final byte[] NOTHING = {};

  private final ConnectionPool pool;
  private final byte[] head;
  private final byte[] body;
  private final boolean repeatable;
  private final HttpTransport.Answer expected;
  private final long deadline;
  private final AtomicReference<Progress> progress = new AtomicReference<>(Progress.OPEN);

  HttpExchange(ConnectionPool pool, byte[] head, HttpTransport.Call call, long deadline) {
    byte[] given = call.body();
    this.pool = pool;
    this.head = head;
    this.body = given == null ? NOTHING : given;
    this.repeatable = call.method().equals("GET");
    this.expected = call.answer();
    this.deadline = deadline;
  }

  /** Whether the server may have all of it; if it has not, it will not get it any more. */
  boolean end() {
    return !progress.compareAndSet(Progress.OPEN, Progress.KEPT_BACK) && isHandedOut();
  }

  private boolean isHandedOut() {
    return progress.get() == Progress.HANDED_OUT;
  }

  boolean isOverdue() {
    return Deadline.now() >= deadline;
  }

  /** What came, whatever that says. */
  HttpResponse run() throws IOException {
    return run(false).response();
  }

  /** As {@link #run}, and does not wait for the end of a stream of events. */
  Streamed stream() throws IOException {
    return run(true);
  }

  /**
   * A stream, or what came instead.
   *
   * @param stream null: there is none
   */
  record Streamed(HttpResponse response, @Nullable InputStream stream) {}

  private Streamed run(boolean streams) throws IOException {
    HttpConnection kept = pool.take(deadline);
    if (kept != null) {
      try {
        return on(kept, streams);
      } catch (IOException e) {
        if (!repeatable || kept.isAnswered() || isOverdue() || !mayGoOn()) {
          throw e;
        }
      }
    }
    return on(pool.open(deadline), streams);
  }

  private boolean mayGoOn() {
    return !pool.isClosed() && !Thread.currentThread().isInterrupted();
  }

  private Streamed on(HttpConnection connection, boolean streams) throws IOException {
    boolean free = false;
    boolean open = false;
    try {
      ResponseHead early = send(connection);
      ResponseHead answer = early == null ? readHead(connection) : early;
      ResponseBody content = new ResponseBody(connection, answer, () -> pool.discard(connection));
      boolean events = streams && ExchangeEnd.isEventStream(answer);
      if (events && connection.extend(Deadline.NONE)) {
        open = true;
        return new Streamed(new HttpResponse(answer, NOTHING), content);
      }
      if (streams && !events && !ExchangeEnd.isProblem(answer)) {
        // Its head says all that matters; its body may have no end.
        return new Streamed(new HttpResponse(answer, NOTHING), null);
      }
      HttpTransport.Answer wanted = answer.isSuccess() ? expected : HttpTransport.Answer.JSON;
      byte[] bytes = content.readWhole(AnswerLimit.of(wanted, HEAP_BYTES));
      free = early == null && content.isConnectionFree();
      return new Streamed(new HttpResponse(answer, bytes), null);
    } finally {
      if (free) {
        pool.keep(connection);
      } else if (!open) {
        pool.discard(connection);
      }
    }
  }

  private static ResponseHead readHead(HttpConnection connection) throws IOException {
    for (int i = 0; i < INTERIM_COUNT_MAX; i++) {
      ResponseHead answer = connection.readHead(HEAD_BYTES_MAX);
      if (!answer.isInterim()) {
        return answer;
      }
    }
    throw new MalformedAnswer("more than " + INTERIM_COUNT_MAX + " answers before the last one");
  }

  /**
   * Null: all of it is sent. Else the answer that came before: a server may refuse what is too
   * large before it has it.
   */
  private @Nullable ResponseHead send(HttpConnection connection) throws IOException {
    connection.beginRequest();
    int ahead = Math.min(body.length, Math.max(0, WRITE_BYTES - head.length));
    byte[] first = new byte[head.length + ahead];
    System.arraycopy(head, 0, first, 0, head.length);
    System.arraycopy(body, 0, first, head.length, ahead);
    try {
      write(connection, first, 0, first.length, ahead == body.length);
      for (int at = ahead; at < body.length; at += WRITE_BYTES) {
        if (connection.hasInput()) {
          ResponseHead early = connection.readHead(HEAD_BYTES_MAX);
          if (!early.isInterim()) {
            return early;
          }
        }
        int count = Math.min(WRITE_BYTES, body.length - at);
        write(connection, body, at, count, at + count == body.length);
      }
      return null;
    } catch (IOException e) {
      return saidBefore(connection, e);
    }
  }

  private void write(HttpConnection connection, byte[] bytes, int from, int count, boolean last)
      throws IOException {
    if (last && !progress.compareAndSet(Progress.OPEN, Progress.HANDED_OUT) && !isHandedOut()) {
      throw new IOException("given up");
    }
    connection.write(bytes, from, count);
  }

  /** A connection that broke may have an answer still; there is nothing to wait for. */
  private ResponseHead saidBefore(HttpConnection connection, IOException broken)
      throws IOException {
    if (!mayGoOn() || isOverdue()) {
      throw broken;
    }
    try {
      return readHead(connection);
    } catch (IOException e) {
      broken.addSuppressed(e);
      throw broken;
    }
  }
}
