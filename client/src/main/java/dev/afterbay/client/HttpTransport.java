package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Problem;
import java.io.InputStream;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.function.Function;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/** The way from a client to its server: requests, and their answers in time. */
final class HttpTransport implements AutoCloseable {
  /*
   * HTTP/1.1 and not 2: a wait is a connection of its own, so that a client that dies is seen by
   * the server, and one lost packet does not hold up the others.
   *
   * The timeouts of the JDK's client end with the head of an answer, and some that it waits for
   * have none at all. So nothing here waits for it without a deadline of ours.
   */

  private static final long ANSWER_BYTES_MAX = 512L << 20;

  private final URI base;
  private final Patience patience;
  private final String[] headers;
  private final HttpClient client;
  private volatile boolean closed;

  /** Without headers of one's own, and with the TLS of the JDK. */
  HttpTransport(URI base, Patience patience) {
    this(base, patience, List.of(), null);
  }

  /**
   * @param headers of every request: names, and the value after each
   * @param tls null: as the JDK is set up
   */
  HttpTransport(URI base, Patience patience, List<String> headers, @Nullable SSLContext tls) {
    this.base = base;
    this.patience = patience;
    this.headers = headers.toArray(String[]::new);
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(patience.connect())
            .executor(Executors.newVirtualThreadPerTaskExecutor());
    if (tls != null) {
      builder.sslContext(tls);
    }
    this.client = builder.build();
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

  /**
   * A request.
   *
   * @param path percent-encoded, with its query
   * @param body null: none
   * @param contentType of its answer
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Call(
      String method, String path, byte @Nullable [] body, Effect effect, String contentType) {

    /** Whose answer is JSON, if there is any. */
    Call(String method, String path, byte @Nullable [] body, Effect effect) {
      this(method, path, body, effect, "application/json");
    }

    static Call get(String path) {
      return new Call("GET", path, null, Effect.NONE);
    }

    static Call post(String path, byte[] body) {
      return new Call("POST", path, body, Effect.CHANGES);
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
    PendingReply reply = begin(call, within);
    try {
      return reply.await(subject);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw reply.abandon("interrupted", e).at(context(call, subject, since));
    } catch (BrokerException e) {
      throw e.at(context(call, subject, since));
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
    requireOpen(call);
    CountedBody body = new CountedBody(call.body());
    HttpRequest request = request(call.path()).method(call.method(), body.publisher()).build();
    return new PendingReply(call, base, body, client.sendAsync(request, handler()), within);
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
    requireOpen(call);
    HttpRequest.Builder request = request(path);
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    PendingStream stream =
        new PendingStream(call, base, client.sendAsync(request.build(), streamHandler()));
    return stream.await(patience.answer());
  }

  private HttpRequest.Builder request(String path) {
    HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(base + path));
    return headers.length == 0 ? request : request.headers(headers);
  }

  private static HttpResponse.BodyHandler<byte[]> handler() {
    return BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX);
  }

  /** What is no stream is read to its end before it counts as answered, so that it is in time. */
  private static HttpResponse.BodyHandler<PendingStream.Body> streamHandler() {
    return head ->
        ExchangeEnd.isEventStream(head.statusCode(), head.headers())
            ? BodySubscribers.mapping(BodySubscribers.ofInputStream(), PendingStream.Body::of)
            : BodySubscribers.mapping(
                BodySubscribers.limiting(BodySubscribers.ofByteArray(), ANSWER_BYTES_MAX),
                PendingStream.Body::of);
  }

  private void requireOpen(Call call) {
    if (closed) {
      throw ExchangeEnd.notSent(call, base, "the broker was closed");
    }
  }

  @Override
  public void close() {
    closed = true;
    client.shutdownNow();
  }
}
