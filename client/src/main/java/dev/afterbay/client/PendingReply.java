package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.Problem;
import java.net.URI;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** A request that is on its way, and the answer that will come, or will not. */
final class PendingReply {

  private final HttpTransport.Call call;
  private final URI base;
  private final CountedBody body;
  private final CompletableFuture<HttpResponse<byte[]>> answer;
  private final Duration within;
  private final long deadline;

  PendingReply(
      HttpTransport.Call call,
      URI base,
      CountedBody body,
      CompletableFuture<HttpResponse<byte[]>> answer,
      Duration within) {
    this.call = call;
    this.base = base;
    this.body = body;
    this.answer = answer;
    this.within = within;
    this.deadline = Deadline.after(within);
  }

  /**
   * The answer, unless it is a problem, or there is none in time.
   *
   * @throws InterruptedException and it is still on its way
   */
  HttpTransport.Reply await(Problem.Subject subject) throws InterruptedException {
    return get(subject, Math.max(0, deadline - Deadline.now()));
  }

  /** The answer to a request that is done, unless it is a problem, or there is none. */
  HttpTransport.Reply get(Problem.Subject subject) {
    try {
      return get(subject, 0);
    } catch (InterruptedException e) {
      throw new IllegalStateException("asked for an answer before it is there", e);
    }
  }

  private HttpTransport.Reply get(Problem.Subject subject, long millis)
      throws InterruptedException {
    try {
      return ExchangeEnd.answered(answer.get(millis, TimeUnit.MILLISECONDS), call, subject);
    } catch (ExecutionException e) {
      throw failed(e.getCause() == null ? e : e.getCause());
    } catch (TimeoutException _) {
      String what = "no answer within " + Durations.format(within);
      throw abandon(what, new HttpTimeoutException(what));
    } catch (CancellationException e) {
      throw failed(e);
    }
  }

  /** Waits for it no longer than that, and leaves it on its way. */
  void await(long millis) throws InterruptedException {
    try {
      answer.get(millis, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | CancellationException _) {
      // Whether it is done is asked again.
    }
  }

  /** Runs that as soon as it is done. */
  void whenDone(Runnable then) {
    var _ = answer.whenComplete((_, _) -> then.run());
  }

  boolean isDone() {
    return answer.isDone();
  }

  /** Whether there is an answer, whatever it says. */
  boolean isAnswered() {
    return answer.isDone() && !answer.isCompletedExceptionally();
  }

  /** Breaks its connection. */
  void cancel() {
    answer.cancel(true);
  }

  /** Gives it up. */
  BrokerException abandon(String why, Throwable cause) {
    boolean handedOut = body.end();
    cancel();
    return ExchangeEnd.broken(call, base, why, cause, handedOut);
  }

  private BrokerException failed(Throwable e) {
    return ExchangeEnd.broken(call, base, ExchangeEnd.reason(e), e, body.end());
  }
}
