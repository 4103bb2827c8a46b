package dev.afterbay.http;

import dev.afterbay.BrokerException;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** A request that the server answers when there is something, or when its wait is over. */
final class HttpWait {
  /*
   * Who is interrupted, or closes, must know what was on its way: cancelling the request would
   * lose deliveries that the server has just written, until their leases lapse. So the server is
   * asked to end the wait, and its answer is taken in as always.
   */

  private static final Duration END_MAX = Duration.ofSeconds(5);
  private static final long END_STEP_MILLIS = 20;

  private final Link link;
  private final Link.Call call;
  private final Problem.Subject subject;
  private final String id;
  private final CompletableFuture<HttpResponse<byte[]>> answer;

  /**
   * Begins to wait.
   *
   * @param call its body names the wait
   */
  HttpWait(Link link, Named call, Duration wait, Problem.Subject subject) {
    this.link = link;
    this.call = call.call;
    this.id = call.id;
    this.subject = subject;
    this.answer = link.begin(this.call, wait);
  }

  /** A request with the name of its wait. */
  record Named(Link.Call call, String id) {
    static Named post(String path, Consumer<JsonGenerator> members) {
      String id = UUID.randomUUID().toString();
      byte[] body =
          HttpQueue.object(json -> {
            members.accept(json);
            json.writeStringProperty("wait_id", id);
          });
      return new Named(new Link.Call("POST", path, body, Link.Effect.NONE), id);
    }
  }

  /** Of a long wait, what one request takes. */
  static Duration step(Duration wait) {
    return wait.compareTo(SessionsRoutes.WAIT_MAX) < 0 ? wait : SessionsRoutes.WAIT_MAX;
  }

  /**
   * The answer. If this thread is interrupted, the wait is ended; what the server then answers is
   * returned, and the thread stays interrupted.
   */
  Link.Reply await() throws InterruptedException {
    try {
      return Link.reply(answer.get(), call, subject);
    } catch (InterruptedException e) {
      end();
      if (answer.isDone() && !answer.isCompletedExceptionally()) {
        Link.Reply reply = Link.reply(answer.join(), call, subject);
        Thread.currentThread().interrupt();
        return reply;
      }
      throw e;
    } catch (ExecutionException e) {
      throw link.failed(call, e.getCause() == null ? e : e.getCause());
    } catch (CancellationException e) {
      throw link.failed(call, e);
    }
  }

  /** Ends the wait, soon if not at once. */
  void end() {
    long latest = Deadlines.after(END_MAX);
    byte[] nothing = {};
    try {
      while (!answer.isDone() && Deadlines.now() < latest) {
        link.call(Link.Call.post("/waits/" + id + "/end", nothing), subject);
        soon();
      }
    } catch (BrokerException | InterruptedException _) {
      // Then the hard way: the server sees the connection go.
    }
    if (!answer.isDone()) {
      answer.cancel(true);
    }
  }

  /** The request may be on its way to the server still, or the answer on its way back. */
  private void soon() throws InterruptedException {
    try {
      answer.get(END_STEP_MILLIS, TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException | CancellationException _) {
      // Whether it is done is asked again.
    }
  }
}
