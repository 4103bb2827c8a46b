package dev.afterbay.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A real server in a process of its own, which takes calls. */
final class ServerProcess implements AutoCloseable {

  private static final String MAIN = "dev.afterbay.server.Main";

  /** What the server prints when it takes calls, before its URL (config.md, Process). */
  private static final String READY = "afterbay ready ";

  /** As long as handlers may take, and some more. */
  private static final Duration STOP = Duration.ofSeconds(60);

  /** Many times what a start takes, so that only one that hangs is taken for that. */
  private static final Duration START_MAX = Duration.ofSeconds(60);

  private final Process process;
  private final String url;
  private final Duration start;

  private ServerProcess(Process process, String url, Duration start) {
    this.process = process;
    this.url = url;
    this.start = start;
  }

  /** Of a server with its data in that folder, on a port of its own choice. */
  static ProcessBuilder builder(Path data, List<String> options) {
    return builder(data, options, 0);
  }

  /**
   * @param port where it listens; 0: of its own choice
   */
  static ProcessBuilder builder(Path data, List<String> options, int port) {
    List<String> arguments = new ArrayList<>(List.of("serve", "--data", data.toString()));
    arguments.addAll(List.of("--port", Integer.toString(port)));
    arguments.addAll(options);
    return Jvm.builder(MAIN, arguments);
  }

  /**
   * Starts one and waits until it is ready.
   *
   * @param log where its log goes
   * @throws IOException if it ends before it is ready, or is not for a minute; with the end of its
   *     log
   */
  static ServerProcess start(ProcessBuilder builder, Path log) throws IOException {
    return start(builder, log, START_MAX);
  }

  static ServerProcess start(ProcessBuilder builder, Path log, Duration max) throws IOException {
    long began = System.nanoTime();
    Process process = launch(builder, log);
    // Whoever sets it first: what is ended here has said its last word before a timer is done.
    AtomicBoolean decided = new AtomicBoolean();
    CompletableFuture<Void> end =
        CompletableFuture.runAsync(
            () -> endUnless(decided, process),
            CompletableFuture.delayedExecutor(max.toMillis(), TimeUnit.MILLISECONDS));
    String url = awaitReady(process);
    boolean inTime = decided.compareAndSet(false, true);
    end.cancel(false);
    if (!inTime) {
      throw new IOException("the server did not start within " + max + ": " + lastLine(log));
    }
    if (url == null) {
      process.destroyForcibly();
      throw new IOException("the server did not start: " + lastLine(log));
    }
    return new ServerProcess(process, url, Duration.ofNanos(System.nanoTime() - began));
  }

  /** By its handle: a process that is destroyed itself closes what is being read of it. */
  private static void endUnless(AtomicBoolean decided, Process process) {
    if (decided.compareAndSet(false, true)) {
      process.toHandle().destroyForcibly();
    }
  }

  /** Starts one and does not wait. */
  static Process launch(ProcessBuilder builder, Path log) throws IOException {
    return builder.redirectError(ProcessBuilder.Redirect.appendTo(log.toFile())).start();
  }

  /** Where the server listens; null: it ended before it was ready. */
  static @Nullable String awaitReady(Process process) throws IOException {
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String line = out.readLine();
    while (line != null && !line.startsWith(READY)) {
      line = out.readLine();
    }
    return line == null ? null : line.substring(READY.length()).split(" ", 2)[0];
  }

  private static String lastLine(Path log) throws IOException {
    return Files.readAllLines(log).stream().reduce("it said nothing", (_, last) -> last);
  }

  /** Such as {@code http://127.0.0.1:8080}. */
  String url() {
    return url;
  }

  /** From the start of the process to the ready line. */
  Duration startTime() {
    return start;
  }

  long pid() {
    return process.pid();
  }

  /** Whether it ends by itself in that time. */
  boolean endsWithin(Duration time) throws InterruptedException {
    return process.waitFor(time.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Ends it without a warning, as a loss of power would but for the pages in memory. */
  void kill() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }

  /**
   * Asks it to stop, and waits.
   *
   * @throws IllegalStateException if it does not
   */
  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
        throw new IllegalStateException("the server did not stop within " + STOP);
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } finally {
      process.destroyForcibly();
    }
  }
}
