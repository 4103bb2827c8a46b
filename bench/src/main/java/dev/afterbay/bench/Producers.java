package dev.afterbay.bench;

import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import java.util.concurrent.Phaser;

/** Virtual threads that send one message each, wait until it is durable, and send the next. */
final class Producers implements AutoCloseable {

  private final Phaser running = new Phaser(1);
  private volatile boolean stopped;

  private Producers() {}

  static Producers start(Queue queue, Message message, int count) {
    Producers producers = new Producers();
    producers.running.bulkRegister(count);
    for (int i = 0; i < count; i++) {
      Thread.ofVirtual().name("producer").start(() -> producers.send(queue, message));
    }
    return producers;
  }

  private void send(Queue queue, Message message) {
    try {
      while (!stopped) {
        queue.send(message);
      }
    } catch (BrokerException e) {
      throw new IllegalStateException("a producer failed, so nothing is measured", e);
    } finally {
      running.arriveAndDeregister();
    }
  }

  /** Waits for those that are sending. */
  @Override
  public void close() {
    stopped = true;
    running.arriveAndAwaitAdvance();
  }
}
