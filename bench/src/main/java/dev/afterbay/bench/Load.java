package dev.afterbay.bench;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/**
 * A {@link LoadClient} or a {@link BrokerClient} in a process of its own, and what it is told to
 * do.
 */
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
    return start(LoadClient.class, url);
  }

  /** Starts a client of a server by TLS that has a certificate of that store. */
  static Load on(String url, Path store) throws IOException {
    return start(LoadClient.class, url, store.toString());
  }

  /**
   * Starts a program that uses a broker.
   *
   * @param place the URL of a server, or a folder for a store of its own
   */
  static Load ofBroker(String place) throws IOException {
    return start(BrokerClient.class, place);
  }

  private static Load start(Class<?> main, String... arguments) throws IOException {
    return new Load(
        Jvm.builder(main.getName(), List.of(arguments))
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  /**
   * Does it, and waits until it is done.
   *
   * @throws IOException if that failed; why is on standard error by then
   */
  Task.Result run(Task task) throws IOException {
    return run(task.line());
  }

  /** As {@link #run(Task)}. */
  Task.Result run(BrokerTask task) throws IOException {
    return run(task.line());
  }

  private Task.Result run(String task) throws IOException {
    tasks.write(task);
    tasks.newLine();
    tasks.flush();
    String line = results.readLine();
    if (line == null) {
      throw new IOException("the client failed at " + task);
    }
    return Task.Result.parse(line);
  }

  @Override
  public void close() {
    process.destroy();
  }
}
