package dev.afterbay.worker;

import static dev.afterbay.worker.Fixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a worker claims, and when. */
class WorkerSlotsTest {

  private final Fixture fixture = new Fixture();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void noMoreIsClaimedThanThereAreFreeSlots() {
    Gate gate = new Gate();
    List<JobId> ids = send("slow", 5);
    fixture.start(slow(gate, 2));
    until("two inside", () -> gate.inside.get() == 2);
    assertThat(fixture.queue.stats().processing()).isEqualTo(2);
    assertThat(fixture.queue.stats().pending()).isEqualTo(3);
    gate.open();
    ids.forEach(id -> fixture.awaited(id, Status.Kind.DONE));
  }

  @Test
  void noMoreIsClaimedWhileTheBodiesThatHandlersHaveTakeTheirShareOfTheHeap() {
    Gate gate = new Gate();
    AtomicInteger handled = new AtomicInteger();
    JobId slow = fixture.send("slow");
    int bytes = fixture.job(slow).message().body().length;
    fixture.start(
        slow(gate, 1).consume("quick", _ -> handled.incrementAndGet()).bodyBytesMax(bytes));
    until("one inside", () -> gate.inside.get() == 1);
    List<JobId> quick = send("quick", 3);
    AtomicInteger others = new AtomicInteger();
    Queue other = fixture.engine.queue("other");
    fixture.start(Worker.of(other, fixture.clock).consume("*", _ -> others.incrementAndGet()));
    for (int i = 1; i <= 20; i++) { // then there was time for a claim
      int count = i;
      other.send(Message.of("quick", "hello"));
      until("it is handled", () -> others.get() == count);
    }
    assertThat(handled).hasValue(0);
    gate.open();
    quick.forEach(id -> fixture.awaited(id, Status.Kind.DONE));
  }

  @Test
  void aFullHandlerHoldsUpNoOther() {
    Gate gate = new Gate();
    send("slow", 5);
    fixture.start(slow(gate, 2).handle("*", _ -> Outcome.done()));
    until("two inside", () -> gate.inside.get() == 2);
    send("quick", 30).forEach(id -> fixture.awaited(id, Status.Kind.DONE));
    assertThat(fixture.queue.stats().processing()).isEqualTo(2);
    gate.open();
  }

  @Test
  void aFullHandlerOfAnyHoldsUpNoOther() {
    Gate gate = new Gate();
    send("slow", 5);
    HandlerOptions two = HandlerOptions.STANDARD.concurrency(2);
    fixture.start(fixture.worker().handle("*", gate, two).handle("quick", _ -> Outcome.done()));
    until("two inside", () -> gate.inside.get() == 2);
    send("quick", 30).forEach(id -> fixture.awaited(id, Status.Kind.DONE));
    assertThat(fixture.queue.stats().processing()).isEqualTo(2);
    gate.open();
  }

  @Test
  void aHandlerThatBecomesFreeIsServedAtOnceThoughAClaimWaits() {
    Gate gate = new Gate();
    Recorder recorder = new Recorder();
    send("slow", 2);
    Worker.Builder worker =
        Worker.of(recorder.over(fixture.queue), fixture.clock)
            .handle("slow", gate, HandlerOptions.STANDARD.concurrency(1))
            .handle("quick", _ -> Outcome.done());
    fixture.start(worker);
    until("one inside", () -> gate.inside.get() == 1);
    until("a claim without it", () -> recorder.requests.contains("10 allBut [slow]"));
    gate.open();
    until("both done", () -> fixture.queue.stats().done() == 2);
  }

  @Test
  void anIdleHandlerWithOneSlotDoesNotMakeAllClaimsSmall() {
    Recorder recorder = new Recorder();
    send("mail", 500);
    Worker.Builder worker =
        Worker.of(recorder.over(fixture.queue), fixture.clock)
            .handle("mail", _ -> Outcome.done(), HandlerOptions.STANDARD.concurrency(100))
            .handle("rare", _ -> Outcome.done(), HandlerOptions.STANDARD.concurrency(1));
    fixture.start(worker);
    until("all done", () -> fixture.queue.stats().done() == 500);
    assertThat(recorder.requests)
        .contains("1 allBut []")
        .anyMatch(request -> request.matches("[5-9][0-9] only \\[mail]|100 only \\[mail]"));
  }

  @Test
  void aClaimThatFailsIsMadeAgainLaterAndLater() {
    Recorder recorder = new Recorder();
    recorder.failing = true;
    fixture.start(
        Worker.of(recorder.over(fixture.queue), fixture.clock).handle("*", _ -> Outcome.done()));
    for (int pause : new int[] {100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000}) {
      awaitPauseOf(Duration.ofMillis(pause), recorder);
    }
    recorder.failing = false;
    until("a last pause", () -> fixture.clock.millisToAlarm("afterbay-worker") > 0);
    JobId id = fixture.send("mail");
    fixture.clock.advance(Duration.ofSeconds(5));
    fixture.awaited(id, Status.Kind.DONE);
  }

  @Test
  void whatWasClaimedAsTheWorkerClosedIsReleased() throws InterruptedException {
    Recorder recorder = new Recorder();
    CountDownLatch hold = new CountDownLatch(1);
    recorder.hold = hold;
    JobId id = fixture.send("mail");
    Worker worker =
        Worker.of(recorder.over(fixture.queue), fixture.clock)
            .handle("mail", _ -> Outcome.done())
            .start();
    until("a claim", () -> fixture.kind(id) == Status.Kind.PROCESSING);
    Thread closing = Thread.startVirtualThread(worker::close);
    until("the grace", () -> fixture.clock.hasAlarm("", Worker.GRACE_STANDARD));
    hold.countDown();
    closing.join();
    assertReleased(id);
  }

  @Test
  void whatWasClaimedAsTheBreakerOpenedIsReleased() {
    Recorder recorder = new Recorder();
    Gate gate = new Gate();
    Handler handler =
        delivery -> {
          Outcome ignored = gate.handle(delivery);
          return Outcome.retry("down, and not " + ignored, Duration.ofHours(1));
        };
    BreakerSettings first = new BreakerSettings(1, Duration.ofSeconds(30), 1);
    CountDownLatch open = new CountDownLatch(1);
    fixture.start(
        Worker.of(recorder.over(fixture.queue), fixture.clock)
            .handle("web", handler, HandlerOptions.STANDARD.breaker(first))
            .onBreaker(_ -> open.countDown()));
    fixture.send("web");
    until("inside", () -> gate.inside.get() == 1);
    recorder.hold = open;
    JobId id = fixture.send("web");
    until("a claim", () -> fixture.kind(id) == Status.Kind.PROCESSING);
    gate.open();
    until("released", () -> !fixture.job(id).history().isEmpty());
    assertReleased(id);
  }

  @Test
  void anOpenBreakerIsNotClaimedForHoweverLongItsListenerTakes() {
    Recorder recorder = new Recorder();
    Gate gate = new Gate();
    Handler handler =
        delivery -> {
          throw new IllegalStateException("down, and not " + gate.handle(delivery));
        };
    BreakerSettings first = new BreakerSettings(1, Duration.ofSeconds(30), 1);
    CompletableFuture<Boolean> listener = new CompletableFuture<>();
    fixture.start(
        Worker.of(recorder.over(fixture.queue), fixture.clock)
            .handle("web", handler, HandlerOptions.STANDARD.breaker(first))
            .handle("quick", _ -> Outcome.done())
            .onBreaker(_ -> listener.join()));
    fixture.send("web");
    until("inside", () -> gate.inside.get() == 1);
    until("a claim for more", () -> recorder.requests.size() == 2);
    gate.open();
    try {
      until("a claim without it", () -> recorder.requests.contains("10 allBut [web]"));
    } finally {
      listener.complete(true);
    }
  }

  private void assertReleased(JobId id) {
    Job job = fixture.job(id);
    assertThat(job.history().getFirst().outcome()).isEqualTo(Outcome.release());
    assertThat(job.state().attempts()).isZero();
    assertThat(job.status().kind()).isEqualTo(Status.Kind.PENDING);
  }

  /** Nothing is claimed until the very end of the pause, which is half of the longest or more. */
  private void awaitPauseOf(Duration longest, Recorder recorder) {
    until("a pause", () -> fixture.clock.millisToAlarm("afterbay-worker") > 0);
    Duration pause = Duration.ofMillis(fixture.clock.millisToAlarm("afterbay-worker"));
    assertThat(pause).isBetween(longest.dividedBy(2), longest);
    int before = recorder.requests.size();
    fixture.clock.advance(pause.minusMillis(1));
    assertThat(recorder.requests).hasSize(before);
    fixture.clock.advance(Duration.ofMillis(1));
    until("the next claim", () -> recorder.requests.size() == before + 1);
  }

  private Worker.Builder slow(Gate gate, int concurrency) {
    return fixture.worker().handle("slow", gate, HandlerOptions.STANDARD.concurrency(concurrency));
  }

  private List<JobId> send(String type, int count) {
    return IntStream.range(0, count).mapToObj(_ -> fixture.send(type)).toList();
  }
}
