package dev.afterbay.handlers;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.JobContext;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.worker.Handler;
import dev.afterbay.worker.HandlerFactory;
import dev.afterbay.worker.PermanentFailure;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Runs a program of the configuration for each job, without a shell: the body is its standard
 * input, its standard output the result, its exit code the outcome (docs/handlers.md):
 *
 * <ul>
 *   <li>0: done
 *   <li>75 (EX_TEMPFAIL), or ended by a signal (128 + its number, 1 to 31): another attempt
 *   <li>anything else: fail, unless {@link Settings#results} says otherwise
 * </ul>
 *
 * <p>When its time is over, when somebody asked to cancel its job, when the handler is interrupted
 * or closed, the program is ended with all processes that it started: asked to terminate first,
 * killed two seconds later. Run it with a worker's timeout a little above its own.
 */
public final class CommandHandler implements Handler, AutoCloseable {

  /*
   * A run has three threads of the system, for its three pipes: a read of a pipe would hold on to
   * the carrier of a virtual thread. They end with the program, or, where it left a process behind
   * that keeps a pipe open, with that process; nobody waits for that.
   */

  private static final int TEMPORARY_FAILURE = 75;
  private static final int SIGNALLED_MIN = 129;
  private static final int SIGNALLED_MAX = 159;

  private static final Duration TERMINATION_GRACE = Duration.ofSeconds(2);

  /** How often a run is looked after: lines of its standard error, and a request to cancel it. */
  private static final Duration LOOK_AFTER = Duration.ofSeconds(1);

  /** E2BIG of execve. */
  private static final Pattern TOO_LONG = Pattern.compile("error(=|: )7\\b");

  private static final Logger LOG = System.getLogger(CommandHandler.class.getName());

  private final Settings settings;
  private final CommandEnvironment environment;
  private final Optional<Path> setsid = ProcessTree.setsid();
  private final ExecutorService pumps =
      Executors.newCachedThreadPool(
          Thread.ofPlatform().daemon().name("afterbay-command-", 0).factory());
  private final Set<ProgramRun> running = ConcurrentHashMap.newKeySet();

  /** Read by who starts a run, written by who closes. */
  private final ReentrantReadWriteLock starting = new ReentrantReadWriteLock();

  private volatile boolean closed;

  /** What an exit code means. */
  public enum Result {
    /** The work is done. */
    DONE,
    /** Another attempt after the queue's backoff. */
    RETRY,
    /** It can never succeed. */
    FAIL
  }

  /** For the program of these settings. */
  public CommandHandler(Settings settings) {
    this.settings = settings;
    this.environment = new CommandEnvironment(settings.env(), System.getenv());
  }

  @Override
  public Outcome handle(Delivery delivery) throws InterruptedException, PermanentFailure {
    Map<String, String> variables = environment.of(delivery);
    if (!CommandFactory.isProgram(Path.of(settings.program().getFirst()))) {
      return Outcome.retry(
          "the program cannot be executed, or is not there any more: "
              + settings.program().getFirst());
    }
    ProgramRun run;
    try {
      run = start(variables, delivery.message().body());
    } catch (IOException e) {
      String reason = "the program did not start: " + e.getMessage();
      return TOO_LONG.matcher(reason).find()
          ? Outcome.fail("the attributes do not fit into an environment; " + reason)
          : Outcome.retry(reason);
    }
    if (run == null) {
      return Outcome.release();
    }
    try {
      return attend(run, delivery);
    } finally {
      run.end(TERMINATION_GRACE);
      running.remove(run);
    }
  }

  /** Null: nothing is started any more. */
  private @Nullable ProgramRun start(Map<String, String> variables, byte[] body)
      throws IOException {
    starting.readLock().lock();
    try {
      if (closed) {
        return null;
      }
      ProgramRun run = ProgramRun.start(settings, setsid, variables, body, pumps);
      running.add(run);
      return run;
    } finally {
      starting.readLock().unlock();
    }
  }

  /** Ends the programs that run with all that they started; later jobs are released. */
  @Override
  public void close() {
    starting.writeLock().lock(); // Then each that was started is among those that run.
    try {
      closed = true;
    } finally {
      starting.writeLock().unlock();
    }
    try (ExecutorService ends = Executors.newVirtualThreadPerTaskExecutor()) {
      running.forEach(run -> ends.execute(() -> run.end(TERMINATION_GRACE)));
    }
    pumps.shutdown(); // What still reads has nobody to tell.
  }

  private Outcome attend(ProgramRun run, Delivery delivery) throws InterruptedException {
    JobContext context = context(delivery);
    long latest = System.nanoTime() + settings.timeout().toNanos();
    while (!run.waitFor(Math.min(LOOK_AFTER.toNanos(), latest - System.nanoTime()))) {
      if (latest - System.nanoTime() <= 0) {
        end(run, context);
        return Outcome.retry(
            "timed out after "
                + settings.timeout()
                + ", ended with all that it started"
                + said(run));
      }
      if (isCancelled(delivery)) {
        end(run, context);
        return Outcome.release(); // A job that is to be cancelled is, when it comes back.
      }
      log(context, run.errors().next());
    }
    return closed ? Outcome.release() : judge(run, context);
  }

  private static void end(ProgramRun run, @Nullable JobContext context)
      throws InterruptedException {
    run.end(TERMINATION_GRACE);
    run.awaitOutput();
    log(context, run.errors().last());
  }

  private Outcome judge(ProgramRun run, @Nullable JobContext context) throws InterruptedException {
    run.awaitOutput();
    log(context, run.errors().last());
    tellOutput(run, context);
    int code = run.exitCode();
    Result result = settings.results().get(code);
    if (code == 0 || result == Result.DONE) {
      return Outcome.done();
    }
    boolean isSignal = code >= SIGNALLED_MIN && code <= SIGNALLED_MAX;
    String reason = "exit code " + code + (isSignal ? " (a signal)" : "") + said(run);
    boolean isRetried =
        result == null
            ? code == TEMPORARY_FAILURE || isSignal || run.wasNotExecuted()
            : result == Result.RETRY;
    return isRetried ? Outcome.retry(reason) : Outcome.fail(reason);
  }

  /** A program that has done its work is not run again for what it printed. */
  private static void tellOutput(ProgramRun run, @Nullable JobContext context) {
    if (context == null) {
      return;
    }
    try {
      run.output().tell(context);
    } catch (BrokerException e) {
      LOG.log(Level.WARNING, "the output of a program was not kept", e);
    }
  }

  private static String said(ProgramRun run) {
    String end = run.errors().end();
    return end.isEmpty() ? "" : ": " + end;
  }

  /** Null: the broker keeps no record of jobs. */
  static @Nullable JobContext context(Delivery delivery) {
    try {
      return delivery.context();
    } catch (BrokerException.Unsupported _) {
      return null; // Then nobody could read it.
    }
  }

  /** A store that is away for a moment must not end a program that runs well. */
  private static boolean isCancelled(Delivery delivery) {
    try {
      return delivery.cancelRequested();
    } catch (BrokerException e) {
      LOG.log(Level.DEBUG, "cannot look whether job " + delivery.job().id() + " is cancelled", e);
      return false;
    }
  }

  private static void log(@Nullable JobContext context, List<String> lines) {
    if (context == null) {
      return;
    }
    try {
      lines.forEach(context::log);
    } catch (BrokerException e) {
      LOG.log(Level.DEBUG, "lines of a program are not kept", e);
    }
  }

  /**
   * Which program, and how it is run.
   *
   * @param program the path of a file, and its arguments
   * @param results what exit codes mean, 1 to 255; the others mean what {@link CommandHandler} says
   * @param outputMax how many bytes of the standard output become the result; 0 to {@value
   *     #OUTPUT_BYTES_MAX}
   * @param env variables that the program has besides a few of this process ({@code PATH} and the
   *     like) and those of the job
   * @param directory where it runs; null: where this process does
   * @param timeout of one run; 1 ms to 1 day
   */
  public record Settings(
      List<String> program,
      Map<Integer, Result> results,
      int outputMax,
      Map<String, String> env,
      @Nullable Path directory,
      Duration timeout)
      implements HandlerFactory.Configured {

    /** A result cannot be longer. */
    public static final int OUTPUT_BYTES_MAX = JobContext.VALUE_BYTES_MAX;

    public static final Duration TIMEOUT_LIMIT = Duration.ofDays(1);

    private static final int EXIT_CODE_MAX = 255;

    public Settings {
      program = List.copyOf(program);
      results = Map.copyOf(results);
      env = Map.copyOf(env);
      check(!program.isEmpty(), "program must have at least the path of a file");
      check(
          CommandFactory.isProgram(Path.of(program.getFirst())),
          "program must be a file that may be executed: " + program.getFirst());
      check(
          program.stream().allMatch(argument -> argument.indexOf(0) < 0),
          "program must be without NUL");
      check(
          results.keySet().stream().allMatch(code -> code >= 1 && code <= EXIT_CODE_MAX),
          "results must be of exit codes from 1 to 255, for 0 is done: " + results);
      check(
          outputMax >= 0 && outputMax <= OUTPUT_BYTES_MAX,
          "output_max must be 0 to " + OUTPUT_BYTES_MAX + ": " + outputMax);
      CommandEnvironment.check(env);
      check(
          directory == null || directory.toFile().isDirectory(),
          "directory must be a folder that is there: " + directory);
      check(
          timeout.toMillis() >= 1 && timeout.compareTo(TIMEOUT_LIMIT) <= 0,
          "timeout must be 1 ms to " + TIMEOUT_LIMIT + ": " + timeout);
    }

    /** With what the configuration has by default: 64 KiB of output, 60 s. */
    public static Settings of(String... program) {
      return new Settings(
          List.of(program), Map.of(), OUTPUT_BYTES_MAX, Map.of(), null, Duration.ofSeconds(60));
    }

    /** With meanings of exit codes. */
    public Settings results(Map<Integer, Result> results) {
      return new Settings(program, results, outputMax, env, directory, timeout);
    }

    /** With variables of its own. */
    public Settings env(Map<String, String> env) {
      return new Settings(program, results, outputMax, env, directory, timeout);
    }

    /** In that folder. */
    public Settings directory(Path directory) {
      return new Settings(program, results, outputMax, env, directory, timeout);
    }

    /** With a limit on one run. */
    public Settings timeout(Duration timeout) {
      return new Settings(program, results, outputMax, env, directory, timeout);
    }

    @Override
    public CommandHandler open(Queue queue) {
      return new CommandHandler(this);
    }

    /** Leaves out arguments and variables, which may hold secrets. */
    @Override
    public String toString() {
      return "Settings[" + program.getFirst() + "]";
    }

    private static void check(boolean holds, String otherwise) {
      if (!holds) {
        throw new IllegalArgumentException(otherwise);
      }
    }
  }
}
