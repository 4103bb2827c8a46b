package dev.afterbay.bench;

import dev.afterbay.server.Command;
import dev.afterbay.server.ExitCode;
import java.util.List;

/** What {@code ./afterbay bench} and {@code ./afterbay torture} run. */
public final class BenchMain {

  private static final String BENCH = "bench";
  private static final String TORTURE = "torture";

  private BenchMain() {}

  /**
   * @param arguments {@code torture} and its own, or {@code bench}, which may be left out, and its
   *     own
   */
  public static void main(String[] arguments) {
    System.exit(run(List.of(arguments)));
  }

  static int run(List<String> arguments) {
    String first = arguments.isEmpty() ? BENCH : arguments.getFirst();
    Command command =
        first.equals(TORTURE) ? TortureCommand.command(List.of()) : BenchCommand.command();
    boolean named = !arguments.isEmpty() && (first.equals(TORTURE) || first.equals(BENCH));
    List<String> own = arguments.subList(named ? 1 : 0, arguments.size());
    try {
      return command.run("afterbay " + command.name(), own);
    } catch (Exception e) {
      return failed(command.name(), e);
    }
  }

  private static int failed(String command, Exception e) {
    System.err.println("afterbay: " + command + " failed:");
    e.printStackTrace();
    return ExitCode.FAILED;
  }
}
