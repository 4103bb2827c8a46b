package dev.afterbay.packaging;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.spi.ToolProvider;

/** What others made and the machine has. */
final class Tool {

  private Tool() {}

  /**
   * Runs a program of the machine.
   *
   * @return what it said
   * @throws IOException if it did not end well; the message has what it said
   */
  static String run(List<String> command) throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("AFTERBAY_"));
    builder.environment().put("LC_ALL", "C");
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int code = process.waitFor();
    if (code != 0) {
      throw new IOException(String.join(" ", command) + " ended with " + code + ": " + said);
    }
    return said;
  }

  static String run(Object... command) throws IOException, InterruptedException {
    return run(List.of(command).stream().map(Object::toString).toList());
  }

  /** Runs a tool of the JDK. */
  static void runJdk(String name, List<String> arguments) throws IOException {
    ToolProvider tool =
        ToolProvider.findFirst(name)
            .orElseThrow(() -> new IOException("the JDK has no " + name + ": take a whole one"));
    int code = tool.run(System.out, System.err, arguments.toArray(String[]::new));
    if (code != 0) {
      throw new IOException(name + " ended with " + code + ", see above");
    }
  }

  /** Copies a file, or a folder with all that is in it, as it is. */
  static void copy(Path from, Path to) throws IOException, InterruptedException {
    run("cp", "-a", from, to);
  }
}
