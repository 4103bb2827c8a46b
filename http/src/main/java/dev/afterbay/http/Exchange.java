package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Limits;
import dev.afterbay.client.wire.Problem;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One request under way, and its answer. */
final class Exchange implements Deadlines.Expiring {
  /*
   * The header, the body and the answer are handled on the connection's event loop; only the
   * action runs on a virtual thread, because it blocks. It starts when the body is complete, so a
   * slow client holds a buffer within the budget and no thread.
   *
   * After a refusal the rest of the body is read and thrown away for a while: closing at once
   * would reset the connection, and the client would not see why.
   */

  private static final Logger LOG = LoggerFactory.getLogger(Exchange.class);

  /** How many bytes, and how long, the body of a refused request is read on. */
  private static final long LINGER_BYTES_MAX = 64L << 20;

  private static final Duration LINGER = Duration.ofSeconds(2);

  /** A body may take this many times the patience for a pause in it. */
  private static final int BODY_PAUSES_MAX = 10;

  private final InFlightRequests inFlight;
  private final Endpoint listening;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private final Context context;
  private final ConnectionGuard guard;
  private final CancellableWait presence = new CancellableWait();
  private final List<String> parameters = new ArrayList<>(2);
  private final long startedNanos = System.nanoTime();
  private Query query = Query.parse(null, Set.of());
  private @Nullable Route route;
  private final RequestBody body;
  private long discarded;
  private long bodyEnd = Deadlines.NONE;
  private boolean bodyComplete;
  private @Nullable Response refusal;
  private boolean closes;
  private boolean answered;
  private boolean finished;
  private boolean acting;
  private boolean asked;
  private boolean left;
  private volatile long deadline = Deadlines.NONE;
  private volatile @Nullable Response late;

  /** Set by the action; given back behind it. */
  private @Nullable ResponseBudget room;

  /** While a long answer is written. */
  private @Nullable ResponseWriter writer;

  Exchange(
      InFlightRequests inFlight,
      Endpoint listening,
      HttpServerRequest request,
      Context context,
      ConnectionGuard guard) {
    this.inFlight = inFlight;
    this.listening = listening;
    this.request = request;
    this.response = request.response();
    this.context = context;
    this.guard = guard;
    this.body = new RequestBody(inFlight.budget());
  }

  /** Begins to read; on the event loop, as all methods up to {@link #act}. */
  void begin() {
    guard.requestBegun(this, isHttp2());
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
      Problem refusal = admit();
      if (refusal != null) {
        refuse(Response.of(refusal));
      }
    } catch (Rejected e) {
      refuse(Response.of(Problem.of(e)));
    }
  }

  private @Nullable Problem admit() {
    RequestTarget target = RequestTarget.of(request);
    Problem refusal = listening.filter().refusal(request, target);
    if (refusal != null) {
      return refusal;
    }
    String uri = target.path();
    if (uri.equals("*")) {
      refuse(Response.empty(204)); // OPTIONS of the server as a whole (RFC 9110, 9.3.7).
      return null;
    }
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    Router.Place place = listening.router().find(path, parameters);
    if (place == null) {
      return Problem.notFound("nothing is at " + (path.length() > 200 ? "this path" : path));
    }
    String method = request.method().name();
    Route found = place.route(method);
    if (found == null) {
      refuse(place.notAllowed(method));
      return null;
    }
    route = found;
    parameters.replaceAll(Query::segment);
    query = Query.parse(mark < 0 ? null : uri.substring(mark + 1), found.query());
    if (found.area().isWork() && inFlight.isDraining()) {
      return Problem.unavailable("the server is draining: call another, or later");
    }
    return expectBody(found);
  }

  private @Nullable Problem expectBody(Route route) {
    String expect = headerList("expect");
    if (expect != null && !expect.equalsIgnoreCase("100-continue")) {
      return Problem.of(Problem.Type.EXPECTATION_FAILED, "only Expect: 100-continue is known");
    }
    String length = request.getHeader("content-length");
    boolean chunked = request.getHeader("transfer-encoding") != null;
    if (length == null && !chunked && !isHttp2()) {
      return null;
    }
    if (chunked && !Headers.isPlainlyChunked(request.headers())) {
      return Problem.invalid(
          "transfer-encoding", "Transfer-Encoding must be chunked alone: send the body as it is");
    }
    if (length != null) {
      long announced = Headers.length(length);
      if (announced > bodyBytesMax(route)) {
        return Route.tooLarge(bodyBytesMax(route));
      }
      body.announce(announced);
    }
    guard.readsBody(true);
    limitBody();
    if (expect != null) {
      response.writeContinue();
    }
    return null;
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
    if (refusal != null || answered || route == null) {
      discarded += length;
      if (discarded > LINGER_BYTES_MAX) {
        cutOff();
      }
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
    return Math.min(found.bodyBytesMax(), inFlight.budget().largest());
  }

  private void end() {
    bodyComplete = true;
    guard.readsBody(false);
    if (deadline != Deadlines.NONE && !answered) {
      deadline = Deadlines.NONE;
      inFlight.deadlines().forget(this);
    }
    body.end();
    Route found = route;
    if (refusal != null && !answered) {
      answer(refusal);
    } else if (!answered && found != null) {
      acting = true;
      asked = true;
      listening.dispatcher().add(context, () -> act(found));
    } else if (finished) {
      leave();
    }
  }

  /** Whether a client that says nothing more still gets an answer. */
  boolean isWanted() {
    boolean claims = route != null && route.area() == Scope.CLAIM;
    boolean streams = response.headWritten() && !answered;
    return bodyComplete && !claims && !streams;
  }

  /** The API closes: a wait ends, and a body that is not there by now is not waited for. */
  void stop() {
    presence.interrupt();
    context.runOnContext(_ -> {
      if (!bodyComplete && !answered) {
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
    Response answer;
    try {
      answer = route.action().act(this);
    } catch (InterruptedException _) {
      answer = Response.of(Problem.unavailable("the server is stopping: retry later"));
    } catch (Throwable e) {
      answer = Response.of(problem(route, e));
    }
    Response last = answer;
    try {
      context.runOnContext(_ -> acted(last));
    } catch (RejectedExecutionException e) {
      String ended = "ended when the API was closed";
      inFlight.log().warn(LOG, ended, "{} {} " + ended, route.method(), route.pattern(), e);
    }
  }

  private void acted(Response answer) {
    acting = false;
    if (left) {
      body.release(); // Too late for an answer, but it held its body.
    }
    answer(answer);
    if (room != null) {
      room.release(); // The answer counts by itself from now on.
    }
  }

  private Problem problem(Route route, Throwable e) {
    Problem problem = Problem.of(e);
    if (problem != null) {
      return problem;
    }
    String what = route.method() + " " + route.pattern() + " failed";
    inFlight.log().error(LOG, what, what, e);
    return route.method().equals("GET")
        ? Problem.of(Problem.Type.INTERNAL, "see the log of the server")
        : Problem.of(
            Problem.Type.OUTCOME_UNKNOWN,
            "the server failed in the middle: the same key makes it safe to send again");
  }

  /** Writes the answer, once. */
  private void answer(Response answer) {
    if (answered) {
      return;
    }
    answered = true;
    guard.readsBody(false);
    if (answer.isStreamed()) {
      endStream();
      return;
    }
    if (isGone() || response.headWritten()) {
      answer.isLost();
      finish(answer.status());
      cutOff();
      return;
    }
    response.setStatusCode(answer.status());
    response.putHeader("x-content-type-options", "nosniff");
    if (answer.contentType() != null) {
      response.putHeader("content-type", answer.contentType());
    }
    if (!answer.headers().containsKey("Cache-Control")) {
      response.putHeader("cache-control", "no-store");
    }
    answer.headers().forEach(response::putHeader);
    closes = !isHttp2() && (!bodyComplete || inFlight.isClosing());
    if (closes) {
      response.putHeader("connection", "close");
    }
    int bytes = answer.length();
    inFlight.budget().takeAnyway(bytes);
    deadline = Deadlines.after(bodyComplete ? inFlight.patience().answer() : LINGER);
    inFlight.deadlines().watch(this);
    if (isHead()) {
      response.putHeader("content-length", "" + bytes);
    }
    boolean bare = answer.status() == 204 || isHead();
    Future<Void> written = bare ? response.end() : write(answer);
    written.onComplete(result -> {
      inFlight.budget().give(bytes);
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
    closes = !isHttp2();
    deadline = Deadlines.after(inFlight.patience().answer());
    inFlight.deadlines().watch(this);
    response.end().onComplete(_ -> finish(200));
  }

  private void finish(int status) {
    finished = true;
    Route found = route;
    inFlight.count(request.uri(), found, status, startedNanos, asked);
    boolean over = bodyComplete || isGone();
    if (!over && !isHttp2()) {
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
      request.connection().close();
    }
  }

  /** The connection or the stream is closed. */
  void clientGone() {
    presence.gone();
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
      } else if (deadline <= Deadlines.now()) {
        cutOff();
      }
    });
  }

  private void cutOff() {
    if (isHttp2()) {
      response.reset().onFailure(_ -> cutOffConnection());
    } else {
      request.connection().close();
    }
  }

  /**
   * Vert.x does not reset a stream whose last frame it has handed to the flow control: a client
   * that gives no window would hold the answer as long as it likes.
   */
  private void cutOffConnection() {
    if (answered && !left && !isGone()) {
      request.connection().close();
    }
  }

  /** Where the action takes room for the jobs that it answers with, before it reads them. */
  ResponseBudget room(Limits limits) {
    ResponseBudget own = new ResponseBudget(inFlight.budget(), limits);
    room = own;
    return own;
  }

  /** Ends a wait; its request is answered with what there is. */
  void endWait() {
    presence.interrupt();
  }

  /**
   * Waits for something, until the client goes away or the API closes.
   *
   * @param name by which the wait can be ended from elsewhere; null: it cannot
   * @return null: the wait was cut short
   */
  <T> @Nullable T whileConnected(@Nullable String name, Callable<T> wait) {
    if (name != null) {
      inFlight.waitBegun(name, this);
    }
    try {
      return inFlight.isClosing() ? null : presence.whilePresent(wait);
    } finally {
      if (name != null) {
        inFlight.waitEnded(name, this);
      }
    }
  }

  boolean isGone() {
    return presence.isGone();
  }

  /** What stands in the path where the pattern has its n-th braces. */
  String parameter(int n) {
    return parameters.get(n);
  }

  Query query() {
    return query;
  }

  /** The body; once. */
  byte[] body() {
    return body.handOver();
  }

  /** The body, which must be UTF-8; once. */
  byte[] text() {
    return body.handOverText();
  }

  /** The only header of that name; null: none. */
  @Nullable String header(String name) {
    return Headers.only(request.headers(), name);
  }

  /** All headers of that name, as one list; null: none. */
  @Nullable String headerList(String name) {
    return Headers.list(request.headers(), name);
  }

  /** The first header of that name, whatever follows; null: none. */
  @Nullable String firstHeader(String name) {
    return request.getHeader(name);
  }

  Iterable<Map.Entry<String, String>> headers() {
    return request.headers();
  }

  String remoteAddress() {
    return String.valueOf(request.remoteAddress().hostAddress());
  }

  private boolean isHttp2() {
    return request.version() == HttpVersion.HTTP_2;
  }

  boolean isHttp10() {
    return request.version() == HttpVersion.HTTP_1_0;
  }

  boolean isHead() {
    return request.method().name().equals("HEAD");
  }

  HttpServerResponse response() {
    return response;
  }

  Context context() {
    return context;
  }
}
