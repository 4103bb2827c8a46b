package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.DeadLetters;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import java.time.Duration;

/**
 * The dead letters of a queue are counted by what went wrong, and received like its messages: each
 * is removed, stays, or goes back to its queue.
 */
public final class WorkOnDeadLetters {
  private WorkOnDeadLetters() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory();
        Receiver receiver = broker.queue("orders").receiver()) {
      Queue queue = broker.queue("orders");
      for (int id = 1; id <= 3; id++) {
        queue.send(Message.of("order", "order " + id));
        Delivery order = receiver.receive(1, Duration.ofSeconds(10)).getFirst();
        order.fail("no customer " + (4_710 + id));
      }

      DeadLetters dead = queue.deadLetters().orElseThrow();
      for (DeadLetters.Group group : dead.stats().groups()) {
        System.out.println(group.count() + " x " + group.fingerprint());
      }
      for (DeadLetters.Leased letter : dead.receive(10)) {
        String order = letter.job().message().text();
        boolean wanted = order.equals("order 2");
        System.out.println(order + (wanted ? " goes back" : " is removed"));
        dead.settle(letter, wanted ? DeadLetters.End.REDRIVE : DeadLetters.End.DONE);
      }
      System.out.println("pending: " + queue.stats().pending());
      System.out.println("failed: " + queue.stats().failed());
    }
  }
}
