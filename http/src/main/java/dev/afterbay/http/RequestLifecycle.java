package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.client.wire.Problem;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.lang.System.Logger;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** The life of one request: it is read, acted on and answered, each in its time. */
final class RequestLifecycle implements Deadlines.Expiring {
  /*
   * The header, the body and the answer are handled on the connection's event loop; only the
   * action runs on a virtual thread, because it blocks. It starts when the body is complete, so a
   * slow client holds a buffer within the budget and no thread.
   *
   * After a refusal the rest of the body is read and thrown away for a while: closing at once
   * would reset the connection, and the client would not see why.
   */

  private static final Logger LOG = System.getLogger(RequestLifecycle.class.getName());

  /** How long the body of a refused request is read on. */
  private static final Duration LINGER = Duration.ofSeconds(2);

  /** A body may take this many times the patience for a pause in it. */
  private static final int BODY_PAUSES_MAX = 10;

  private final InFlightRequests inFlight;
  private final Endpoint endpoint;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context context;
  private final ClientConnection guard;
  private final RequestBody body;
  private final Exchange exchange;
  private final long startedNanos = System.nanoTime();
  private long bodyEnd = Deadlines.NONE;
  private boolean bodyComplete;
  private @Nullable Response refusal;
  private boolean closes;
  private boolean answered;
  private boolean finished;
  private boolean acting;
  private boolean asked;
  private boolean left;
  private boolean cutOff;
  private volatile long deadline = Deadlines.NONE;
  private volatile @Nullable Response late;

  /** Of an action that reads the body; null: it gets it whole. */
  private @Nullable BodyStream stream;

  /** While a long answer is written. */
  private @Nullable ResponseWriter writer;

  RequestLifecycle(
      InFlightRequests inFlight,
      Endpoint endpoint,
      HttpServerRequest request,
      Context context,
      ClientConnection guard) {
    this.inFlight = inFlight;
    this.endpoint = endpoint;
    this.request = request;
    this.response = request.response();
    this.context = context;
    this.guard = guard;
    this.body = new RequestBody(endpoint.budget());
    this.exchange = new Exchange(this, inFlight, endpoint, request, body);
  }

  /** Begins to read; on the event loop, as all methods up to {@link #act}. */
  void begin() {
    guard.requestBegun(this, exchange.isMultiplexed());
    inFlight.begun(this);
    response.exceptionHandler(_ -> clientGone());
    request.exceptionHandler(_ -> clientGone());
    request.handler(this::take);
    request.endHandler(_ -> end());
    if (request.decoderResult().isFailure()) {
      answer(Response.of(ProtocolErrors.problem(request.decoderResult().cause())));
      return;
    }
    if (inFlight.isClosing()) {
      stop();
    }
    try {
      Response refusal = admit();
      Route route = exchange.route();
      if (refusal != null) {
        refuse(refusal);
      } else if (route != null && route.isStreamed()) {
        beginStream(route);
      }
    } catch (Rejected e) {
      refuse(Response.of(Problem.of(e)));
    }
  }

  private @Nullable Response admit() {
    Response refusal = exchange.admit();
    Route route = exchange.route();
    if (refusal != null || route == null) {
      return refusal;
    }
    Problem problem =
        body.announce(request, route.isStreamed() ? Long.MAX_VALUE : bodyBytesMax(route));
    if (problem == null && body.isComing()) {
      guard.readsBody(true);
      if (!route.isStreamed()) {
        limitBody();
      }
      // To HTTP/1.0 it says nothing (RFC 9110, 10.1.1).
      if (request.headers().contains("expect") && !exchange.isHttp10()) {
        response.writeContinue();
      }
    }
    return problem == null ? null : Response.of(problem);
  }

  /** The action begins with the header, and has its own limits. */
  private void beginStream(Route route) {
    stream = BodyStream.begin(request, context, inFlight, this::cutOff);
    exchange.bodyStream(stream);
    start(route);
  }

  private void limitBody() {
    long now = Deadlines.now();
    long pause = inFlight.patience().body().toMillis();
    bodyEnd = now + BODY_PAUSES_MAX * pause;
    deadline = now + pause;
    inFlight.deadlines().watch(this);
  }

  private void take(Buffer chunk) {
    int length = chunk.length();
    Route route = exchange.route();
    if (refusal != null || answered || route == null) {
      if (!body.discard(length)) {
        cutOff();
      }
      return;
    }
    if (stream != null) {
      stream.add(chunk);
      return;
    }
    deadline = Math.min(bodyEnd, Deadlines.after(inFlight.patience().body()));
    if (body.held() + length > bodyBytesMax(route)) {
      answer(Response.of(Route.tooLarge(bodyBytesMax(route))));
    } else if (!body.take(chunk)) {
      answer(Response.of(Problem.unavailable("too many bytes are under way: retry later")));
    }
  }

  /** What there is never room for must not be sent again and again. */
  private long bodyBytesMax(Route found) {
    return Math.min(found.bodyBytesMax(), endpoint.budget().largest() / RequestBody.COPIES);
  }

  private void end() {
    bodyComplete = true;
    guard.readsBody(false);
    if (deadline != Deadlines.NONE && !answered) {
      deadline = Deadlines.NONE;
      inFlight.deadlines().forget(this);
    }
    body.end();
    Route found = exchange.route();
    if (refusal != null && !answered) {
      answer(refusal);
    } else if (stream != null && !answered) {
      stream.end(null);
    } else if (!answered && found != null) {
      start(found);
    } else if (finished) {
      leave();
    }
  }

  private void start(Route found) {
    acting = true;
    asked = true;
    endpoint.dispatcher().add(context, () -> act(found));
  }

  /** Whether a client that says nothing more still gets an answer. */
  boolean isWanted() {
    Route route = exchange.route();
    boolean claims = route != null && route.area() == Scope.CLAIM;
    boolean streams = response.headWritten() && !answered;
    return (bodyComplete || stream != null) && !claims && !streams;
  }

  /** The API closes: a wait ends, and a body that is not there by now is not waited for. */
  void stop() {
    exchange.endWait();
    context.runOnContext(_ -> {
      if (stream != null) {
        stream.end(Problem.unavailable("the server is stopping"));
      } else if (!bodyComplete && !answered) {
        answer(Response.of(Problem.unavailable("the server is stopping: nothing was stored")));
      }
    });
  }

  /** Answers instead of the action; after a small body, so that the connection can be kept. */
  private void refuse(Response answer) {
    if (Headers.promiseLittle(request.headers())) {
      refusal = answer;
      limitBody();
    } else {
      answer(answer);
    }
  }

  private void act(Route route) {
    Response answer = route.act(exchange, inFlight.log());
    Audit.tell(route, exchange, answer.status(), inFlight.log());
    try {
      context.runOnContext(_ -> acted(answer));
    } catch (RejectedExecutionException e) {
      String ended = "ended when the API was closed";
      inFlight.log().warn(LOG, ended, route.method() + " " + route.pattern() + " " + ended, e);
    }
  }

  private void acted(Response answer) {
    acting = false;
    if (left) {
      body.release(); // Too late for an answer, but it held its body.
    }
    answer(answer);
    exchange.releaseRoom(); // The answer counts by itself from now on.
  }

  /** Writes the answer, once. */
  private void answer(Response answer) {
    if (answered) {
      return;
    }
    answered = true;
    inFlight.tell(exchange, answer.problem(), asked);
    guard.readsBody(false);
    if (stream != null) {
      stream.forget();
    }
    if (answer.isStreamed()) {
      endStream();
      return;
    }
    if (exchange.isGone() || response.headWritten()) {
      answer.isLost();
      finish(answer.status());
      cutOff();
      return;
    }
    closes = !exchange.isMultiplexed() && (!bodyComplete || inFlight.isClosing());
    ResponseWriter.putHead(response, answer, exchange, closes);
    int bytes = answer.length();
    endpoint.budget().takeAnyway(bytes);
    deadline = Deadlines.after(bodyComplete ? inFlight.patience().answer() : LINGER);
    inFlight.deadlines().watch(this);
    boolean bare = answer.status() == 204 || exchange.isHead();
    Future<Void> written = bare ? response.end() : write(answer);
    written.onComplete(result -> {
      endpoint.budget().give(bytes);
      if (result.failed()) {
        answer.isLost();
      }
      finish(answer.status());
    });
  }

  private Future<Void> write(Response answer) {
    if (answer.parts().size() == 1) {
      return response.end(Buffer.buffer(answer.parts().getFirst()));
    }
    writer = ResponseWriter.begin(response, answer);
    return writer.written();
  }

  private void endStream() {
    closes = !exchange.isMultiplexed();
    deadline = Deadlines.after(inFlight.patience().answer());
    inFlight.deadlines().watch(this);
    response.end().onComplete(_ -> finish(200));
  }

  private void finish(int status) {
    finished = true;
    inFlight.count(exchange, status, startedNanos, asked);
    boolean over = bodyComplete || exchange.isGone();
    if (!over && !exchange.isMultiplexed()) {
      guard.endOutput();
    }
    if (over || inFlight.isClosing()) {
      leave();
    }
  }

  /** The answer is out and the request is in, or the client is gone. */
  private void leave() {
    if (!inFlight.ended(this)) {
      return;
    }
    inFlight.deadlines().forget(this);
    left = true;
    if (!acting) {
      body.release();
    }
    guard.requestEnded(this);
    if (closes) {
      guard.close(request.connection());
    }
  }

  /** The connection or the stream is closed. */
  void clientGone() {
    exchange.gone();
    if (writer != null) {
      writer.clientGone();
    }
    if (finished || (!answered && !bodyComplete)) {
      leave();
    }
  }

  @Override
  public long deadline() {
    return deadline;
  }

  /** An answer to give if the action has none by then; what the action says later is lost. */
  void answerWithin(Duration most, Response otherwise) {
    late = otherwise;
    deadline = Deadlines.after(most);
    inFlight.deadlines().watch(this);
  }

  @Override
  public void expire() {
    // Looked at again where it changes: what came meanwhile must not be cut off.
    context.runOnContext(_ -> {
      Response otherwise = late;
      if (otherwise != null && !answered) {
        answer(otherwise);
      } else if (!left && deadline <= Deadlines.now()) {
        cutOff();
      }
    });
  }

  private void cutOff() {
    if (request.version() == HttpVersion.HTTP_3 && !cutOff) {
      cutOff = true;
      if (!left) { // Else nobody would ever forget it.
        deadline = Deadlines.after(LINGER);
        inFlight.deadlines().watch(this);
      }
      response.cancel();
    } else if (request.version() == HttpVersion.HTTP_2) {
      response.reset().onFailure(_ -> cutOffConnection());
    } else {
      guard.abort();
    }
  }

  /**
   * Vert.x does not reset a stream whose last frame it has handed to the flow control: a client
   * that gives no window would hold the answer as long as it likes.
   */
  private void cutOffConnection() {
    if (answered && !left && !exchange.isGone()) {
      guard.abort();
    }
  }

  Context context() {
    return context;
  }

  /** As {@link ClientConnection#subject}. */
  @Nullable String subject() {
    return guard.subject();
  }
}
