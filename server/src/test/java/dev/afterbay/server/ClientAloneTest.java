package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.QueueSettings;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.engine.Engine;
import dev.afterbay.http.HttpApi;
import dev.afterbay.http.HttpApiServices;
import dev.afterbay.http.HttpApiSettings;
import dev.afterbay.ledger.MemoryStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.File;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.tools.ToolProvider;
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
      import dev.afterbay.client.*;
      import dev.afterbay.worker.*;
      import java.net.URI;
      import java.util.concurrent.CountDownLatch;

      public class Program {
        public record Order(int id) {}

        public static void main(String[] arguments) throws Exception {
          CountDownLatch shipped = new CountDownLatch(1);
          Codec<Order> json = JsonCodec.of(Order.class);
          try (Broker broker = HttpBroker.of(URI.create(arguments[0]))) {
            Queue orders = broker.queue("orders");
            broker.queue("orders", json).send("order", new Order(7));
            Worker.Builder worker =
                Worker.of(orders)
                    .handle(
                        "order",
                        json,
                        (order, delivery) -> {
                          System.out.println("ships " + order.id());
                          shipped.countDown();
                          return Outcome.done();
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
    Path source = Files.writeString(folder.resolve("Program.java"), PROGRAM);
    int compiled =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                null,
                "-proc:none",
                "-nowarn",
                "-cp",
                classPath(),
                "-d",
                folder.toString(),
                source.toString());
    assertThat(compiled).isZero();
    try (MemoryStore store = MemoryStore.open();
        Engine engine = Engine.open(store);
        HttpApi api = HttpApi.open(HttpApiSettings.on("127.0.0.1", 0), services(engine))) {
      assertThat(run("http://127.0.0.1:" + api.port())).isEqualTo("ships 7\n");
      assertThat(engine.queue("orders").stats().depth()).isZero();
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

  private static HttpApiServices services(Engine engine) {
    return new HttpApiServices(
        engine,
        engine.clock()::now,
        QueueSettings.STANDARD,
        HttpApiServices.Health.GOOD,
        HttpApiServices.Types.ANY,
        new SimpleMeterRegistry(),
        _ -> "",
        "test",
        null);
  }
}
