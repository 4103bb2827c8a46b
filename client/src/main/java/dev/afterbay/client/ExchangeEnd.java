package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.WholeNumbers;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Every way in which an exchange with a server can end, and what the caller is told. */
final class ExchangeEnd {
  /*
   * Told is what is certain, for callers drop a message that is Rejected, send again what is
   * Unavailable, and send again with the same key what is OutcomeUnknown. To say Unavailable of
   * what may have happened doubles it; to say Rejected of what a proxy disliked loses it.
   *
   *   how it ended                                       a change           a read
   *   -------------------------------------------------- ------------------ -----------
   *   no connection, no TLS, closed or interrupted before Unavailable        Unavailable
   *   broken, silent, closed or interrupted
   *     before the last byte of the body was handed out   Unavailable        Unavailable
   *     afterwards, until the last byte of the answer     OutcomeUnknown     Unavailable
   *   an answer that is longer than AnswerLimit           OutcomeUnknown     Unavailable
   *   no answer in time                                   as broken          Timeout
   *   2xx with JSON of ours                               the answer
   *   2xx with anything else                              OutcomeUnknown     Unavailable
   *   a problem of ours (Problem)                         what it says
   *   3xx: our server never sends one, so it is a proxy
   *     that did not pass the request on                  Unavailable        Unavailable
   *   413, 414, 431 of somebody else: too large for him,
   *     now and ever                                      Rejected           Rejected
   *   401, 403, 407 of somebody else                       NotAuthorized      NotAuthorized
   *   429 of somebody else                                Throttled          Throttled
   *   any other 4xx of somebody else: he has refused it,
   *     or did not get all of it (408)                    Unavailable        Unavailable
   *   501, 505, 511 of somebody else: he cannot or will
   *     not pass it on                                    Unavailable        Unavailable
   *   any other 5xx of somebody else: 502 and 504 come
   *     after it was passed on, 503 may                   OutcomeUnknown     Unavailable
   */

  private static final String EVENT_STREAM = "text/event-stream";

  private static final Duration RETRY_AFTER_MAX = Duration.ofDays(1);

  private ExchangeEnd() {}

  /** The answer, unless it tells of a problem. */
  static HttpTransport.Reply answered(
      HttpResponse response, HttpTransport.Call call, Problem.Subject subject) {
    ResponseHead head = response.head();
    if (!head.isSuccess()) {
      throw refused(response, call, subject);
    }
    if (head.status() != 204 && !head.mediaType().equals(call.answer().contentType())) {
      throw notOurs(head, call);
    }
    return new HttpTransport.Reply(head.status(), response.body(), call.effect());
  }

  /** What came instead of a stream of events. */
  static BrokerException notStreamed(HttpResponse response, HttpTransport.Call call) {
    return response.head().isSuccess()
        ? notOurs(response.head(), call)
        : refused(response, call, Problem.Subject.of("events"));
  }

  static boolean isEventStream(ResponseHead head) {
    return head.status() == 200 && head.mediaType().equals(EVENT_STREAM);
  }

  /** Whether its body may say more than its head does, where that is no success. */
  static boolean isProblem(ResponseHead head) {
    return head.mediaType().equals(Problem.CONTENT_TYPE);
  }

  private static BrokerException notOurs(ResponseHead head, HttpTransport.Call call) {
    String type = head.mediaType();
    String what =
        head.status()
            + (type.isEmpty() ? " without a content type" : " with " + type)
            + " came instead";
    return call.effect().failed(what + " of an answer of Afterbay", new IOException(what));
  }

  private static BrokerException refused(
      HttpResponse response, HttpTransport.Call call, Problem.Subject subject) {
    ResponseHead head = response.head();
    Problem.Said said = isProblem(head) ? Problem.read(response.body()) : null;
    if (said == null) {
      return foreign(head, call);
    }
    return said.word().equals(Problem.Type.INTERNAL.word())
        ? call.effect().failed(said.detail(), new IOException("status " + head.status()))
        : Problem.exception(said, subject);
  }

  /** A refusal that is none of our server's. */
  private static BrokerException foreign(ResponseHead head, HttpTransport.Call call) {
    int status = head.status();
    String what =
        call.method() + " " + call.path() + " was answered " + status + ", not by Afterbay";
    if (status / 100 == 3) {
      String location = head.location() == null ? "nowhere" : head.location();
      return new BrokerException.Unavailable(
          what + ": a redirection to " + location + "; give the address of the server itself");
    }
    return foreign(status, what, call).retryAfter(retryAfter(head));
  }

  private static BrokerException foreign(int status, String what, HttpTransport.Call call) {
    return switch (status) {
      case 401, 403, 407 -> new BrokerException.NotAuthorized(what + ": give it a right to that");
      case 429 -> new BrokerException.Throttled(what + ": it allows no more requests now");
      case 413 -> BrokerException.Rejected.tooLarge("body", what + ": it is too large for a proxy");
      case 414, 431 -> new BrokerException.Rejected("request", what + ": it is too long for it");
      case 501, 505, 511 -> new BrokerException.Unavailable(what);
      default ->
          status < 500
              ? new BrokerException.Unavailable(what)
              : call.effect().failed(what, new IOException("status " + status));
    };
  }

  /**
   * In seconds, as our server and most others say it, up to a day; a date, or nonsense, is passed
   * over.
   */
  private static @Nullable Duration retryAfter(ResponseHead head) {
    String said = head.retryAfter();
    if (said == null) {
      return null;
    }
    try {
      return Duration.ofSeconds(WholeNumbers.parseUpTo(RETRY_AFTER_MAX.toSeconds(), said));
    } catch (NumberFormatException _) {
      return null;
    }
  }

  /** A request that was never begun. */
  static BrokerException notSent(HttpTransport.Call call, URI base, String why) {
    return new BrokerException.Unavailable(what(call, base, why) + ", so it was not sent");
  }

  /**
   * A request that got no answer.
   *
   * @param handedOut all of it was given to the connection, so the server may have it
   */
  static BrokerException broken(
      HttpTransport.Call call, URI base, String why, Throwable e, boolean handedOut) {
    String what = what(call, base, why);
    boolean unchanged = !handedOut || call.effect() == HttpTransport.Effect.NONE;
    if (e instanceof SocketTimeoutException && unchanged) {
      return new BrokerException.Timeout(what, e);
    }
    return unchanged ? new BrokerException.Unavailable(what, e) : call.effect().failed(what, e);
  }

  private static String what(HttpTransport.Call call, URI base, String why) {
    return call.method() + " " + base + call.path() + " failed: " + why;
  }

  /** In words, where the JDK gives none. */
  static String reason(Throwable e) {
    String message = e.getMessage();
    return message != null && !message.isEmpty() ? message : "the connection broke";
  }
}
