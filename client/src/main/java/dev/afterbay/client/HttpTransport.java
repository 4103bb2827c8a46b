package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.Problem;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way from a client to its server: requests, and their answers in time. */
final class HttpTransport implements AutoCloseable {
  /*
   * HTTP/1.1 and not 2: a wait is a connection of its own, so that a client that dies is seen by
   * the server, and one lost packet does not hold up the others.
   *
   * Who waits for nothing else runs the exchange on his own thread; the others have one made for
   * it. Nothing waits without a deadline.
   */

  private final URI base;
  private final Patience patience;
  private final RequestHead head;
  private final ConnectionPool pool;

  /** Without headers of one's own, and with the TLS of the JDK. */
  HttpTransport(URI base, Patience patience) {
    this(ServerAddress.of(ServerAddress.base(base), null), patience, List.of());
  }

  /**
   * @param headers of every request: names, and the value after each
   */
  HttpTransport(ServerAddress server, Patience patience, List<String> headers) {
    this.base = server.base();
    this.patience = patience;
    this.head = new RequestHead(server, headers);
    this.pool = new ConnectionPool(server, patience.connect());
  }

  /**
   * How long things may take.
   *
   * @param answer from the begin of a request to the last byte of its answer, beyond the time that
   *     it asks the server to wait
   * @param close for handing back what is open when something is closed
   */
  record Patience(Duration connect, Duration answer, Duration close) {
    static final Patience STANDARD =
        new Patience(Duration.ofSeconds(5), Duration.ofSeconds(30), Duration.ofSeconds(5));
  }

  /** What a request does to the server, if it is not known whether it got there. */
  enum Effect {
    /** Nothing that would matter. */
    NONE,
    CHANGES;

    BrokerException failed(String what, Throwable cause) {
      return this == NONE
          ? new BrokerException.Unavailable(what, cause)
          : new BrokerException.OutcomeUnknown(what, cause);
    }
  }

  /** What a request is answered with, if there is anything to say. */
  enum Answer {
    JSON("application/json"),
    /** JSON with messages, which may be large. */
    MESSAGES("application/json"),
    BYTES(Message.BYTES);

    private final String contentType;

    Answer(String contentType) {
      this.contentType = contentType;
    }

    String contentType() {
      return contentType;
    }
  }

  /**
   * A request.
   *
   * @param path percent-encoded, with its query
   * @param body null: none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Call(String method, String path, byte @Nullable [] body, Effect effect, Answer answer) {

    /** Whose answer is JSON without messages, if there is any. */
    Call(String method, String path, byte @Nullable [] body, Effect effect) {
      this(method, path, body, effect, Answer.JSON);
    }

    static Call get(String path) {
      return new Call("GET", path, null, Effect.NONE);
    }

    static Call post(String path, byte[] body) {
      return new Call("POST", path, body, Effect.CHANGES);
    }

    /** A question with a body. What is leased for its answer comes back by itself. */
    static Call ask(String path, byte[] body) {
      return new Call("POST", path, body, Effect.NONE);
    }

    /** As this, with messages in its answer. */
    Call bringingMessages() {
      return new Call(method, path, body, effect, Answer.MESSAGES);
    }

    /** Without the token of a session, which is all that one needs to use it. */
    String shownPath() {
      return path.replaceFirst("(/sessions/)(?!accept)[^/?]+", "$1...");
    }

    /** That its path names; null: none. */
    @Nullable String queue() {
      String[] segments = path.split("[/?]", 4);
      return segments.length > 2 && segments[1].equals("queues") ? segments[2] : null;
    }
  }

  /** An answer that is no problem. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Reply(int status, byte[] body, Effect effect) {
    /** What an answer says; whatever it is that cannot be understood, it was asked for. */
    <T> T read(Function<byte[], T> reader) {
      try {
        return reader.apply(body);
      } catch (BrokerException.Rejected | IllegalArgumentException | IllegalStateException e) {
        throw effect.failed("the server's answer cannot be read: " + e.getMessage(), e);
      }
    }
  }

  /** A segment of a path, or the value of a query parameter. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  Patience patience() {
    return patience;
  }

  /**
   * Sends and waits for the answer. An interrupt ends that at once: the thread stays interrupted,
   * and the exception says whether the server may have done it.
   */
  Reply call(Call call, Problem.Subject subject) {
    return call(call, subject, patience.answer());
  }

  /** As {@link #call(Call, Problem.Subject)}, within a time of its own. */
  Reply call(Call call, Problem.Subject subject, Duration within) {
    if (Thread.currentThread().isInterrupted()) {
      throw ExchangeEnd.notSent(call, base, "the thread is interrupted");
    }
    Instant since = Instant.now();
    try {
      Outgoing request = outgoing(call, null, within);
      return ExchangeEnd.answered(run(request), call, subject);
    } catch (BrokerException e) {
      throw e.at(context(call, subject, since));
    }
  }

  private HttpResponse run(Outgoing request) {
    try {
      return request.exchange().run();
    } catch (IOException | RuntimeException e) {
      throw failed(request, e);
    }
  }

  private static BrokerException.Context context(
      Call call, Problem.Subject subject, Instant since) {
    return new BrokerException.Context(
        call.queue(), subject.job(), call.method() + " " + call.shownPath(), since);
  }

  /** As {@link #call}, or null if there is no such thing. */
  @Nullable Reply find(Call call, Problem.Subject subject) {
    try {
      return call(call, subject);
    } catch (BrokerException.QueueNotFound | BrokerException.JobNotFound _) {
      return null;
    }
  }

  /**
   * Sends, and lets the caller wait.
   *
   * @param within the answer is there, or given up
   */
  PendingReply begin(Call call, Duration within) {
    return PendingReply.begin(this, outgoing(call, null, within));
  }

  /** As {@link #begin}, on this thread: it is done when this returns. */
  PendingReply carry(Call call, Duration within, long deadline) {
    return PendingReply.carry(this, outgoing(call, null, within, deadline));
  }

  /**
   * A request on its way.
   *
   * @param within its answer is there by the deadline, that long after it began
   */
  record Outgoing(Call call, HttpExchange exchange, Duration within, long deadline) {
    long leftMillis() {
      return Math.max(0, deadline - Deadline.now());
    }

    String late() {
      return "no answer within " + Durations.format(within);
    }
  }

  private Outgoing outgoing(Call call, @Nullable String lastEventId, Duration within) {
    return outgoing(call, lastEventId, within, Deadline.after(within));
  }

  private Outgoing outgoing(
      Call call, @Nullable String lastEventId, Duration within, long deadline) {
    requireOpen(call);
    HttpExchange exchange = new HttpExchange(pool, head.of(call, lastEventId), call, deadline);
    return new Outgoing(call, exchange, within, deadline);
  }

  /** What somebody is told whose request got no answer. */
  BrokerException failed(Outgoing request, Throwable e) {
    if (pool.isClosed()) {
      return broken(request, "the broker was closed", e);
    }
    if (Thread.currentThread().isInterrupted()) {
      return broken(request, "interrupted", e);
    }
    if (request.exchange().isOverdue()) {
      return broken(request, request.late(), new SocketTimeoutException(request.late()));
    }
    return broken(request, ExchangeEnd.reason(e), e);
  }

  /** What somebody is told whose request gets no answer any more. */
  BrokerException broken(Outgoing request, String why, Throwable e) {
    return ExchangeEnd.broken(request.call(), base, why, e, request.exchange().end());
  }

  /** What somebody is told whose request is not begun. */
  BrokerException notSent(Call call, String why) {
    return ExchangeEnd.notSent(call, base, why);
  }

  /** What somebody is told who does not wait for the answer to a request that goes on. */
  BrokerException left(Call call, String why, Throwable cause) {
    return ExchangeEnd.broken(call, base, why, cause, true);
  }

  /** An answer that goes on for ever; one that does not is a problem. */
  InputStream stream(String path, @Nullable String lastEventId) {
    Call call = Call.get(path);
    Outgoing request = outgoing(call, lastEventId, patience.answer());
    HttpExchange.Streamed streamed;
    try {
      streamed = request.exchange().stream();
    } catch (IOException | RuntimeException e) {
      throw failed(request, e);
    }
    if (streamed.stream() == null) {
      throw ExchangeEnd.notStreamed(streamed.response(), call);
    }
    return streamed.stream();
  }

  private void requireOpen(Call call) {
    if (pool.isClosed()) {
      throw ExchangeEnd.notSent(call, base, "the broker was closed");
    }
  }

  @Override
  public void close() {
    pool.close();
  }
}
