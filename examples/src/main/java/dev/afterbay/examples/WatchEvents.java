package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.Watch;
import java.time.Duration;

/** Everything that happens to a job can be watched, here and as a stream over HTTP. */
public final class WatchEvents {
  private WatchEvents() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory();
        Watch watch = broker.jobs().orElseThrow().watch(null)) {
      Queue queue = broker.queue("letters");
      queue.send(Message.of("letter", "Dear Ada"));
      try (Receiver receiver = queue.receiver()) {
        for (int attempt = 1; attempt <= 2; attempt++) {
          Delivery delivery = receiver.receive(1, Duration.ofSeconds(10)).getFirst();
          if (attempt == 1) {
            delivery.retry("no stamps", Duration.ZERO);
          } else {
            delivery.done();
          }
        }
      }
      printUntilDone(watch);
    }
  }

  private static void printUntilDone(Watch watch) throws InterruptedException {
    boolean done = false;
    while (!done) {
      for (Event event : watch.next(10, Duration.ofSeconds(10))) {
        String error = event.error() == null ? "" : ": " + event.error();
        System.out.println(event.subject() + " " + event.type().word() + error);
        done |= event.type() == Event.Type.DONE;
      }
    }
  }
}
