package dev.afterbay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** An engine over memory with a clock that stands still, and a queue that keeps what is done. */
final class Fixture implements AutoCloseable {

  static final Duration LEASE = Duration.ofSeconds(30);

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  final HandClock clock = new HandClock();
  private final MemoryStore store = MemoryStore.open(clock);
  final Engine engine = Engine.open(store);
  private final List<Worker> workers = new ArrayList<>();
  final Queue queue = engine.queue("work");

  Fixture() {
    Duration day = Duration.ofDays(1);
    queue
        .admin()
        .orElseThrow()
        .configure(
            QueueSettings.STANDARD.lease(LEASE).retention(new QueueSettings.Retention(day, day)));
  }

  Worker.Builder worker() {
    return Worker.of(queue, clock);
  }

  /** Starts a worker that does not outlive the test, whatever its handlers do. */
  Worker start(Worker.Builder builder) {
    Worker worker = builder.start();
    workers.add(worker);
    return worker;
  }

  JobId send(String type) {
    return queue.send(Message.of(type, "hello"));
  }

  Job job(JobId id) {
    return engine.jobs().orElseThrow().find(id).orElseThrow();
  }

  Status.Kind kind(JobId id) {
    return job(id).status().kind();
  }

  /** The job once it is in that state. */
  Job awaited(JobId id, Status.Kind kind) {
    until("job " + kind, () -> kind(id) == kind);
    return job(id);
  }

  /** The job once it was tried and waits for its next attempt. */
  Job awaitedRetry(JobId id) {
    until("a retry", () -> kind(id) == Status.Kind.PENDING && !job(id).history().isEmpty());
    return job(id);
  }

  static void until(String what, BooleanSupplier condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.getAsBoolean()) {
      assertThat(System.nanoTime() - end).as("waited too long for " + what).isNegative();
      LockSupport.parkNanos(100_000);
    }
  }

  @Override
  public void close() {
    workers.forEach(worker -> worker.close(Duration.ZERO));
    engine.close();
    store.close();
  }
}
