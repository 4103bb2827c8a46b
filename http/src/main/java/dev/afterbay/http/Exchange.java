package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Limits;
import dev.afterbay.client.wire.Problem;
import io.vertx.core.Context;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/**
 * One request as its action sees it: the route that it was let in to, its parameters, headers and
 * body, and the wait for what it asks for.
 */
final class Exchange {

  private final RequestLifecycle lifecycle;
  private final InFlightRequests inFlight;
  private final Endpoint endpoint;
  private final HttpServerRequest request;
  private final RequestBody body;
  private final CancellableWait presence = new CancellableWait();
  private final List<String> parameters = new ArrayList<>(2);
  private Query query = Query.parse(null, Set.of());
  private @Nullable Route route;

  /** Null: the body is read before it is acted on. */
  private @Nullable BodyStream bodyStream;

  /** Address of whoever sent it. */
  private String caller = "";

  /** By a proxy that is trusted, whose certificate says nothing of the caller. */
  private boolean isForwarded;

  /** Set by the action; given back behind it. */
  private @Nullable ResponseBudget room;

  Exchange(
      RequestLifecycle lifecycle,
      InFlightRequests inFlight,
      Endpoint endpoint,
      HttpServerRequest request,
      RequestBody body) {
    this.lifecycle = lifecycle;
    this.inFlight = inFlight;
    this.endpoint = endpoint;
    this.request = request;
    this.body = body;
  }

  /** The answer to a request that is not let in, or that needs no route; null: it is let in. */
  @Nullable Response admit() {
    if (request.uri().length() > HttpApi.ADDRESS_BYTES_MAX) {
      return Response.of(ProtocolErrors.URI_TOO_LONG);
    }
    try {
      RequestTarget target = RequestTarget.of(request);
      Requester direct = Requester.direct(request, target);
      Requester from = endpoint.proxies().caller(direct, request.headers());
      caller = from.address();
      isForwarded = endpoint.proxies().asksForOthers(direct, request.headers());
      Problem refusal = endpoint.filter().refusal(request, target, from);
      if (refusal != null) {
        inFlight.meters().refused(String.valueOf(refusal.field()));
        return Response.of(refusal);
      }
      return target.path().equals("*")
          ? Response.empty(204) // OPTIONS of the server as a whole (RFC 9110, 9.3.7).
          : find(endpoint.router(), request.method().name(), target.path());
    } catch (Rejected e) {
      return Response.of(Problem.of(e));
    }
  }

  private @Nullable Response find(Router router, String method, String uri) {
    int mark = uri.indexOf('?');
    String path = mark < 0 ? uri : uri.substring(0, mark);
    Router.Place place = router.find(path, parameters);
    if (place == null) {
      String where = path.length() > 200 ? "this path" : path;
      return Response.of(Problem.notFound("nothing is at " + where));
    }
    Route found = place.route(method);
    if (found == null) {
      return place.notAllowed(method);
    }
    route = found;
    parameters.replaceAll(Query::segment);
    // Whoever subscribes an address may put anything there: the signature is the check (sns.md).
    boolean isOurs = found.area() != Scope.SNS;
    query = Query.parse(isOurs && mark >= 0 ? uri.substring(mark + 1) : null, found.query());
    if (isOurs && !found.readsOwnHeaders()) {
      Headers.requireNoOwn(request.headers());
    }
    return found.area().isWork() && inFlight.isDraining()
        ? Response.of(Problem.unavailable("the server is draining: call another, or later"))
        : null;
  }

  /** Null: the request has none, whether or not it is refused for that. */
  @Nullable Route route() {
    return route;
  }

  /** Where the action takes room for the jobs that it answers with, before it reads them. */
  ResponseBudget room(Limits limits) {
    ResponseBudget own = new ResponseBudget(endpoint.budget(), limits);
    room = own;
    return own;
  }

  /** Of all that is under way on its address. */
  MemoryBudget budget() {
    return endpoint.budget();
  }

  void releaseRoom() {
    if (room != null) {
      room.release();
    }
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

  /** The client has left: a wait ends, and none begins any more. */
  void gone() {
    presence.gone();
    if (bodyStream != null) {
      bodyStream.end(Problem.invalid("body", "the body ended in its middle"));
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

  /** The body of a route that reads it as it comes. */
  BodyStream bodyStream() {
    return Objects.requireNonNull(bodyStream);
  }

  void bodyStream(BodyStream begun) {
    bodyStream = begun;
  }

  /** As they came; {@link Headers} reads one. */
  MultiMap headers() {
    return request.headers();
  }

  /** Of whoever sent it; of a proxy only if that is not trusted. */
  String remoteAddress() {
    return caller;
  }

  /** Of the client's certificate, for people; null: it showed none. */
  @Nullable String subject() {
    return isForwarded ? null : lifecycle.subject();
  }

  /**
   * Who has what is handed out, as shown to people.
   *
   * @param named by the client itself; null: its certificate tells, or else its address
   */
  String consumer(@Nullable String named) {
    String subject = subject();
    String otherwise = subject == null ? remoteAddress() : subject;
    return named == null ? otherwise : named;
  }

  /** The address as it came. */
  String target() {
    return request.uri();
  }

  /** The path, if it is one of SNS, also of a request that was not let in; else null. */
  @Nullable String snsPath() {
    String uri = request.uri();
    int scheme = uri.startsWith("/") ? -1 : uri.indexOf("://");
    int start = scheme < 0 ? 0 : uri.indexOf('/', scheme + 3);
    int mark = uri.indexOf('?');
    return start >= 0 && uri.startsWith(Scope.SNS_PATHS, start)
        ? uri.substring(start, mark < 0 ? uri.length() : mark)
        : null;
  }

  boolean isHttp10() {
    return request.version() == HttpVersion.HTTP_1_0;
  }

  boolean isMultiplexed() {
    return ClientConnection.isMultiplexed(request);
  }

  /** Adds the headers that every answer has, whatever it is, just before it is sent. */
  void addCommonHeaders(HttpServerResponse response) {
    endpoint.date().addTo(response);
    endpoint.alternative().addTo(response);
    response.putHeader("x-content-type-options", "nosniff");
  }

  boolean isHead() {
    return request.method().name().equals("HEAD");
  }

  /** An answer to give if the action has none by then; what the action says later is lost. */
  void answerWithin(Duration most, Response otherwise) {
    lifecycle.answerWithin(most, otherwise);
  }

  HttpServerResponse response() {
    return request.response();
  }

  Context context() {
    return lifecycle.context();
  }
}
