package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/**
 * Sends messages and works on them. They are in a folder, so what was not done when the program
 * ended would be done by its next run.
 */
public final class SendAndWork {
  private SendAndWork() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder =
        arguments.length > 0 ? Path.of(arguments[0]) : Files.createTempDirectory("send-and-work");
    CountDownLatch greeted = new CountDownLatch(3);
    try (Broker broker = Broker.onDisk(folder)) {
      Queue queue = broker.queue("greetings");
      for (String name : List.of("Ada", "Grace", "Edsger")) {
        queue.send(Message.of("greeting", name));
      }
      Worker.Builder worker =
          Worker.of(queue)
              .consume(
                  "greeting",
                  delivery -> {
                    System.out.println("Hello, " + delivery.message().text());
                    greeted.countDown();
                  },
                  HandlerOptions.STANDARD.concurrency(1));
      try (Worker _ = worker.start()) {
        greeted.await();
      }
      System.out.println("left: " + queue.stats().depth());
    }
  }
}
