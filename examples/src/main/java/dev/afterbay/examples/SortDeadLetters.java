package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.DeadLetters;
import dev.afterbay.DeadLetters.End;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import java.time.Duration;
import java.util.List;

/**
 * The dead letters of a queue: first counted by what went wrong, then received like messages, so
 * that a program decides for each whether it is tried again, removed, or left for a person.
 */
public final class SortDeadLetters {
  private SortDeadLetters() {}

  public static void main(String[] arguments) throws InterruptedException {
    try (Broker broker = Broker.inMemory();
        Receiver receiver = broker.queue("orders").receiver()) {
      Queue orders = broker.queue("orders");
      for (int i = 1; i <= 5; i++) {
        orders.send(Message.of("order", "order " + i));
        Delivery delivery = receiver.receive(1, Duration.ofSeconds(10)).getFirst();
        delivery.fail(
            i <= 3 ? "no user " + i + " in \"shop-" + i + "\"" : "printer " + i + " is off");
      }

      DeadLetters dead = orders.deadLetters().orElseThrow();
      DeadLetters.Stats stats = dead.stats();
      stats
          .groups()
          .forEach(group -> System.out.println(group.count() + " x " + group.fingerprint()));
      System.out.println("in no group: " + stats.ungrouped());

      List<DeadLetters.Leased> letters = dead.receive(10);
      for (DeadLetters.Leased letter : letters) {
        boolean printer = String.valueOf(letter.job().lastError()).contains("printer");
        dead.settle(letter, printer ? End.REDRIVE : End.DONE);
      }
      System.out.println("pending again: " + orders.stats().pending());
      System.out.println("dead letters: " + orders.stats().failed());
    }
  }
}
