package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.contract.ClassArchive;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The real program in a JVM of its own. */
final class TestServer implements AutoCloseable {
  private static final Pattern READY =
      Pattern.compile("afterbay ready (https?://\\S+) store=(\\S+) data=(\\S+) in [0-9.]+s");

  /** What starts a JVM, but for its class path. */
  static final List<String> JAVA =
      List.of(
          Path.of(System.getProperty("java.home"), "bin", "java").toString(),
          "-XX:TieredStopAtLevel=1",
          "-XX:+UseSerialGC",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "-ea");

  private static final Duration END_PATIENCE = Duration.ofSeconds(20);

  /** After all that a server needs. */
  private static final List<String> CLASSES = ClassArchive.options(TestServer::startAndStop);

  private final Process process;
  private final BufferedReader out;
  private final BufferedReader err;
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private @Nullable String url;

  private TestServer(Process process) {
    this.process = process;
    out = process.inputReader(StandardCharsets.UTF_8);
    err = process.errorReader(StandardCharsets.UTF_8);
  }

  /** What a process came to. */
  record Ended(int exitCode, List<String> out, List<String> err) {}

  static TestServer start(Path folder, String... arguments) throws IOException {
    return start(folder, Map.of(), List.of(), arguments);
  }

  static TestServer start(
      Path folder, Map<String, String> environment, List<String> jvmOptions, String... arguments)
      throws IOException {
    return start(folder, environment, jvmOptions, List.of(), arguments);
  }

  /**
   * @param wrapper a command that becomes the one that is appended to it
   */
  static TestServer start(
      Path folder,
      Map<String, String> environment,
      List<String> jvmOptions,
      List<String> wrapper,
      String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(wrapper);
    command.addAll(JAVA);
    command.addAll(CLASSES);
    command.addAll(jvmOptions);
    command.add(Main.class.getName());
    command.addAll(List.of(arguments));
    ProcessBuilder builder = builder(folder, command);
    builder.environment().putAll(environment);
    return new TestServer(builder.start());
  }

  private static void startAndStop(Path folder, List<String> options)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(JAVA);
    command.addAll(options);
    command.addAll(List.of(Main.class.getName(), "serve", "--port", "0"));
    try (TestServer server = of(builder(folder, command).start()).ready()) {
      server.stop();
    }
  }

  /** Of a process that knows nothing of the configuration in our environment. */
  static ProcessBuilder builder(Path folder, List<String> command) {
    ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("AFTERBAY_"));
    return builder;
  }

  /** One that was started otherwise. */
  static TestServer of(Process process) {
    return new TestServer(process);
  }

  /** Runs it to its end. */
  static Ended run(Path folder, String... arguments) throws IOException, InterruptedException {
    try (TestServer started = start(folder, arguments)) {
      return started.end();
    }
  }

  /** The files that it has mapped, as Linux has them. */
  String maps() throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(process.pid()), "maps"));
  }

  /** Waits for the ready line, which is the first on standard output. */
  TestServer ready() throws IOException {
    String line = out.readLine();
    if (line == null) {
      throw new AssertionError("it ended before it was ready: " + err.readAllLines());
    }
    Matcher ready = READY.matcher(line);
    assertThat(ready.matches()).as(line).isTrue();
    url = ready.group(1);
    return this;
  }

  String url() {
    if (url == null) {
      throw new IllegalStateException("call ready() first");
    }
    return url;
  }

  /** Waits for a line of the log. */
  String awaitLog(String part) throws IOException {
    String line;
    do {
      line = err.readLine();
      assertThat(line).as("the log ends without: " + part).isNotNull();
    } while (!line.contains(part));
    return line;
  }

  HttpResponse<String> get(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path)).build();
    return client.send(request, BodyHandlers.ofString());
  }

  HttpResponse<String> post(String path, String body) throws IOException, InterruptedException {
    return send("POST", path, body);
  }

  HttpResponse<String> put(String path, String body) throws IOException, InterruptedException {
    return send("PUT", path, body);
  }

  private HttpResponse<String> send(String method, String path, String body)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create(url() + path))
            .header("Content-Type", "application/json")
            .method(method, BodyPublishers.ofString(body))
            .build();
    return client.send(request, BodyHandlers.ofString());
  }

  /** How many lines an answer of 200 has, of which none is kept. */
  long lines(String path) throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(URI.create(url() + path)).build();
    HttpResponse<Stream<String>> answer = client.send(request, BodyHandlers.ofLines());
    assertThat(answer.statusCode()).isEqualTo(200);
    try (Stream<String> lines = answer.body()) {
      return lines.count();
    }
  }

  /** Sends what is no request, reads the answer, if there is one, and resets the connection. */
  void breakOff(String bytes) throws IOException {
    URI server = URI.create(url());
    try (Socket socket = new Socket(server.getHost(), server.getPort())) {
      socket.setSoLinger(true, 0);
      socket.getOutputStream().write(bytes.getBytes(StandardCharsets.ISO_8859_1));
      socket.getInputStream().read();
    }
  }

  /** Sends SIGTERM and waits for the end. */
  Ended stop() throws IOException, InterruptedException {
    process.toHandle().destroy(); // Process.destroy would close the streams.
    return end();
  }

  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /** Waits for its end. */
  Ended end() throws IOException, InterruptedException {
    List<String> log = err.readAllLines();
    List<String> lines = out.readAllLines();
    assertThat(process.waitFor(END_PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    return new Ended(process.exitValue(), lines, log);
  }

  @Override
  public void close() {
    process.destroyForcibly();
    client.close();
  }
}
