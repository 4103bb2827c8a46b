package dev.afterbay.http;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The way from a client to its server: requests, answers, and what goes wrong between. */
final class Link implements AutoCloseable {
  /*
   * HTTP/1.1 and not 2: a wait is a connection of its own, so that a client that dies is seen by
   * the server, and one lost packet does not hold up the others.
   */

  private static final Duration CONNECT_MAX = Duration.ofSeconds(5);

  /** How much longer than it waits a request may take. */
  private static final Duration ANSWER_MAX = Duration.ofSeconds(30);

  private static final long ANSWER_BYTES_MAX = 512L << 20;

  private final URI base;
  private final HttpClient client;
  private volatile boolean closed;

  Link(URI base) {
    this.base = base;
    this.client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .connectTimeout(CONNECT_MAX)
            .executor(Executors.newVirtualThreadPerTaskExecutor())
            .build();
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
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Call(String method, String path, byte @Nullable [] body, Effect effect) {
    static Call get(String path) {
      return new Call("GET", path, null, Effect.NONE);
    }

    static Call post(String path, byte[] body) {
      return new Call("POST", path, body, Effect.CHANGES);
    }
  }

  /** An answer that is no problem. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Reply(int status, byte[] body, Effect effect) {
    /** What an answer says. */
    <T> T read(Function<byte[], T> reader) {
      try {
        return reader.apply(body);
      } catch (BrokerException.Rejected e) {
        throw effect.failed("the server answered what cannot be read", e);
      }
    }
  }

  /** A segment of a path, or the value of a query parameter. */
  static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }

  /**
   * Sends and waits for the answer. An interrupt does not cut it short, for then nobody would know
   * what the server did; the thread stays interrupted.
   */
  Reply call(Call call, Problem.Subject subject) {
    CompletableFuture<HttpResponse<byte[]>> answer = begin(call, Duration.ZERO);
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return reply(answer.get(), call, subject);
        } catch (InterruptedException _) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw failed(call, e.getCause() == null ? e : e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** As {@link #call}, or null if there is no such thing. */
  @Nullable Reply find(Call call, Problem.Subject subject) {
    try {
      return call(call, subject);
    } catch (BrokerException.QueueNotFound | BrokerException.JobNotFound _) {
      return null;
    }
  }

  /** Sends, and lets the caller wait. */
  CompletableFuture<HttpResponse<byte[]>> begin(Call call, Duration wait) {
    return client.sendAsync(request(call, wait), handler());
  }

  /** An answer that goes on for ever. */
  HttpResponse<InputStream> stream(String path, @Nullable String lastEventId) {
    requireOpen();
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path));
    if (lastEventId != null) {
      request.header("Last-Event-ID", lastEventId);
    }
    Call call = Call.get(path);
    try {
      return client.send(request.build(), BodyHandlers.ofInputStream());
    } catch (IOException e) {
      throw failed(call, e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failed(call, new IOException("interrupted", e));
    }
  }

  private HttpRequest request(Call call, Duration wait) {
    requireOpen();
    byte[] body = call.body();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(uri(call.path()))
            .timeout(ANSWER_MAX.plus(wait))
            .method(
                call.method(),
                body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    return request.build();
  }

  private URI uri(String path) {
    return URI.create(base + path);
  }

  private static HttpResponse.BodyHandler<byte[]> handler() {
    return BodyHandlers.limiting(BodyHandlers.ofByteArray(), ANSWER_BYTES_MAX);
  }

  private void requireOpen() {
    if (closed) {
      throw new BrokerException.Unavailable("the connection to " + base + " was closed");
    }
  }

  /** The answer, unless it tells of a problem. */
  static Reply reply(HttpResponse<byte[]> response, Call call, Problem.Subject subject) {
    int status = response.statusCode();
    if (status < 300) {
      return new Reply(status, response.body(), call.effect());
    }
    Problem.Said said = Problem.read(status, response.body());
    throw said.word().equals(Problem.Type.INTERNAL.word())
        ? call.effect().failed(said.detail(), new IOException("status " + status))
        : Problem.exception(said, subject);
  }

  /** A request that got no answer. */
  BrokerException failed(Call call, Throwable e) {
    String what = call.method() + " " + base + call.path() + " failed: " + e;
    boolean notSent = e instanceof ConnectException || e instanceof HttpConnectTimeoutException;
    return notSent || closed
        ? new BrokerException.Unavailable(what, e)
        : call.effect().failed(what, e);
  }

  boolean isClosed() {
    return closed;
  }

  @Override
  public void close() {
    closed = true;
    client.shutdownNow();
  }
}
