package dev.afterbay.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** A {@link LoadClient} in a process of its own, and what it is told to do. */
final class Load implements AutoCloseable {

  private final Process process;
  private final BufferedWriter tasks;
  private final BufferedReader results;

  private Load(Process process) {
    this.process = process;
    this.tasks = process.outputWriter(StandardCharsets.UTF_8);
    this.results = process.inputReader(StandardCharsets.UTF_8);
  }

  /** Starts a client of the server with that URL. */
  static Load on(String url) throws IOException {
    return new Load(
        Jvm.builder(LoadClient.class.getName(), List.of(url))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * Does it, and waits until it is done.
   *
   * @throws IOException if that failed; why is on standard error by then
   */
  Task.Result run(Task task) throws IOException {
    tasks.write(task.line());
    tasks.newLine();
    tasks.flush();
    String line = results.readLine();
    if (line == null) {
      throw new IOException("the load client failed at " + task.line());
    }
    return Task.Result.parse(line);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
