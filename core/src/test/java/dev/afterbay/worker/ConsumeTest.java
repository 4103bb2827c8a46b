package dev.afterbay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.Codec;
import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.TypedQueue;
import dev.afterbay.Watch;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Handlers that return nothing. */
@Timeout(30)
final class ConsumeTest {

  private final Broker broker = Broker.inMemory();
  private final Queue queue = broker.queue("q");
  private final List<String> taken = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    broker.close();
  }

  private Event next(Event.Type type, Worker.Builder worker) throws InterruptedException {
    try (Watch watch = broker.jobs().orElseThrow().watch(null);
        Worker _ = worker.start()) {
      queue.send(Message.of("note", "hello"));
      while (true) {
        for (Event event : watch.next(10, Duration.ofSeconds(10))) {
          if (event.type() == type) {
            return event;
          }
        }
      }
    }
  }

  private void take(String text) {
    taken.add(text);
  }

  @Test
  void aJobIsDoneWhenItsHandlerReturns() throws Exception {
    next(Event.Type.DONE, Worker.of(queue).consume("note", job -> take(job.message().text())));
    assertThat(taken).containsExactly("hello");
  }

  @Test
  void aJobIsTriedAgainWhenItsHandlerThrows() throws Exception {
    Worker.Builder worker =
        Worker.of(queue)
            .consume(
                "note",
                _ -> {
                  throw new IllegalStateException("no ink");
                });
    assertThat(next(Event.Type.RETRIED, worker).error()).contains("no ink");
  }

  @Test
  void aPermanentFailureFailsTheJob() throws Exception {
    Worker.Builder worker =
        Worker.of(queue)
            .consume(
                "note",
                _ -> {
                  throw new PermanentFailure("no such pen");
                });
    assertThat(next(Event.Type.FAILED, worker).error()).contains("no such pen");
  }

  @Test
  void aHandlerOfValuesIsGivenTheValue() throws Exception {
    TypedQueue<String> texts = broker.queue("q", Codec.text());
    next(
        Event.Type.DONE,
        Worker.of(texts).consume("note", texts.codec(), (text, _) -> take(text + "!")));
    assertThat(taken).containsExactly("hello!");
  }
}
