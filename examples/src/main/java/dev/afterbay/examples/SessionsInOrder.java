package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import java.time.Duration;
import java.util.List;

/**
 * Messages of one session come in the order sent, one at a time, to whoever holds the session, and
 * sessions do not wait for each other.
 */
public final class SessionsInOrder {
  private SessionsInOrder() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("accounts");
      for (String step : List.of("open", "deposit", "close")) {
        queue.send(Message.of("step", step).session("ada"));
        queue.send(Message.of("step", step).session("grace"));
      }
      for (int i = 0; i < 2; i++) {
        Session session = queue.session(null, Duration.ZERO, ReceiveOptions.STANDARD).orElseThrow();
        try (session) {
          System.out.println(session.name() + ": " + steps(session));
        }
      }
    }
  }

  private static String steps(Session session) throws InterruptedException {
    StringBuilder steps = new StringBuilder();
    while (true) {
      List<Delivery> deliveries = session.receive(1, Duration.ZERO);
      if (deliveries.isEmpty()) {
        return steps.toString().strip();
      }
      steps.append(deliveries.getFirst().message().text()).append(' ');
      deliveries.getFirst().done();
    }
  }
}
