package dev.afterbay.worker;

import static dev.afterbay.worker.Fixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Delivery;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Leases, timeouts, circuit breakers and the end of a worker. */
class WorkerTimeTest {

  private static final HandlerOptions ONE = HandlerOptions.STANDARD.concurrency(1);
  private static final HandlerOptions TIMED = ONE.timeout(Duration.ofSeconds(5)).breaker(null);

  private final Fixture fixture = new Fixture();
  private final Recorder recorder = new Recorder();

  @AfterEach
  void close() {
    fixture.close();
  }

  @Test
  void aLeaseIsRenewedWhileItsHandlerRuns() {
    Gate gate = new Gate();
    JobId id = fixture.send("slow");
    fixture.start(fixture.worker().handle("slow", gate));
    until("inside", () -> gate.inside.get() == 1);
    for (int i = 0; i < 10; i++) {
      Instant until = gate.latest.get().leasedUntil();
      fixture.clock.advance(Fixture.LEASE.dividedBy(3));
      until("a renewal", () -> gate.latest.get().leasedUntil().isAfter(until));
    }
    gate.open();
    assertThat(fixture.awaited(id, Status.Kind.DONE).state().attempts()).isEqualTo(1);
    assertThat(gate.interrupts).hasValue(0);
  }

  @Test
  void aLostLeaseInterruptsTheHandlerAndItsOutcomeIsDropped() {
    Gate gate = new Gate();
    JobId id = fixture.send("slow");
    fixture.start(fixture.worker().handle("slow", gate, ONE));
    until("inside", () -> gate.inside.get() == 1);
    fixture.clock.leap(Fixture.LEASE.plusSeconds(1));
    until("an interrupt", () -> gate.interrupts.get() == 1);
    Job job = fixture.awaitedRetry(id);
    assertThat(job.lastError()).isEqualTo("lease lapsed");
    gate.open();
    fixture.clock.advance(Duration.ofSeconds(2));
    assertThat(fixture.awaited(id, Status.Kind.DONE).history()).hasSize(2);
  }

  @Test
  void aHandlerThatRunsTooLongIsInterruptedAndItsJobTriedAgain() {
    Gate gate = new Gate();
    JobId id = fixture.send("slow");
    Worker worker = fixture.start(fixture.worker().handle("slow", gate, TIMED));
    until("inside", () -> gate.inside.get() == 1);
    fixture.clock.advance(Duration.ofMillis(4_999));
    assertThat(gate.interrupts).hasValue(0);
    fixture.clock.advance(Duration.ofMillis(1));
    until("an interrupt", () -> gate.interrupts.get() == 1);
    assertThat(fixture.awaitedRetry(id).lastError()).isEqualTo("timed out after PT5S");
    gate.open();
    fixture.clock.advance(Duration.ofSeconds(2));
    fixture.awaited(id, Status.Kind.DONE);
    assertThat(worker.abandoned()).isZero();
  }

  @Test
  void aTimeoutIsAFailureToTheBreaker() {
    Gate gate = new Gate();
    BreakerSettings first = new BreakerSettings(1, Duration.ofSeconds(30), 1);
    ConcurrentLinkedQueue<BreakerSettings.Event> events = new ConcurrentLinkedQueue<>();
    fixture.start(
        fixture.worker().handle("slow", gate, TIMED.breaker(first)).onBreaker(events::add));
    fixture.send("slow");
    until("inside", () -> gate.inside.get() == 1);
    fixture.clock.advance(Duration.ofSeconds(5));
    until("an event", () -> !events.isEmpty());
    assertThat(events)
        .containsExactly(
            new BreakerSettings.Event(
                "work", "slow", Event.Type.BREAKER_OPENED, fixture.clock.now().wall()));
  }

  @Test
  void everyAttemptHasItsOwnTimeout() {
    Gate first = new Gate();
    Gate second = new Gate();
    HandlerOptions timed = TIMED.concurrency(2);
    fixture.start(
        fixture
            .worker()
            .handle("*", d -> (d.message().type().equals("a") ? first : second).handle(d), timed));
    fixture.send("a");
    until("a inside", () -> first.inside.get() == 1);
    fixture.clock.advance(Duration.ofSeconds(3));
    fixture.send("b");
    until("b inside", () -> second.inside.get() == 1);
    fixture.clock.advance(Duration.ofSeconds(2));
    until("a interrupted", () -> first.interrupts.get() == 1);
    assertThat(second.interrupts).hasValue(0);
    until("an alarm for b", () -> fixture.clock.hasAlarm("", Duration.ofSeconds(3)));
    fixture.clock.advance(Duration.ofSeconds(3));
    until("b interrupted", () -> second.interrupts.get() == 1);
    first.open();
    second.open();
  }

  @Test
  void aHandlerThatIgnoresItsInterruptKeepsItsSlotForTenSeconds() {
    Gate stubborn = new Gate(true);
    Worker worker = fixture.start(fixture.worker().handle("*", hang(stubborn), TIMED));
    JobId hanging = fixture.send("hang");
    until("inside", () -> stubborn.inside.get() == 1);
    JobId next = fixture.send("next");
    fixture.clock.advance(Duration.ofSeconds(5));
    assertThat(fixture.awaitedRetry(hanging).lastError()).isEqualTo("timed out after PT5S");
    fixture.clock.advance(Duration.ofMillis(9_999));
    assertThat(fixture.kind(next)).isEqualTo(Status.Kind.PENDING);
    assertThat(worker.abandoned()).isZero();
    fixture.queue.admin().orElseThrow().pause("so that only one hangs");
    fixture.clock.advance(Duration.ofMillis(1));
    until("abandoned", () -> worker.abandoned() == 1);
    fixture.engine.jobs().orElseThrow().cancel(hanging);
    fixture.queue.admin().orElseThrow().resume();
    fixture.awaited(next, Status.Kind.DONE);

    stubborn.open();
    until("it ended at last", () -> worker.abandoned() == 0);
    assertThat(fixture.kind(hanging)).as("its outcome").isEqualTo(Status.Kind.CANCELLED);
  }

  @Test
  void anOpenBreakerBurnsNoAttemptsAndHoldsUpNoOther() {
    Target target = new Target();
    fixture.start(breaking(target));
    breakIt(target);
    JobId waits = fixture.send("web");
    fixture.awaited(fixture.send("quick"), Status.Kind.DONE);
    fixture.clock.advance(Duration.ofSeconds(29));
    assertThat(fixture.job(waits).history()).isEmpty();
    assertThat(fixture.kind(waits)).isEqualTo(Status.Kind.PENDING);
    assertThat(target.calls).hasValue(5);
  }

  @Test
  void aBreakerTriesOneJobAndClosesAfterThreeSuccesses() {
    Target target = new Target();
    fixture.start(breaking(target));
    breakIt(target);
    target.down = false;
    Gate gate = new Gate();
    target.gate = gate;
    for (int i = 0; i < 10; i++) {
      fixture.send("web");
    }
    fixture.clock.advance(Duration.ofSeconds(30));
    until("a probe", () -> gate.inside.get() == 1);
    assertThat(fixture.queue.stats().processing()).isEqualTo(1);
    gate.open();
    until("all done", () -> fixture.queue.stats().done() == 15);
    until("all told", () -> target.events.size() == 3);
    assertThat(target.events)
        .containsExactly(
            Event.Type.BREAKER_OPENED, Event.Type.BREAKER_HALF_OPEN, Event.Type.BREAKER_CLOSED);
  }

  @Test
  void aFailedTryOpensTheBreakerAgain() {
    Target target = new Target();
    fixture.start(breaking(target));
    breakIt(target);
    fixture.clock.advance(Duration.ofSeconds(30));
    until("it opened again", () -> target.events.size() == 3);
    assertThat(target.calls).hasValue(6);
    assertThat(target.events).endsWith(Event.Type.BREAKER_HALF_OPEN, Event.Type.BREAKER_OPENED);
  }

  @Test
  void aListenerThatFailsDoesNoHarm() {
    Target target = new Target();
    fixture.start(
        breaking(target)
            .onBreaker(event -> {
              target.events.add(event.type());
              throw new IllegalStateException("a bug");
            }));
    breakIt(target);
    target.down = false;
    fixture.clock.advance(Duration.ofSeconds(30));
    until("all done", () -> fixture.queue.stats().done() == 5);
  }

  @Test
  void closingWaitsForWhatRunsAndClaimsNoMore() throws InterruptedException {
    Gate gate = new Gate();
    JobId running = fixture.send("slow");
    JobId waiting = fixture.send("slow");
    Worker worker = fixture.worker().handle("slow", gate, ONE).start();
    until("inside", () -> gate.inside.get() == 1);
    Thread closing = Thread.startVirtualThread(worker::close);
    until("the grace", () -> fixture.clock.hasAlarm("", Worker.GRACE_STANDARD));
    for (int i = 0; i < 2; i++) {
      Instant until = gate.latest.get().leasedUntil();
      fixture.clock.advance(Duration.ofSeconds(10));
      until("a renewal", () -> gate.latest.get().leasedUntil().isAfter(until));
    }
    assertThat(closing.isAlive()).isTrue();
    gate.open();
    closing.join();
    assertThat(fixture.kind(running)).isEqualTo(Status.Kind.DONE);
    assertThat(fixture.kind(waiting)).isEqualTo(Status.Kind.PENDING);
    worker.close();
  }

  @Test
  void whatStillRunsWhenTheGraceIsOverIsInterruptedAndReleasedUncounted()
      throws InterruptedException {
    Gate stubborn = new Gate(true);
    JobId id = fixture.send("slow");
    Worker worker = fixture.worker().handle("slow", stubborn).start();
    until("inside", () -> stubborn.inside.get() == 1);
    Thread closing = Thread.startVirtualThread(() -> worker.close(Duration.ofSeconds(3)));
    until("the grace", () -> fixture.clock.hasAlarm("", Duration.ofSeconds(3)));
    fixture.clock.advance(Duration.ofSeconds(3));
    closing.join();
    until("an interrupt", () -> stubborn.interrupts.get() == 1);
    Job job = fixture.job(id);
    assertThat(job.status().kind()).isEqualTo(Status.Kind.PENDING);
    assertThat(job.state().attempts()).isZero();
    stubborn.open();
    until("it ended", () -> stubborn.inside.get() == 0);
    assertThat(fixture.job(id).history()).as("its outcome").hasSize(1);
  }

  @Test
  void anInterruptEndsTheGrace() throws InterruptedException {
    Gate gate = new Gate();
    JobId id = fixture.send("slow");
    Worker worker = fixture.worker().handle("slow", gate).start();
    until("inside", () -> gate.inside.get() == 1);
    Thread closing = Thread.startVirtualThread(worker::close);
    closing.interrupt();
    closing.join();
    assertThat(fixture.kind(id)).isEqualTo(Status.Kind.PENDING);
  }

  /** Only jobs of the type {@code hang} do. */
  private static Handler hang(Gate gate) {
    return d -> d.message().type().equals("hang") ? gate.handle(d) : Outcome.done();
  }

  /** Has another handler, so that it claims without {@code web} when that is broken. */
  private Worker.Builder breaking(Target target) {
    return Worker.of(recorder.over(fixture.queue), fixture.clock)
        .handle("web", target)
        .handle("quick", _ -> Outcome.done())
        .onBreaker(event -> target.events.add(event.type()));
  }

  /** What is sent from now on meets no claim from before, which would have to be released. */
  private void breakIt(Target target) {
    for (int i = 0; i < 5; i++) {
      fixture.send("web");
    }
    until("open", () -> target.events.contains(Event.Type.BREAKER_OPENED));
    until("a claim without it", () -> recorder.requests.contains("10 allBut [web]"));
    until("all settled", () -> fixture.queue.stats().processing() == 0);
  }

  /** Something that a handler needs, which may be down. */
  private static final class Target implements Handler {

    final AtomicInteger calls = new AtomicInteger();
    final ConcurrentLinkedQueue<Event.Type> events = new ConcurrentLinkedQueue<>();
    volatile boolean down = true;
    volatile Gate gate;

    @Override
    public Outcome handle(Delivery delivery) throws Exception {
      calls.incrementAndGet();
      if (down) {
        throw new IllegalStateException("down");
      }
      Gate now = gate;
      return now == null ? Outcome.done() : now.handle(delivery);
    }
  }
}
