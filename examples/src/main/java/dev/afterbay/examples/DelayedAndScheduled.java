package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueStats;
import dev.afterbay.Receiver;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** A message may wait for some time, or for a time of the calendar, before it is delivered. */
public final class DelayedAndScheduled {
  private DelayedAndScheduled() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("reminders");
      queue.send(Message.of("reminder", "in 400 ms").delay(Duration.ofMillis(400)));
      queue.send(
          Message.of("reminder", "at a time 200 ms from now")
              .notBefore(Instant.now().plusMillis(200)));
      queue.send(Message.of("reminder", "now"));
      QueueStats stats = queue.stats();
      System.out.println(stats.pending() + " due, " + stats.scheduled() + " scheduled");
      try (Receiver receiver = queue.receiver()) {
        for (int i = 0; i < 3; i++) {
          List<Delivery> deliveries = receiver.receive(1, Duration.ofSeconds(10));
          System.out.println(deliveries.getFirst().message().text());
          deliveries.getFirst().done();
        }
      }
    }
  }
}
