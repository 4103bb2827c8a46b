package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.SendResult;
import java.util.List;

/** A key makes sending safe to repeat: within the dedup window the second one is the first one. */
public final class DedupKey {
  private DedupKey() {}

  public static void main(String[] arguments) {
    try (Broker broker = Broker.inMemory()) {
      Queue queue = broker.queue("payments");
      Message payment = Message.of("payment", "12.50 EUR").key("invoice-4711");
      SendResult first = queue.send(List.of(payment)).getFirst();
      SendResult again = queue.send(List.of(payment)).getFirst();
      System.out.println("first: known before? " + first.known());
      System.out.println("again: known before? " + again.known());
      System.out.println("the same job: " + first.id().equals(again.id()));
      System.out.println("pending: " + queue.stats().pending());
    }
  }
}
