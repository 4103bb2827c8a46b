package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.client.HttpBroker;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program that only talks to a server has the client, core and Jackson, and nothing else. */
@Timeout(60)
final class ClientAloneTest {

  private static final List<String> ALL_THAT_IT_HAS =
      List.of(
          Broker.class.getName(),
          HttpBroker.class.getName(),
          "tools.jackson.core.JsonGenerator",
          "tools.jackson.databind.ObjectMapper",
          "com.fasterxml.jackson.annotation.JsonInclude");

  private static final String PROGRAM =
      """
      import dev.afterbay.*;
      import dev.afterbay.worker.*;
      import java.net.URI;
      import java.util.concurrent.CountDownLatch;

      public class Program {
        public record Order(int id) {}

        public static void main(String[] arguments) throws Exception {
          CountDownLatch shipped = new CountDownLatch(1);
          try (Broker broker = Broker.connect(URI.create(arguments[0]))) {
            TypedQueue<Order> orders = broker.queue("orders", Order.class);
            orders.send("order", new Order(7));
            Worker.Builder worker =
                Worker.of(orders)
                    .consume(
                        "order",
                        orders.codec(),
                        (order, delivery) -> {
                          System.out.println("ships " + order.id());
                          shipped.countDown();
                        });
            try (Worker w = worker.start()) {
              shipped.await();
            }
          }
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void aProgramWithTheClientAloneTalksToAServer() throws Exception {
    JavaProgram.compile(folder, "Program", PROGRAM, classPath());
    try (MemoryServer server = new MemoryServer()) {
      assertThat(run(server.address())).isEqualTo("ships 7\n");
      assertThat(server.broker().queue("orders").stats().depth()).isZero();
    }
  }

  private String run(String server) throws Exception {
    Path out = folder.resolve("out.txt");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                folder + File.pathSeparator + classPath(),
                "Program",
                server)
            .redirectErrorStream(true)
            .redirectOutput(out.toFile())
            .start();
    try {
      assertThat(process.waitFor(40, TimeUnit.SECONDS)).as("it ended in time").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(out).replace(System.lineSeparator(), "\n");
  }

  /** The jars, or folders, that these classes are in. */
  private static String classPath() throws ClassNotFoundException, URISyntaxException {
    List<String> places = new ArrayList<>();
    for (String name : ALL_THAT_IT_HAS) {
      Class<?> type = Class.forName(name);
      places.add(
          Path.of(type.getProtectionDomain().getCodeSource().getLocation().toURI()).toString());
    }
    return String.join(File.pathSeparator, places);
  }
}
