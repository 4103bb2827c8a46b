package dev.afterbay.worker;

import static dev.afterbay.worker.Fixture.until;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.Status;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.ResourceBundle;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A broker that is out of reach for a while. */
final class WorkerOutageTest {

  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(5);

  private final BrokerException gone = new BrokerException.Unavailable("gone");
  private final BrokerException unknown =
      new BrokerException.OutcomeUnknown("broken", new IOException("reset"));

  private final Fixture fixture = new Fixture();
  private final Recorder recorder = new Recorder();
  private final Lines lines = new Lines();

  @AfterEach
  void close() {
    fixture.close();
  }

  private static final class Lines implements System.Logger {
    final ConcurrentLinkedQueue<String> warnings = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Throwable> traces = new ConcurrentLinkedQueue<>();

    @Override
    public String getName() {
      return "lines";
    }

    @Override
    public boolean isLoggable(Level level) {
      return true;
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String line, Throwable thrown) {
      note(level, line);
      if (level.getSeverity() >= Level.INFO.getSeverity()) {
        traces.add(thrown);
      }
    }

    @Override
    public void log(Level level, ResourceBundle bundle, String line, Object... parameters) {
      note(level, line);
    }

    private void note(Level level, String line) {
      if (level.getSeverity() >= Level.WARNING.getSeverity()) {
        warnings.add(line);
      }
    }
  }

  private Worker start() {
    return fixture.start(
        Worker.of(recorder.over(fixture.queue), fixture.clock)
            .log(lines)
            .handle("*", _ -> Outcome.done(), HandlerOptions.STANDARD.concurrency(1)));
  }

  /** Sends what cannot be settled, and waits for the first try. */
  private JobId unsettled(BrokerException why) {
    recorder.settling = why;
    JobId id = fixture.send("mail");
    until("a try", () -> recorder.settlements.get() > 0 && hasPause());
    return id;
  }

  private boolean hasPause() {
    return fixture.clock.millisToAlarm("afterbay-handler") > 0;
  }

  /** The next try, however long the pause before it is. */
  private void tryAgain() {
    int before = recorder.settlements.get();
    fixture.clock.advance(Duration.ofMillis(fixture.clock.millisToAlarm("afterbay-handler")));
    until("another try", () -> recorder.settlements.get() > before);
  }

  @Test
  void aSettlementIsRepeatedUntilTheBrokerIsBack() {
    start();
    for (BrokerException why : List.of(gone, unknown)) {
      recorder.settlements.set(0);
      JobId id = unsettled(why);
      for (int i = 0; i < 5; i++) {
        tryAgain();
        until("a pause", this::hasPause);
      }
      recorder.settling = null;
      tryAgain();
      assertThat(fixture.awaited(id, Status.Kind.DONE).state().attempts()).isEqualTo(1);
    }
  }

  @Test
  void aSettlementIsGivenUpWhenItsLeaseEnds() {
    start();
    JobId id = unsettled(gone);
    for (int i = 0; i < 100 && recorder.settlements.get() > 0 && hasPause(); i++) {
      fixture.clock.advance(LONGEST_PAUSE);
      int seen = recorder.settlements.get();
      until("a pause or the end", () -> hasPause() || isGivenUp());
      assertThat(recorder.settlements.get()).isGreaterThanOrEqualTo(seen);
    }
    assertThat(isGivenUp()).isTrue();
    recorder.settling = null;
    until(
        "it is delivered again",
        () -> {
          fixture.clock.advance(Duration.ofSeconds(1));
          return fixture.kind(id) == Status.Kind.DONE;
        });
    assertThat(fixture.awaited(id, Status.Kind.DONE).history()).hasSize(2);
  }

  private boolean isGivenUp() {
    return lines.warnings.stream().anyMatch(line -> line.contains("so it is delivered again"));
  }

  @Test
  void anOutageIsOneLineHoweverOftenItIsTried() {
    start();
    unsettled(gone);
    recorder.failing = true;
    for (int i = 0; i < 8; i++) {
      tryAgain();
      until("a pause", this::hasPause);
    }
    assertThat(lines.warnings)
        .containsExactly("the worker of queue work cannot settle, tries again until it can: gone");
    assertThat(lines.traces).isEmpty();
  }

  @Test
  void closingDoesNotWaitForTheEndOfAnOutage() {
    Worker worker = start();
    JobId id = unsettled(gone);
    worker.close(Duration.ZERO);
    assertThat(recorder.settlements).as("the last try").hasValue(2);
    assertThat(fixture.kind(id)).isEqualTo(Status.Kind.PENDING);
    assertThat(fixture.job(id).state().attempts()).isZero();
  }

  @Test
  void aSettlementThatHadHappenedIsNoWarning() {
    start();
    JobId id = unsettled(unknown);
    lines.warnings.clear();
    recorder.settling = new BrokerException.LeaseLost("the job");
    tryAgain();
    until("it is over", () -> !hasPause());
    assertThat(lines.warnings).isEmpty();
    assertThat(fixture.job(id).state().attempts()).isEqualTo(1);
  }
}
