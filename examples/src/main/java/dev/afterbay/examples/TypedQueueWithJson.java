package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.TypedQueue;
import dev.afterbay.worker.Worker;
import java.util.concurrent.CountDownLatch;

/** A queue of records, which travel as JSON. A body that is no such record is failed at once. */
public final class TypedQueueWithJson {
  private TypedQueueWithJson() {}

  record Order(String item, int count) {}

  public static void main(String[] arguments) throws InterruptedException {
    CountDownLatch shipped = new CountDownLatch(1);
    try (Broker broker = Broker.inMemory()) {
      TypedQueue<Order> orders = broker.queue("orders", Order.class);
      orders.queue().send(Message.of("order", "two teapots, please"));
      orders.send("order", new Order("teapot", 2), message -> message.priority(0));
      Worker.Builder worker =
          Worker.of(orders)
              .consume(
                  "order",
                  orders.codec(),
                  (order, delivery) -> {
                    System.out.println(
                        "ships "
                            + order.count()
                            + " x "
                            + order.item()
                            + " from "
                            + delivery.message().text());
                    shipped.countDown();
                  });
      try (Worker _ = worker.start()) {
        shipped.await();
      }
      System.out.println("failed: " + orders.queue().stats().failed());
    }
  }
}
