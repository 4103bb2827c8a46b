package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Programs of the npm registry, in a folder of their own under {@code target}. */
final class NodeTools {

  private static final long SECONDS_MAX = 120;

  final Path folder;

  private NodeTools(Path folder) {
    this.folder = folder;
  }

  /**
   * Has these packages installed, or skips the test and says why.
   *
   * @param packages each with its version
   */
  static NodeTools with(List<String> packages) throws Exception {
    for (String program : List.of("node", "npm")) {
      assumeTrue(isOnPath(program), "no " + program + " on the path");
    }
    Path folder = Path.of("target", "openapi-tools").toAbsolutePath();
    NodeTools tools = new NodeTools(folder);
    Path installed = folder.resolve("installed.txt");
    String wanted = String.join("\n", packages);
    if (!Files.exists(installed) || !Files.readString(installed).equals(wanted)) {
      Files.createDirectories(folder);
      Files.writeString(folder.resolve("package.json"), "{\"private\":true}");
      Output output = tools.run(Stream.concat(INSTALL.stream(), packages.stream()).toList());
      assumeTrue(
          output.exit == 0, "npm cannot install " + packages + " here: " + output.text.strip());
      Files.writeString(installed, wanted);
    }
    return tools;
  }

  private static final List<String> INSTALL =
      List.of(
          "npm",
          "install",
          "--engine-strict",
          "--ignore-scripts",
          "--prefer-offline",
          "--no-package-lock",
          "--no-audit",
          "--no-fund",
          "--fetch-retries=0",
          "--fetch-timeout=20000",
          "--loglevel=error");

  private static boolean isOnPath(String program) {
    return Stream.of(System.getenv("PATH").split(File.pathSeparator, -1))
        .anyMatch(folder -> Path.of(folder, program).toFile().canExecute());
  }

  /** What a program wrote, on both of its streams. */
  record Output(int exit, String text) {}

  /** Runs a program of the packages, which must go well; returns what it wrote. */
  String call(String program, String... arguments) throws Exception {
    Path file = folder.resolve("node_modules").resolve(".bin").resolve(program);
    return mustRun(Stream.concat(Stream.of(file.toString()), Stream.of(arguments)).toList());
  }

  /** Runs a script, which must go well; returns what it wrote. */
  String script(Path script, String... arguments) throws Exception {
    return mustRun(
        Stream.concat(Stream.of("node", script.toString()), Stream.of(arguments)).toList());
  }

  private String mustRun(List<String> command) throws Exception {
    Output output = run(command);
    assertThat(output.exit).as(String.join(" ", command) + "\n" + output.text).isEqualTo(0);
    return output.text;
  }

  private Output run(List<String> command) throws IOException, InterruptedException {
    Path written = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(written.toFile());
    builder.environment().put("REDOCLY_TELEMETRY", "off");
    builder.environment().put("REDOCLY_SUPPRESS_UPDATE_NOTICE", "true");
    Process process = builder.start();
    process.getOutputStream().close();
    boolean ended = process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
    if (!ended) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly().waitFor();
    }
    String text = Files.readString(written, StandardCharsets.UTF_8);
    Files.delete(written);
    return new Output(ended ? process.exitValue() : -1, text);
  }
}
