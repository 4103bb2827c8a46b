package dev.afterbay.bench;

import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.ExitCode;

/** What {@code ./afterbay bench} and {@code ./afterbay torture} run. */
public final class Main {

  private static final String BENCH = "bench";
  private static final String TORTURE = "torture";

  private Main() {}

  /**
   * @param arguments {@code torture} and its own, or {@code bench}, which may be left out, and its
   *     own
   */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  static int run(List<String> arguments) {
    String first = arguments.isEmpty() ? BENCH : arguments.getFirst();
    Callable<Integer> command = first.equals(TORTURE) ? new TortureCommand() : new BenchCommand();
    boolean named = !arguments.isEmpty() && (first.equals(TORTURE) || first.equals(BENCH));
    List<String> own = arguments.subList(named ? 1 : 0, arguments.size());
    return new CommandLine(command)
        .setExecutionExceptionHandler((e, _, _) -> failed(first, e))
        .execute(own.toArray(String[]::new));
  }

  private static int failed(String command, Exception e) {
    System.err.println("afterbay: " + command + " failed:");
    e.printStackTrace();
    return ExitCode.SOFTWARE;
  }
}
