package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import java.lang.System.Logger;
import java.util.Set;

/**
 * One call of the API.
 *
 * @param method in upper case
 * @param pattern path with parameters in braces, such as {@code /jobs/{id}}
 * @param query the query parameters it takes
 * @param readsOwnHeaders the action looks at the headers that are fields of a message, and refuses
 *     those that it does not obey; else all of them are refused before
 * @param bodyBytesMax largest body that is read before it is acted on; {@link #STREAMED}: the
 *     action reads it as it comes
 */
record Route(
    String method,
    String pattern,
    Scope area,
    Set<String> query,
    boolean readsOwnHeaders,
    int bodyBytesMax,
    Action action) {

  private static final Logger LOG = System.getLogger(Route.class.getName());

  /** Largest body of a call that takes a few fields, or none. */
  static final int SMALL_BYTES_MAX = 64 << 10;

  /** In place of a size. */
  private static final int STREAMED = -1;

  /** Answers a request; runs on a virtual thread and may block. */
  @FunctionalInterface
  interface Action {
    Response act(Exchange exchange) throws InterruptedException;
  }

  static Route get(String pattern, Scope area, Action action) {
    return new Route("GET", pattern, area, Set.of(), false, SMALL_BYTES_MAX, action);
  }

  static Route post(String pattern, Scope area, Action action) {
    return new Route("POST", pattern, area, Set.of(), false, SMALL_BYTES_MAX, action);
  }

  static Route put(String pattern, Scope area, Action action) {
    return new Route("PUT", pattern, area, Set.of(), false, SMALL_BYTES_MAX, action);
  }

  static Route delete(String pattern, Scope area, Action action) {
    return new Route("DELETE", pattern, area, Set.of(), false, SMALL_BYTES_MAX, action);
  }

  Route query(String... names) {
    return new Route(method, pattern, area, Set.of(names), readsOwnHeaders, bodyBytesMax, action);
  }

  Route readingOwnHeaders() {
    return new Route(method, pattern, area, query, true, bodyBytesMax, action);
  }

  Route body(int bytesMax) {
    return new Route(method, pattern, area, query, readsOwnHeaders, bytesMax, action);
  }

  /** With a body of any length. */
  Route streamed() {
    return body(STREAMED);
  }

  boolean isStreamed() {
    return bodyBytesMax == STREAMED;
  }

  /** Answers a request, whatever happens; on a virtual thread. */
  Response act(Exchange exchange, RateLimitedLog log) {
    try {
      return action.act(exchange);
    } catch (InterruptedException _) {
      return Response.of(Problem.unavailable("the server is stopping: retry later"));
    } catch (Throwable e) {
      return Response.of(problem(e, log));
    }
  }

  private Problem problem(Throwable e, RateLimitedLog log) {
    Problem problem = Problem.of(e);
    if (problem != null) {
      return problem;
    }
    String what = method + " " + pattern + " failed";
    log.error(LOG, what, what, e);
    return method.equals("GET")
        ? Problem.of(Problem.Type.INTERNAL, "see the log of the server")
        : Problem.of(
            Problem.Type.OUTCOME_UNKNOWN,
            "the server failed in the middle: the same key makes it safe to send again");
  }

  /** The answer to a longer body. */
  static Problem tooLarge(long bytesMax) {
    return new Problem(
        Problem.Type.TOO_LARGE,
        "the body must have at most " + bytesMax + " bytes here",
        "body",
        null);
  }
}
