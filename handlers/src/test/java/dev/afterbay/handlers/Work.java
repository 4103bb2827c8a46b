package dev.afterbay.handlers;

import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import java.time.Duration;

/** A queue over memory, and deliveries from it. */
final class Work implements AutoCloseable {

  private final MemoryStore store = MemoryStore.open();
  private final Engine engine = Engine.open(store);
  final Queue queue = engine.queue("orders");
  private final Receiver receiver = queue.receiver();

  /** The first attempt at a job with this message. */
  Delivery delivery(Message message) {
    queue.send(message);
    return next();
  }

  Delivery next() {
    try {
      return receiver.receive(1, Duration.ofSeconds(10)).getFirst();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  static Message sns(String envelope) {
    return Message.of("sns", envelope).contentType("application/json");
  }

  @Override
  public void close() {
    engine.close();
    store.close();
  }
}
