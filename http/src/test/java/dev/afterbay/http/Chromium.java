package dev.afterbay.http;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** A real browser without a screen, driven by its DevTools protocol. */
final class Chromium implements AutoCloseable {

  private static final String LISTENING = "DevTools listening on ";

  private final Process process;
  private final HttpClient client = HttpClient.newHttpClient();
  private final URI address;
  private final DevTools tools;

  /** The browser of this machine, if there is one on the path. */
  static Optional<Path> installed() {
    List<String> names = List.of("chromium", "chromium-browser", "google-chrome", "chrome");
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .flatMap(folder -> names.stream().map(name -> Path.of(folder, name)))
        .filter(file -> file.toFile().canExecute())
        .findFirst();
  }

  private Chromium(Process process, URI address) throws Exception {
    this.process = process;
    this.address = address;
    this.tools = new DevTools(client, address);
  }

  /**
   * @param profile an empty folder
   */
  static Chromium start(Path browser, Path profile) throws Exception {
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
                "about:blank")
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

  private static URI address(Process process) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
    StringBuilder said = new StringBuilder();
    for (String line = lines.readLine(); line != null; line = lines.readLine()) {
      if (line.startsWith(LISTENING)) {
        Thread.ofVirtual().start(() -> lines.lines().forEach(_ -> {}));
        return URI.create(line.substring(LISTENING.length()).strip());
      }
      said.append(line).append('\n');
    }
    throw new IOException("the browser did not start: " + said);
  }

  /** Shows a page in a window of its own, so that none is hidden behind another. */
  BrowserTab open(URI page) throws Exception {
    Map<String, ?> asked = Map.of("url", page.toString(), "newWindow", true);
    String id = tools.call("Target.createTarget", asked).path("targetId").asString();
    URI tab = address.resolve("/devtools/page/" + id);
    return new BrowserTab(this, id, new DevTools(client, tab));
  }

  void close(String tab) {
    tools.call("Target.closeTarget", Map.of("targetId", tab));
  }

  @Override
  public void close() {
    tools.close();
    client.shutdownNow();
    stop(process);
  }

  private static void stop(Process process) {
    List<ProcessHandle> all =
        Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
    all.forEach(ProcessHandle::destroyForcibly);
    all.forEach(each -> each.onExit().join());
  }
}
