package dev.afterbay.http;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** A real browser without a window that shows one page, driven by its DevTools protocol. */
final class Chromium implements AutoCloseable, WebSocket.Listener {

  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final long ANSWER_SECONDS_MAX = 30;
  private static final String LISTENING = "DevTools listening on ws://";

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final LinkedBlockingQueue<JsonNode> answers = new LinkedBlockingQueue<>();
  private final StringBuilder partial = new StringBuilder();
  private final WebSocket socket;
  private int calls;

  /** The browser of this machine, if there is one on the path. */
  static Optional<Path> installed() {
    List<String> names = List.of("chromium", "chromium-browser", "google-chrome", "chrome");
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(folder -> names.stream().map(name -> Path.of(folder, name)))
        .filter(file -> file.toFile().canExecute())
        .findFirst();
  }

  private Chromium(Process process, String address) throws Exception {
    this.process = process;
    this.socket =
        client
            .newWebSocketBuilder()
            .buildAsync(URI.create(page(address)), this)
            .get(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
  }

  /**
   * @param profile an empty folder
   */
  static Chromium show(Path browser, Path profile, URI page) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(
                browser.toString(),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-quic",
                "--no-first-run",
                "--disable-background-networking",
                "--disable-component-update",
                "--disable-sync",
                "--user-data-dir=" + profile,
                "--remote-debugging-port=0",
                page.toString())
            .redirectOutput(ProcessBuilder.Redirect.DISCARD);
    builder.environment().put("TMPDIR", profile.toString());
    Process process = builder.start();
    try {
      return new Chromium(process, address(process));
    } catch (Exception e) {
      stop(process);
      throw e;
    }
  }

  private static String address(Process process) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(LISTENING)) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return line.substring(LISTENING.length(), line.indexOf('/', LISTENING.length()));
      }
      said.append(line).append('\n');
    }
    throw new IOException("the browser did not start: " + said);
  }

  /** Where the page can be spoken to. */
  private String page(String address) throws Exception {
    HttpRequest list = HttpRequest.newBuilder(URI.create("http://" + address + "/json")).build();
    JsonNode targets = JSON.readTree(client.send(list, BodyHandlers.ofString()).body());
    return targets.values().stream()
        .filter(target -> target.at("/type").asString().equals("page"))
        .map(target -> target.at("/webSocketDebuggerUrl").asString())
        .findFirst()
        .orElseThrow(() -> new IOException("the browser shows no page: " + targets));
  }

  /** The value of a JavaScript expression, as text. */
  String value(String expression) {
    calls++;
    String call =
        JSON.writeValueAsString(
            Map.of(
                "id",
                calls,
                "method",
                "Runtime.evaluate",
                "params",
                Map.of("expression", "String(" + expression + ")")));
    socket.sendText(call, true).join();
    try {
      while (true) {
        JsonNode answer = answers.poll(ANSWER_SECONDS_MAX, TimeUnit.SECONDS);
        if (answer == null) {
          throw new AssertionError("the browser does not answer: " + expression);
        }
        if (answer.at("/id").asInt() == calls) {
          return answer.at("/result/result/value").asString();
        }
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public CompletionStage<?> onText(WebSocket socket, CharSequence text, boolean last) {
    partial.append(text);
    if (last) {
      answers.add(JSON.readTree(partial.toString()));
      partial.setLength(0);
    }
    socket.request(1);
    return CompletableFuture.completedStage(null);
  }

  @Override
  public void close() {
    socket.abort();
    client.close();
    stop(process);
  }

  private static void stop(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
  }
}
