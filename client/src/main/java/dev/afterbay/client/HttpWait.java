package dev.afterbay.client;

import dev.afterbay.BrokerException;
import dev.afterbay.client.wire.DeliveryWire;
import dev.afterbay.client.wire.Problem;
import java.time.Duration;
import java.util.UUID;
import java.util.function.Consumer;
import tools.jackson.core.JsonGenerator;

/** A request that the server answers when there is something, or when its wait is over. */
final class HttpWait {
  /*
   * Who is interrupted, or closes, must know what was on its way: cancelling the request would
   * lose deliveries that the server has just written, until their leases lapse. So the server is
   * asked to end the wait, and its answer is taken in as always.
   */

  /** Long enough for a server that answers; from another nothing would be learnt anyway. */
  private static final Duration END_MAX = Duration.ofSeconds(1);

  private static final long END_STEP_MILLIS = 20;
  private static final byte[] NOTHING = {};

  private final HttpTransport link;
  private final Problem.Subject subject;
  private final String id;
  private final PendingReply answer;

  /**
   * Begins to wait.
   *
   * @param call its body names the wait
   */
  HttpWait(HttpTransport link, Named call, Duration wait, Problem.Subject subject) {
    this.link = link;
    this.id = call.id;
    this.subject = subject;
    this.answer = link.begin(call.call, wait.plus(link.patience().answer()));
  }

  /** A request with the name of its wait. */
  record Named(HttpTransport.Call call, String id) {
    static Named post(String path, Consumer<JsonGenerator> members) {
      String id = UUID.randomUUID().toString();
      byte[] body =
          HttpQueue.object(json -> {
            members.accept(json);
            json.writeStringProperty("wait_id", id);
          });
      return new Named(HttpTransport.Call.ask(path, body), id);
    }

    /** As this, with messages in its answer. */
    Named bringingMessages() {
      return new Named(call.bringingMessages(), id);
    }
  }

  /** Of a long wait, what one request takes. */
  static Duration step(Duration wait) {
    return wait.compareTo(DeliveryWire.WAIT_MAX) < 0 ? wait : DeliveryWire.WAIT_MAX;
  }

  /**
   * The answer. If this thread is interrupted, the wait is ended; what the server then answers is
   * returned, and the thread stays interrupted.
   */
  HttpTransport.Reply await() throws InterruptedException {
    try {
      return answer.await(subject);
    } catch (InterruptedException e) {
      end();
      if (!answer.isAnswered()) {
        throw e;
      }
      try {
        return answer.await(subject);
      } finally {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Ends the wait, soon if not at once; at once if this thread is interrupted again. */
  void end() {
    long latest = Deadline.after(END_MAX);
    try {
      for (long left = END_MAX.toMillis();
          !answer.isDone() && left > 0;
          left = latest - Deadline.now()) {
        HttpTransport.Call call = HttpTransport.Call.post("/waits/" + id + "/end", NOTHING);
        link.call(call, subject, Duration.ofMillis(left));
        // The request may be on its way to the server still, or the answer on its way back.
        answer.await(END_STEP_MILLIS);
      }
    } catch (BrokerException | InterruptedException _) {
      // Then the hard way: the server sees the connection go.
    }
    if (!answer.isDone()) {
      answer.cancel();
    }
  }
}
