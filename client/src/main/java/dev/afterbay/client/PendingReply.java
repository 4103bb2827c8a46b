package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.Problem;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;

/** A request that is on its way, and the answer that will come, or will not. */
final class PendingReply {

  private final HttpTransport link;
  private final HttpTransport.Outgoing request;
  private final CompletableFuture<HttpResponse> answer = new CompletableFuture<>();
  private final Thread thread;

  private PendingReply(HttpTransport link, HttpTransport.Outgoing request) {
    this.link = link;
    this.request = request;
    this.thread = Thread.ofVirtual().name("afterbay-http-request").unstarted(this::run);
  }

  /** Sends it, on a thread of its own. */
  static PendingReply begin(HttpTransport link, HttpTransport.Outgoing request) {
    PendingReply reply = new PendingReply(link, request);
    reply.thread.start();
    return reply;
  }

  /** Sends it, and is there when there is an answer, or will be none. */
  static PendingReply carry(HttpTransport link, HttpTransport.Outgoing request) {
    PendingReply reply = new PendingReply(link, request);
    reply.run();
    return reply;
  }

  private void run() {
    try {
      answer.complete(request.exchange().run());
    } catch (IOException | RuntimeException | Error e) {
      answer.completeExceptionally(e);
    }
  }

  /**
   * The answer, unless it is a problem, or there is none in time.
   *
   * @throws InterruptedException and it is still on its way
   */
  HttpTransport.Reply await(Problem.Subject subject) throws InterruptedException {
    return get(subject, request.leftMillis());
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
    await(millis);
    if (!answer.isDone()) {
      throw abandon(request.late(), new SocketTimeoutException(request.late()));
    }
    try {
      return ExchangeEnd.answered(answer.get(), request.call(), subject);
    } catch (ExecutionException e) {
      throw link.failed(request, e.getCause() == null ? e : e.getCause());
    } catch (CancellationException e) {
      throw link.failed(request, e);
    }
  }

  /** Waits for it no longer than that, and leaves it on its way. */
  void await(long millis) throws InterruptedException {
    if (answer.isDone() || millis <= 0) {
      return;
    }
    Thread waiter = Thread.currentThread();
    whenDone(() -> LockSupport.unpark(waiter));
    SharedTimer.STANDARD.await(Deadline.now() + millis, answer::isDone);
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
    thread.interrupt();
  }

  /** Gives it up. */
  BrokerException abandon(String why, Throwable cause) {
    BrokerException end = link.broken(request, why, cause);
    cancel();
    return end;
  }
}
