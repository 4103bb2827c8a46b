package dev.afterbay.examples;

import dev.afterbay.Broker;
import dev.afterbay.Event;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Watch;
import dev.afterbay.handlers.CommandHandler;
import dev.afterbay.worker.Worker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

/**
 * A program runs for each job: the body is its input, an attribute one of its variables, and its
 * exit code says how the attempt ended.
 */
public final class RunCommand {

  private static final String SCRIPT =
      "echo \"$AFTERBAY_ATTR_NAME has $(wc -c | tr -d ' ') bytes\" >> sizes; exit 3";

  private RunCommand() {}

  /**
   * @param arguments a folder to write to
   */
  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path folder = Path.of(arguments[0]);
    CommandHandler.Settings program =
        CommandHandler.Settings.of("/bin/sh", "-c", SCRIPT)
            .directory(folder)
            .results(Map.of(3, CommandHandler.Result.DONE));
    try (Broker broker = Broker.inMemory();
        CommandHandler handler = new CommandHandler(program);
        Watch watch = broker.jobs().orElseThrow().watch(null)) {
      Queue queue = broker.queue("run");
      queue.send(Message.of("size", "a teapot").attributes(Map.of("name", "the order")).tracked());
      try (Worker _ = Worker.of(queue).handle("size", handler).start()) {
        for (int events = 0; events < 3; ) {
          for (Event event : watch.next(3, Duration.ofSeconds(10))) {
            System.out.println(event.type().word());
            events++;
          }
        }
      }
      System.out.print(Files.readString(folder.resolve("sizes")));
    }
  }
}
