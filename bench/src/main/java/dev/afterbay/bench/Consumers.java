package dev.afterbay.bench;

import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Claims messages and settles them as done, as fast as it can. */
abstract sealed class Consumers implements AutoCloseable {

  /** How messages are taken. */
  enum Kind {
    /** By receivers that settle together what came together. */
    RECEIVERS,
    /**
     * By the handler of a {@link Worker}: each message in a thread and with a settle of its own.
     */
    WORKER
  }

  private static final long LOOK_MILLIS = 5;
  private static final long LOOK_NANOS = 100_000;

  final LongAdder done = new LongAdder();
  private final Queue queue;

  private Consumers(Queue queue) {
    this.queue = queue;
  }

  static Consumers start(Kind kind, Queue queue) {
    return switch (kind) {
      case RECEIVERS -> new Receivers(queue);
      case WORKER -> new Handlers(queue);
    };
  }

  /** Messages settled so far. */
  final long done() {
    return done.sum();
  }

  /** Messages settled in one second of the given time. */
  final double perSecond(Duration time) throws InterruptedException {
    long before = done();
    long began = System.nanoTime();
    Thread.sleep(time);
    return (done() - before) / Numbers.seconds(System.nanoTime() - began);
  }

  /** Waits until so many messages were settled. */
  final void await(long count) {
    while (done() < count) {
      LockSupport.parkNanos(LOOK_NANOS);
    }
  }

  /** Waits until the queue is empty. */
  final void finish() throws InterruptedException {
    while (queue.stats().depth() > 0) {
      Thread.sleep(LOOK_MILLIS);
    }
  }

  /** Ends, whatever is left. */
  @Override
  public abstract void close();

  private static final class Receivers extends Consumers {
    private static final int RECEIVERS = 4;
    private static final int RECEIVE_MAX = 256;
    private static final Duration WAIT = Duration.ofMillis(100);

    private final List<Thread> threads = new ArrayList<>();
    private volatile boolean stopped;

    Receivers(Queue queue) {
      super(queue);
      for (int i = 0; i < RECEIVERS; i++) {
        threads.add(Thread.ofVirtual().name("receiver").start(() -> run(queue)));
      }
    }

    private void run(Queue queue) {
      try (Receiver receiver = queue.receiver(ReceiveOptions.STANDARD.detached(true))) {
        while (!stopped) {
          settle(queue, receiver.receive(RECEIVE_MAX, WAIT));
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }

    private void settle(Queue queue, List<Delivery> deliveries) {
      List<Settlement> settlements = new ArrayList<>(deliveries.size());
      for (Delivery delivery : deliveries) {
        settlements.add(new Settlement(delivery.detach(), Outcome.done()));
      }
      queue
          .settle(settlements)
          .forEach(failure ->
              failure.ifPresent(e -> {
                throw e;
              }));
      done.add(settlements.size());
    }

    @Override
    public void close() {
      stopped = true;
      Threads.join(threads);
    }
  }

  private static final class Handlers extends Consumers {
    private static final HandlerOptions HANDLING = HandlerOptions.STANDARD.concurrency(256);

    private final Worker worker;

    Handlers(Queue queue) {
      super(queue);
      worker = Worker.of(queue).handle(Worker.ANY, _ -> handled(), HANDLING).start();
    }

    private Outcome handled() {
      done.increment();
      return Outcome.done();
    }

    @Override
    public void close() {
      worker.close();
    }
  }
}
