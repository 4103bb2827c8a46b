package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Watch;
import java.time.Duration;
import java.util.Map;

/**
 * A message belongs to something, such as a request, and so does its copy that is sent on: all that
 * happens to both is found by that id.
 */
public final class CorrelateAndForward {
  private CorrelateAndForward() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory();
        Watch watch = broker.jobs().orElseThrow().watch(null)) {
      Queue orders = broker.queue("orders");
      Queue audit = broker.queue("audit");
      orders.send(
          Message.of("order", "two teapots")
              .attributes(Map.of("tenant", "acme"))
              .correlationId("request-17")
              .key("order-1"));

      Delivery order = next(orders);
      audit.send(order.message().copy());
      order.done();

      Message copy = next(audit).message();
      System.out.println(copy.text() + " of " + copy.attributes().get("tenant"));
      System.out.println("key: " + copy.options().key());
      for (int i = 0; i < 5; ) {
        for (Event event : watch.next(5 - i, Duration.ofSeconds(10))) {
          System.out.println(
              event.correlationId() + ": " + event.queue() + " " + event.type().word());
          i++;
        }
      }
    }
  }

  private static Delivery next(Queue queue) throws InterruptedException {
    return queue.receiver().receive(1, Duration.ofSeconds(10)).getFirst();
  }
}
