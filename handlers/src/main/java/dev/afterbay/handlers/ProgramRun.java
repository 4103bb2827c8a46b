package dev.afterbay.handlers;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.ObjIntConsumer;

/** One run of a program, with its three pipes. */
final class ProgramRun {

  /** For what the program wrote before it ended; longer waits are for what it left behind. */
  private static final Duration OUTPUT_PATIENCE = Duration.ofMillis(500);

  private static final int CHUNK_BYTES = 8 << 10;

  /** What setsid exits with when it could not execute the program. */
  private static final int NOT_EXECUTED_MIN = 126;

  private static final int NOT_EXECUTED_MAX = 127;

  private final Process process;
  private final ProcessTree tree;
  private final ProgramOutput output;
  private final ProgramErrors errors = new ProgramErrors();
  private final CompletableFuture<?> read;

  private ProgramRun(
      Process process, ProcessTree tree, int outputMax, byte[] body, Executor pumps) {
    this.process = process;
    this.tree = tree;
    this.output = new ProgramOutput(outputMax);
    CompletableFuture<?> out =
        CompletableFuture.runAsync(() -> pump(process.getInputStream(), output::add), pumps);
    CompletableFuture<?> err =
        CompletableFuture.runAsync(() -> pump(process.getErrorStream(), errors::add), pumps);
    this.read = CompletableFuture.allOf(out, err);
    pumps.execute(() -> feed(process.getOutputStream(), body));
  }

  /**
   * @param setsid puts the program into a session of its own, so that what it started can be found,
   *     and the interrupt key of the server's terminal does not end it
   */
  static ProgramRun start(
      CommandHandler.Settings settings,
      Optional<Path> setsid,
      Map<String, String> variables,
      byte[] body,
      Executor pumps)
      throws IOException {
    List<String> command = new ArrayList<>();
    setsid.ifPresent(path -> command.add(path.toString()));
    command.addAll(settings.program());
    ProcessBuilder builder = new ProcessBuilder(command);
    builder.environment().clear();
    builder.environment().putAll(variables);
    if (settings.directory() != null) {
      builder.directory(settings.directory().toFile());
    }
    Process process = builder.start();
    ProcessTree tree =
        new ProcessTree(process.toHandle(), setsid.isPresent(), CommandEnvironment.mark(variables));
    try {
      return new ProgramRun(process, tree, settings.outputMax(), body, pumps);
    } catch (RejectedExecutionException | OutOfMemoryError e) {
      tree.end(Duration.ZERO);
      throw new IOException("there is no thread for it", e);
    }
  }

  /** Whether it has ended; what it started may still run. */
  boolean waitFor(long nanos) throws InterruptedException {
    return process.waitFor(Math.max(0, nanos), TimeUnit.NANOSECONDS);
  }

  int exitCode() {
    return process.exitValue();
  }

  /** Its interpreter is missing, or the file vanished as it was started. */
  boolean wasNotExecuted() {
    int code = exitCode();
    return code >= NOT_EXECUTED_MIN
        && code <= NOT_EXECUTED_MAX
        && errors.end().startsWith("setsid: failed to execute");
  }

  ProgramOutput output() {
    return output;
  }

  ProgramErrors errors() {
    return errors;
  }

  /** Lets the rest come of what the program wrote. */
  void awaitOutput() throws InterruptedException {
    try {
      read.get(OUTPUT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException | ExecutionException _) {
      // What is there counts: a process that it left behind keeps a pipe open.
    }
  }

  /**
   * Ends it, unless it has ended by itself: then what it left behind was left on purpose.
   *
   * @param grace from the request to terminate until it is killed
   */
  void end(Duration grace) {
    if (process.isAlive()) {
      tree.end(grace);
    }
  }

  private static void feed(OutputStream input, byte[] body) {
    try (input) {
      input.write(body);
    } catch (IOException _) {
      // It need not read it.
    }
  }

  private static void pump(InputStream from, ObjIntConsumer<byte[]> to) {
    byte[] chunk = new byte[CHUNK_BYTES];
    try (from) {
      for (int read = from.read(chunk); read >= 0; read = from.read(chunk)) {
        to.accept(chunk, read);
      }
    } catch (IOException _) {
      // The pipe was closed at the end of the program.
    }
  }
}
