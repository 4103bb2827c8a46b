package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Durations;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A request for a stream of events, until the stream begins. */
final class PendingStream {

  private final HttpTransport.Call call;
  private final URI base;
  private final CompletableFuture<HttpResponse<Body>> answer;

  PendingStream(HttpTransport.Call call, URI base, CompletableFuture<HttpResponse<Body>> answer) {
    this.call = call;
    this.base = base;
    this.answer = answer;
  }

  /** A stream, or what came instead of one. */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Body(@Nullable InputStream stream, byte[] instead) {
    static Body of(InputStream stream) {
      return new Body(stream, new byte[0]);
    }

    static Body of(byte[] instead) {
      return new Body(null, instead);
    }
  }

  InputStream await(Duration within) {
    try {
      HttpResponse<Body> response = answer.get(within.toMillis(), TimeUnit.MILLISECONDS);
      InputStream stream = response.body().stream();
      if (stream != null) {
        return stream;
      }
      throw ExchangeEnd.notStreamed(response, call);
    } catch (ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (CancellationException e) {
      throw failed(e);
    } catch (TimeoutException _) {
      throw abandon(new HttpTimeoutException("no answer within " + Durations.format(within)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw abandon(new IOException("interrupted", e));
    }
  }

  /** Also when it has begun in this moment. */
  private BrokerException abandon(IOException why) {
    if (!answer.cancel(true) && !answer.isCompletedExceptionally()) {
      close(answer.join());
    }
    return failed(why);
  }

  private static void close(HttpResponse<Body> response) {
    InputStream stream = response.body().stream();
    if (stream != null) {
      try {
        stream.close();
      } catch (IOException _) {
        // Then it is over.
      }
    }
  }

  private BrokerException failed(Throwable e) {
    return ExchangeEnd.broken(call, base, ExchangeEnd.reason(e), e, true);
  }
}
