package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.worker.BreakerSettings;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A target in trouble is left alone: after a few failures in a row its jobs are not even claimed,
 * so they lose no attempts, and after a while a single one tries whether it is well again.
 */
public final class CircuitBreaker {
  private CircuitBreaker() {}

  public static void main(String[] arguments) throws InterruptedException {
    AtomicInteger failed = new AtomicInteger();
    CountDownLatch closed = new CountDownLatch(3);
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("calls");
      queue
          .admin()
          .orElseThrow()
          .configure(QueueSettings.STANDARD.maxAttempts(QueueSettings.UNLIMITED));
      for (int i = 0; i < 4; i++) {
        queue.send(Message.of("call", "number " + i));
      }
      Worker.Builder worker =
          Worker.of(queue)
              .handle(
                  "call",
                  _ -> failed.get() == 2 ? Outcome.done() : engaged(failed),
                  HandlerOptions.STANDARD
                      .concurrency(1)
                      .breaker(new BreakerSettings(2, Duration.ofMillis(300), 1)))
              .onBreaker(event -> {
                System.out.println(event.type().word());
                closed.countDown();
              });
      try (Worker _ = worker.start()) {
        closed.await();
      }
      System.out.println("calls that failed: " + failed);
    }
  }

  private static Outcome engaged(AtomicInteger failed) {
    failed.incrementAndGet();
    return Outcome.retry("engaged", Duration.ZERO);
  }
}
