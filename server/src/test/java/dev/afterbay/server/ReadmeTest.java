package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The lines of Java in the README run as they stand there, and elsewhere when one is changed. */
@Timeout(60)
final class ReadmeTest {

  private static final String OPENED = "Broker.onDisk(Path.of(\"data\"))";

  private static final Pattern LINES =
      Pattern.compile("## Use it from Java\n```java\n(.*?)```\n", Pattern.DOTALL);

  private static final String PROGRAM =
      """
      import dev.afterbay.*;
      import dev.afterbay.worker.*;
      import java.net.URI;
      import java.nio.file.Path;
      import java.time.Duration;
      import java.util.function.Consumer;

      public class Program {
        private static Consumer<Delivery> shipped;

        static void ship(Delivery delivery) {
          shipped.accept(delivery);
        }

        public static void run(Consumer<Delivery> shipped) throws Exception {
          Program.shipped = shipped;
          LINES
        }
      }
      """;

  @TempDir private Path folder;

  @Test
  void theLinesRunInMemory() throws Exception {
    run("Broker.inMemory()");
  }

  @Test
  void theLinesRunOnDisk() throws Exception {
    Path data = folder.resolve("data");
    run("Broker.onDisk(Path.of(\"" + data.toString().replace("\\", "\\\\") + "\"))");
    try (Broker again = Broker.onDisk(data)) { // It was closed, or it would be in use.
      assertThat(again.queue("orders").admin().orElseThrow().exists()).isTrue();
      assertThat(again.queue("orders").stats().depth()).isZero();
    }
  }

  @Test
  void theLinesRunAgainstAServer() throws Exception {
    try (MemoryServer server = new MemoryServer()) {
      run("Broker.connect(URI.create(\"" + server.address() + "\"))");
      assertThat(server.broker().queue("orders").stats().depth()).isZero();
    }
  }

  private void run(String opened) throws Exception {
    String readme = Files.readString(Path.of("..", "README.md"));
    Matcher lines = LINES.matcher(readme);
    assertThat(lines.find()).isTrue();
    assertThat(lines.group(1)).containsOnlyOnce(OPENED);
    assertThat(lines.group(1).lines().count()).isLessThanOrEqualTo(10);
    assertThat(readme).contains("`Broker.inMemory()`", "`Broker.connect(URI.create(");
    String source = PROGRAM.replace("LINES", lines.group(1).replace(OPENED, opened));
    JavaProgram.compile(folder, "Program", source, System.getProperty("java.class.path"));
    try (URLClassLoader classes = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method run = classes.loadClass("Program").getMethod("run", Consumer.class);
      CompletableFuture<String> shipped = new CompletableFuture<>();
      Consumer<Delivery> ship = delivery -> shipped.complete(delivery.message().text());
      CompletableFuture<Throwable> ended = new CompletableFuture<>();
      Thread program = Thread.ofVirtual().start(() -> ended.complete(thrown(run, ship)));
      assertThat(shipped.get(30, TimeUnit.SECONDS)).isEqualTo("{\"id\":1}");
      program.interrupt(); // It would sleep for a minute.
      assertThat(ended.get(30, TimeUnit.SECONDS)).isInstanceOf(InterruptedException.class);
    }
  }

  private static Throwable thrown(Method run, Consumer<Delivery> ship) {
    try {
      run.invoke(null, ship);
      return new AssertionError("it ended by itself");
    } catch (InvocationTargetException e) {
      return e.getCause();
    } catch (IllegalAccessException e) {
      return e;
    }
  }
}
