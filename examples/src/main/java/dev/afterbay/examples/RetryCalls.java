package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Retry;
import dev.afterbay.RetryPolicy;
import dev.afterbay.worker.Worker;
import java.time.Duration;

/**
 * A call that fails for now, such as a send to a queue that is full, is made again by a policy. The
 * same policies are the backoff of a queue's jobs.
 */
public final class RetryCalls {
  private RetryCalls() {}

  public static void main(String[] arguments) throws InterruptedException {
    RetryPolicy policy = RetryPolicy.fixed(Duration.ofMillis(20));
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("small");
      queue.admin().orElseThrow().configure(QueueSettings.STANDARD.depthMax(1L).backoff(policy));
      queue.send(Message.of("step", "one"));
      try {
        queue.send(Message.of("step", "two"));
      } catch (BrokerException.QueueFull e) {
        System.out.println("transient: " + e.isTransient());
      }

      try (Worker _ = Worker.of(queue).consume("step", _ -> Thread.sleep(50)).start()) {
        for (String step : new String[] {"two", "three"}) {
          Retry.call(policy, Duration.ofSeconds(10), () -> queue.send(Message.of("step", step)));
          System.out.println("sent " + step);
        }
      }

      try {
        Retry.call(policy, Duration.ofSeconds(10), () -> queue.send(Message.of("a\nb", "")));
      } catch (BrokerException.Rejected e) {
        System.out.println("not called again, for " + e.field() + " is wrong");
      }
    }
  }
}
