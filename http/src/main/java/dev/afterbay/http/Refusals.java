package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import java.lang.System.Logger;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Tells the log of what was refused for what it is or where it comes from, so that who runs the
 * server sees what its callers get wrong. What came for the paths of SNS is told by {@link
 * SnsRoutes} once it is read.
 */
final class Refusals {

  /** Names of our own. Any other one is part of what was sent, which is nothing for a log. */
  private static final Set<String> FIELDS =
      Set.of(
          "attributes",
          "body",
          "content-encoding",
          "content-length",
          "content_type",
          "correlation_id",
          "delay",
          "host",
          "idempotency-key",
          "job_type",
          "key",
          "lease",
          "lines",
          "max",
          "max_attempts",
          "origin",
          "payload",
          "priority",
          "queue",
          "receipt",
          "run_at",
          "session",
          "settlements",
          "transfer-encoding",
          "ttl",
          "type",
          "url",
          "wait");

  /** Harmless in a line, as of a source. */
  private static final Pattern SNS_PATH =
      Pattern.compile(Scope.SNS_PATHS + "[A-Za-z0-9._-]{1,128}");

  private final RateLimitedLog log;
  private final Logger to;

  Refusals(RateLimitedLog log, Logger to) {
    this.log = log;
    this.to = to;
  }

  /**
   * @param route null: it came to none
   * @param problem null: nothing was wrong
   */
  void tell(@Nullable Route route, @Nullable Problem problem) {
    if (problem == null || (route != null && route.area() == Scope.SNS)) {
      return;
    }
    switch (problem.type()) {
      // Where it came from: before a route was looked for.
      case FORBIDDEN ->
          log.warnOnce(
              to,
              "a request is refused for its " + problem.field(),
              "a request is refused: " + problem.detail());
      case INVALID -> {
        if (route != null) { // Else it is no HTTP: strangers break the protocol all the time.
          tellOf(route, problem);
        }
      }
      case INVALID_PAYLOAD,
          UNKNOWN_TYPE,
          TOO_LARGE,
          UNSUPPORTED_MEDIA_TYPE,
          URI_TOO_LONG,
          HEADERS_TOO_LARGE ->
          tellOf(route, problem);
      default -> {}
    }
  }

  /**
   * Tells of what was refused on a path of SNS before its route was asked: SNS does not send again
   * what it was answered with 4xx, so who runs the server must see why.
   *
   * @param path without its query
   */
  void tellUnread(String path, Problem problem) {
    int status = problem.type().status();
    String answered = " was answered " + status + " unread";
    String field = problem.field();
    log.warn(
        to,
        "what came for " + Scope.SNS_PATHS + answered,
        "what came for "
            + (SNS_PATH.matcher(path).matches() ? path : Scope.SNS_PATHS + "...")
            + answered
            + ", "
            + problem.type().word()
            + (field != null && FIELDS.contains(field) ? ", for its " + field : "")
            + (status >= 500 ? ": SNS sends it again" : ": SNS does not send that again"));
  }

  /** Without the details, which may quote a body or a receipt. */
  private void tellOf(@Nullable Route route, Problem problem) {
    String what =
        (route == null ? "a request" : route.method() + " " + route.pattern())
            + " is refused with "
            + problem.type().status()
            + " "
            + problem.type().word();
    String field = problem.field();
    boolean isOurs = field != null && FIELDS.contains(field);
    log.info(to, what, isOurs ? what + ", for its " + field : what);
  }
}
