package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.SessionKeys;
import dev.afterbay.worker.KeptSession;
import dev.afterbay.worker.KeptSession.SessionLimits;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

/**
 * Which session a message belongs to is told by what is in it, here an attribute, else a field of
 * its JSON. A consumer keeps a session, which renews itself, until a limit is reached.
 */
public final class SessionsByKey {
  private SessionsByKey() {}

  public static void main(String[] arguments) throws InterruptedException {
    SessionKeys keys =
        SessionKeys.firstOf(SessionKeys.field("tenant"), SessionKeys.field("/customer/id", "c-"));
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("orders");
      for (int id = 7; id <= 8; id++) {
        Message order = Message.of("order", "{\"customer\":{\"id\":" + id + "}}");
        queue.send(keys.in(order.contentType("application/json"), Instant.now()));
      }
      Message other = Message.of("order", "{}").attributes(Map.of("tenant", "acme"));
      queue.send(keys.in(other, Instant.now()));

      SessionLimits limits = SessionLimits.STANDARD.messages(1);
      for (int i = 0; i < 3; i++) {
        try (KeptSession session =
            KeptSession.accept(queue, null, Duration.ZERO, ReceiveOptions.STANDARD, limits)
                .orElseThrow()) {
          Delivery order = session.receive(1, Duration.ZERO).getFirst();
          System.out.println(session.name() + ": " + order.message().text());
          order.done();
        }
      }
    }
  }
}
