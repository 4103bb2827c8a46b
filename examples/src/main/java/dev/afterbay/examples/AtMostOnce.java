package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiver;
import java.time.Duration;

/**
 * For what must never happen twice: the message is removed, durably, before it is handed out. It
 * may be lost with its receiver; the standard, at-least-once, delivers it again instead.
 */
public final class AtMostOnce {
  private AtMostOnce() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory()) {
      Queue once = broker.queue("once");
      once.admin()
          .orElseThrow()
          .configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
      deliverAndForget("at most once", once);
      deliverAndForget("at least once", broker.queue("standard"));
    }
  }

  /** Receives a message and never settles it, as a receiver does that dies. */
  private static void deliverAndForget(String guarantee, Queue queue) throws InterruptedException {
    queue.send(Message.of("ring", "the bell"));
    try (Receiver receiver = queue.receiver()) {
      String text = receiver.receive(1, Duration.ZERO).getFirst().message().text();
      System.out.println(guarantee + ": rings " + text);
    }
    System.out.println("  to be delivered again: " + queue.stats().depth());
  }
}
