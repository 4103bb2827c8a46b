package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A handler of one's own, in a jar that the real server finds: the class of the document. */
@Timeout(120)
final class OwnHandlerTest {
  private static final Pattern CLASS =
      Pattern.compile("## Handlers of your own\n.*?```java\n(.*?)```\n", Pattern.DOTALL);

  @TempDir private Path folder;

  private Path handlers;

  @BeforeEach
  void makeTheFolder() throws IOException {
    handlers = Files.createDirectory(folder.resolve("handlers"));
  }

  @Test
  void theClassOfTheDocumentDoesTheWorkOfAServer() throws Exception {
    Matcher source = CLASS.matcher(Files.readString(Path.of("..", "docs", "handlers.md")));
    assertThat(source.find()).isTrue();
    jar("append.jar", "example.AppendFactory", source.group(1));
    Files.writeString(
        folder.resolve("afterbay.yaml"),
        "workers: [{queue: q, type: line, handler: append, append: {file: lines.txt}}]");
    try (TestServer server =
            TestServer.start(folder, "serve", "--set", "store=memory", "--port", "0").ready();
        HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest job =
          HttpRequest.newBuilder(URI.create(server.url() + "/queues/q/messages"))
              .header("Afterbay-Type", "line")
              .POST(BodyPublishers.ofString("tea"))
              .build();
      assertThat(client.send(job, BodyHandlers.discarding()).statusCode()).isEqualTo(201);
      Path lines = folder.resolve("lines.txt");
      long latest = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
      while (!Files.exists(lines) || Files.readString(lines).isEmpty()) {
        assertThat(System.nanoTime()).as("30 s are over").isLessThan(latest);
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
      }
      assertThat(Files.readString(lines)).isEqualTo("tea\n");
    }
  }

  @Test
  void aJarThatIsNoneIsNamed() throws Exception {
    Files.writeString(handlers.resolve("broken.jar"), "not a jar");
    assertRefused("handlers: handlers/broken.jar: must be a jar that can be read");
  }

  @Test
  void aFactoryWithTheNameOfAnotherKindIsNamed() throws Exception {
    jar("clash.jar", "example.Clash", factory("Clash", "return \"http\";", ""));
    assertRefused("clash.jar: has the kind http as example.Clash, which is there as");
  }

  @Test
  void aFactoryThatThrowsIsNamed() throws Exception {
    jar("fine.jar", "example.Fine", factory("Fine", "return \"fine\";", ""));
    jar(
        "throws.jar",
        "example.Throws",
        factory("Throws", "return \"x\";", "throw new IllegalStateException(\"no\");"));
    assertRefused("handlers: handlers/throws.jar: cannot be loaded: ", "example.Throws", "no");
  }

  @Test
  void aFactoryWithoutANameIsNamed() throws Exception {
    jar(
        "nameless.jar",
        "example.Nameless",
        factory("Nameless", "throw new IllegalStateException();", ""));
    assertRefused("nameless.jar: cannot be used: example.Nameless has no name");
  }

  @Test
  void aFactoryWhoseNameIsNullIsNamed() throws Exception {
    jar("null.jar", "example.Null", factory("Null", "return null;", ""));
    assertRefused("null.jar: cannot be used: example.Null has the name null, which must be");
  }

  @Test
  void aSchemaThatIsNoneIsNamed() throws Exception {
    String schema =
        "public java.util.Optional<String> schema() { return java.util.Optional.of(\"{\"); }";
    jar(
        "schema.jar",
        "example.Bad",
        factory("Bad", "return \"bad\";", "")
            .replace("public String name()", schema + " public String name()"));
    assertRefused("schema.jar: cannot be used: the schema of example.Bad is not JSON");
  }

  @Test
  void aFactoryThatIsNotThereIsNamed() throws Exception {
    jar("absent.jar", "example.Absent", null);
    assertRefused("handlers: handlers/absent.jar: cannot be loaded: ", "example.Absent");
  }

  private void assertRefused(String... parts) throws Exception {
    TestServer.Ended ended =
        TestServer.run(folder, "serve", "--set", "store=memory", "--port", "0");
    assertThat(ended.exitCode()).isEqualTo(ExitCode.CONFIGURATION);
    assertThat(ended.err()).last().asString().contains(parts);
  }

  private static String factory(String name, String named, String constructed) {
    return """
    package example;

    import dev.afterbay.Outcome;
    import dev.afterbay.worker.HandlerFactory;

    import java.time.Duration;

    public final class %s implements HandlerFactory {
      public %s() {
        %s
      }

      public String name() {
        %s
      }

      public Configured configure(Section settings, Duration timeout) {
        return queue -> delivery -> Outcome.done();
      }
    }
    """
        .formatted(name, name, constructed, named);
  }

  /**
   * @param source null: the jar has no class
   */
  private void jar(String name, String factory, String source) throws IOException {
    Path classes = Files.createTempDirectory(folder, "classes");
    if (source != null) {
      String simple = factory.substring(factory.lastIndexOf('.') + 1);
      JavaProgram.compile(classes, simple, source, System.getProperty("java.class.path"));
    }
    try (OutputStream out = Files.newOutputStream(handlers.resolve(name));
        JarOutputStream jar = new JarOutputStream(out);
        Stream<Path> files = Files.walk(classes)) {
      for (Path file : files.filter(each -> each.toString().endsWith(".class")).toList()) {
        put(jar, classes.relativize(file).toString(), Files.readAllBytes(file));
      }
      byte[] line = (factory + "\n").getBytes(StandardCharsets.UTF_8);
      put(jar, "META-INF/services/dev.afterbay.worker.HandlerFactory", line);
    }
  }

  private static void put(JarOutputStream jar, String name, byte[] bytes) throws IOException {
    jar.putNextEntry(new JarEntry(name));
    jar.write(bytes);
    jar.closeEntry();
  }
}
