package dev.afterbay.worker;

import static dev.afterbay.worker.Fixture.until;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import dev.afterbay.Codec;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.DeliveryMode;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** How a worker hands out jobs and settles them. */
class WorkerTest {

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aJobGoesToTheHandlerOfItsTypeElseToThatOfAny() {
    ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    Worker.Builder worker =
        fixture
            .worker()
            .handle("email", d -> note(seen, "email handler, " + d.message().type()))
            .handle("*", d -> note(seen, "any handler, " + d.message().type()));
    JobId email = fixture.send("email");
    JobId other = fixture.send("report");
    fixture.start(worker);
    fixture.awaited(email, Status.Kind.DONE);
    fixture.awaited(other, Status.Kind.DONE);
    assertThat(seen).containsExactlyInAnyOrder("email handler, email", "any handler, report");
  }

  @Test
  void aJobSentWhileTheWorkerWaitsIsHandled() {
    fixture.start(fixture.worker().handle("email", _ -> Outcome.done()));
    for (int i = 0; i < 20; i++) {
      fixture.awaited(fixture.send("email"), Status.Kind.DONE);
    }
  }

  @Test
  void aJobOfATypeWithoutHandlerIsFailed() {
    JobId id = fixture.send("report");
    fixture.start(fixture.worker().handle("email", _ -> Outcome.done()));
    Job job = fixture.awaited(id, Status.Kind.FAILED);
    assertThat(job.lastError()).isEqualTo("unknown type report: there is no handler for it");
  }

  @Test
  void everyOutcomeIsSettled() {
    fixture.start(
        fixture
            .worker()
            .handle("done", _ -> Outcome.done())
            .handle("dead", _ -> Outcome.fail("never"))
            .handle("retry", _ -> Outcome.retry("later", Duration.ofMinutes(1))));
    fixture.awaited(fixture.send("done"), Status.Kind.DONE);
    Job failed = fixture.awaited(fixture.send("dead"), Status.Kind.FAILED);
    assertThat(failed.lastError()).isEqualTo("never");
    JobId retried = fixture.send("retry");
    assertThat(fixture.awaitedRetry(retried).lastError()).isEqualTo("later");
    fixture.clock.advance(Duration.ofMinutes(1));
    until("a second attempt", () -> fixture.job(retried).history().size() == 2);
  }

  @Test
  void aThrowAsksForAnotherAttemptWithItsText() {
    AtomicInteger calls = new AtomicInteger();
    Handler handler =
        _ -> {
          if (calls.incrementAndGet() == 1) {
            throw new IllegalStateException("smtp is down");
          }
          return Outcome.done();
        };
    fixture.start(fixture.worker().handle("email", handler));
    JobId id = fixture.send("email");
    Job job = fixture.awaitedRetry(id);
    assertThat(job.lastError()).isEqualTo("java.lang.IllegalStateException: smtp is down");
    assertThat(job.state().attempts()).isEqualTo(1);
    fixture.clock.advance(Duration.ofSeconds(2));
    fixture.awaited(id, Status.Kind.DONE);
  }

  @Test
  void aLongTextIsCut() {
    Handler handler =
        _ -> {
          throw new IllegalStateException("x".repeat(100_000));
        };
    fixture.start(fixture.worker().handle("email", handler));
    Job job = fixture.awaitedRetry(fixture.send("email"));
    assertThat(job.lastError()).hasSize(Outcome.REASON_CHARS_MAX);
  }

  @Test
  void aPermanentFailureIsFailedWithItsMessage() {
    Handler handler =
        _ -> {
          throw new PermanentFailure("no such address");
        };
    fixture.start(fixture.worker().handle("email", handler));
    Job job = fixture.awaited(fixture.send("email"), Status.Kind.FAILED);
    assertThat(job.lastError()).isEqualTo("no such address");
    assertThat(job.state().attempts()).isEqualTo(1);
  }

  @ParameterizedTest
  @MethodSource("errors")
  void anErrorBurnsAnAttemptAndEndsNoWorker(Error error) {
    Handler handler =
        _ -> {
          throw error;
        };
    Worker.Builder worker =
        fixture
            .worker()
            .handle("bad", handler, HandlerOptions.STANDARD.concurrency(1))
            .handle("good", _ -> Outcome.done());
    fixture.start(worker);
    JobId bad = fixture.send("bad");
    assertThat(fixture.awaitedRetry(bad).lastError()).startsWith(error.getClass().getName());
    fixture.clock.advance(Duration.ofSeconds(2));
    until("a second attempt", () -> fixture.job(bad).history().size() == 2);
    fixture.awaited(fixture.send("good"), Status.Kind.DONE);
  }

  static List<Error> errors() {
    return List.of(
        new StackOverflowError(),
        new OutOfMemoryError("Java heap space"),
        new NoClassDefFoundError("com/example/Missing"),
        new AssertionError("never"));
  }

  @Test
  void realStackOverflowIsNoDifferent() {
    fixture.start(fixture.worker().handle("deep", d -> deeper(d.attempt())));
    Job job = fixture.awaitedRetry(fixture.send("deep"));
    assertThat(job.lastError()).isEqualTo("java.lang.StackOverflowError");
  }

  @Test
  @SuppressWarnings("NullAway") // What a handler without null checks may do.
  void aNullAnswerIsAFailure() {
    fixture.start(fixture.worker().handle("email", _ -> null));
    Job job = fixture.awaitedRetry(fixture.send("email"));
    assertThat(job.lastError()).endsWith("the handler answered null");
  }

  @Test
  void aTypedHandlerGetsTheValueAndTheDelivery() {
    ConcurrentLinkedQueue<String> seen = new ConcurrentLinkedQueue<>();
    Handler.Typed<String> handler = (value, d) -> note(seen, value + " " + d.attempt());
    fixture.start(fixture.worker().handle("note", Codec.text(), handler));
    fixture.awaited(fixture.send("note"), Status.Kind.DONE);
    assertThat(seen).containsExactly("hello 1");
  }

  @Test
  void anUndecodableBodyIsFailed() {
    Handler.Typed<String> handler = (_, _) -> Outcome.done();
    fixture.start(fixture.worker().handle("note", Codec.text(), handler));
    JobId id = fixture.queue.send(Message.of("note", new byte[] {(byte) 0xff}));
    Job job = fixture.awaited(id, Status.Kind.FAILED);
    assertThat(job.lastError()).isEqualTo("undecodable body: the body is not UTF-8");
  }

  @Test
  void anAtMostOnceJobIsHandledOnceThoughItFails() {
    AtomicInteger calls = new AtomicInteger();
    fixture
        .queue
        .admin()
        .orElseThrow()
        .configure(QueueSettings.STANDARD.delivery(DeliveryMode.AT_MOST_ONCE));
    Handler handler =
        _ -> {
          calls.incrementAndGet();
          return Outcome.retry("down");
        };
    fixture.start(fixture.worker().handle("email", handler));
    fixture.send("email");
    until("a call", () -> calls.get() == 1);
    fixture.clock.advance(Duration.ofMinutes(10));
    assertThat(fixture.queue.stats().depth()).isZero();
    assertThat(calls).hasValue(1);
  }

  @Test
  void manyJobsAreEachHandledOnce() {
    ConcurrentLinkedQueue<JobId> seen = new ConcurrentLinkedQueue<>();
    List<JobId> ids = IntStream.range(0, 2_000).mapToObj(i -> fixture.send("t" + i % 3)).toList();
    Worker.Builder worker =
        fixture
            .worker()
            .handle("t0", d -> note(seen, d.job().id()), HandlerOptions.STANDARD.concurrency(100))
            .handle("t1", d -> note(seen, d.job().id()), HandlerOptions.STANDARD.concurrency(1))
            .handle("*", d -> note(seen, d.job().id()), HandlerOptions.STANDARD.concurrency(7));
    fixture.start(worker);
    // Step by step, so that a busy machine may take its time, while a worker that stands still
    // fails.
    for (int step = 100; step <= ids.size(); step += 100) {
      int done = step;
      until(done + " done", () -> fixture.queue.stats().done() >= done);
    }
    assertThat(seen).containsExactlyInAnyOrderElementsOf(ids);
  }

  @Test
  void aTypeHasOneHandler() {
    Worker.Builder worker = fixture.worker().handle("email", _ -> Outcome.done());
    assertThatIllegalArgumentException()
        .isThrownBy(() -> worker.handle("email", _ -> Outcome.done()))
        .withMessageContaining("email");
  }

  @Test
  void aWorkerNeedsAHandler() {
    assertThatIllegalStateException().isThrownBy(fixture.worker()::start);
  }

  private static <T> Outcome note(ConcurrentLinkedQueue<T> seen, T what) {
    seen.add(what);
    return Outcome.done();
  }

  @SuppressWarnings("InfiniteRecursion") // Its purpose.
  private static Outcome deeper(int depth) {
    Outcome outcome = deeper(depth + 1);
    return depth < 0 ? Outcome.done() : outcome;
  }

  @Test
  void theTraceOfAnExceptionIsKeptWithItsAttemptIfThatIsWanted() {
    HandlerOptions traced = HandlerOptions.STANDARD.stackTraces(true);
    Handler failing =
        _ -> {
          throw new IllegalStateException("no printer");
        };
    fixture.start(fixture.worker().handle("traced", failing, traced).handle("plain", failing));
    JobId kept = fixture.send("traced");
    JobId plain = fixture.send("plain");
    fixture.awaitedRetry(kept);
    fixture.awaitedRetry(plain);
    Jobs jobs = fixture.engine.jobs().orElseThrow();
    assertThat(jobs.notes(kept).log().lines().getFirst().text())
        .startsWith("java.lang.IllegalStateException: no printer\n\tat ");
    assertThat(jobs.notes(plain)).isEqualTo(JobNotes.NONE);
  }
}
