package dev.afterbay.examples;

import dev.afterbay.Codec;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.TypedQueue;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Store;
import dev.afterbay.worker.Worker;
import java.util.concurrent.CountDownLatch;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** A queue of records, which travel as JSON. A body that is no such record is failed at once. */
public final class TypedQueueWithJson {
  private TypedQueueWithJson() {}

  record Order(String item, int count) {}

  /** Any type that Jackson can read and write. */
  record Json<T>(Class<T> type, JsonMapper mapper) implements Codec<T> {
    @Override
    public String contentType() {
      return "application/json";
    }

    @Override
    public byte[] encode(T value) {
      return mapper.writeValueAsBytes(value);
    }

    @Override
    public T decode(byte[] body) throws UndecodableException {
      try {
        return mapper.readValue(body, type);
      } catch (JacksonException e) {
        throw new UndecodableException("no " + type.getSimpleName(), e);
      }
    }
  }

  public static void main(String[] arguments) throws InterruptedException {
    Codec<Order> codec = new Json<>(Order.class, JsonMapper.shared());
    CountDownLatch shipped = new CountDownLatch(1);
    try (Store store = MemoryStore.open();
        Engine broker = Engine.open(store)) {
      TypedQueue<Order> orders = broker.queue("orders", codec);
      orders.queue().send(Message.of("order", "two teapots, please"));
      orders.send("order", new Order("teapot", 2), message -> message.priority(0));
      Worker.Builder worker =
          Worker.of(orders.queue())
              .handle(
                  "order",
                  codec,
                  (order, delivery) -> {
                    System.out.println(
                        "ships "
                            + order.count()
                            + " x "
                            + order.item()
                            + " from "
                            + delivery.message().text());
                    shipped.countDown();
                    return Outcome.done();
                  });
      try (Worker _ = worker.start()) {
        shipped.await();
      }
      System.out.println("failed: " + orders.queue().stats().failed());
    }
  }
}
