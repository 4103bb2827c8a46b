package dev.afterbay.bench;

import dev.afterbay.server.Arguments;
import dev.afterbay.server.Command;
import dev.afterbay.server.ExitCode;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Measures, and prints one table. */
final class BenchCommand {

  private static final List<Benchmark> ALL =
      List.of(
          new Raw(),
          Lifecycle.KEPT,
          Lifecycle.GONE,
          Lifecycle.WORKER,
          OverHttp.SEND,
          new OverTls(),
          OverHttp.BATCH,
          OverHttp.WORK,
          new JobsOverHttp(),
          new PickUp(),
          ThroughBroker.STANDARD,
          Crowd.STANDARD,
          new OverSns(OverSns.GOAL_PER_SECOND),
          new IdleLatency(),
          Lateness.STANDARD,
          new Emails(),
          new Backlog(),
          new Start(),
          FirstSeconds.STANDARD,
          SmallMachine.STANDARD);

  private static final int REPEAT = 5;
  private static final int SECONDS = 5;
  private static final long BACKLOG = 5_000_000;
  private static final Path DATA = Path.of("target", "bench");

  private final List<Benchmark> chosen;
  private final int repeat;
  private final int seconds;
  private final long backlog;
  private final Path data;
  private final @Nullable Path json;

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;

  private BenchCommand(Arguments given) throws Exception {
    List<Benchmark> named = given.operands(BenchCommand::byName);
    chosen = named.isEmpty() ? ALL : named;
    repeat = given.value("repeat", REPEAT, Integer::valueOf);
    seconds = given.value("seconds", SECONDS, Integer::valueOf);
    backlog = given.value("backlog", BACKLOG, Long::valueOf);
    data = given.value("data", DATA, Path::of);
    json = given.value("json", Path::of);
  }

  static Command command() {
    String names = ALL.stream().map(Benchmark::name).collect(Collectors.joining(", "));
    return new Command(
            "bench",
            "Measures throughput and latency on this machine, beside the goals. NAME is one of\n"
                + names
                + "; default: all.",
            given -> new BenchCommand(given).run())
        .operands("NAME")
        .option("repeat", "N", "How often each is measured; default: " + REPEAT + ".")
        .option("seconds", "N", "How long each time; default: " + SECONDS + ".")
        .option(
            "backlog", "N", "Messages of the deep queue, of 1 KiB each; default: " + BACKLOG + ".")
        .option("data", "DIR", "Where files are made, and deleted again; default: " + DATA + ".")
        .option("json", "FILE", "Also writes all numbers there.");
  }

  private int run() throws Exception {
    List<Row> rows = new ArrayList<>();
    try (Folders folders = Folders.in(data)) {
      Map<String, String> machine = Machine.facts(folders.path());
      machine.forEach((name, fact) -> out.println(name + ": " + fact));
      out.println("median of " + repeat + " x " + seconds + " s; messages of 1 KiB");
      out.println();
      int exit = ExitCode.STOPPED;
      for (Benchmark benchmark : chosen) {
        progress.println(benchmark.name());
        try {
          rows.addAll(measured(benchmark, folders.path()));
        } catch (IOException | RuntimeException e) {
          progress.println(benchmark.name() + " failed, the others go on:");
          e.printStackTrace(progress);
          exit = ExitCode.FAILED;
        }
      }
      out.println();
      Table.print(rows, out);
      if (json != null) {
        JsonReport.write(json, machine, rows);
      }
      return exit;
    }
  }

  private List<Row> measured(Benchmark benchmark, Path parent) throws Exception {
    try (Folders own = Folders.in(parent)) {
      Duration time = Duration.ofSeconds(seconds);
      return benchmark.measure(new Plan(repeat, time, Plan.WARM_UP, own.path(), backlog, progress));
    }
  }

  private static Benchmark byName(String name) {
    return ALL.stream()
        .filter(benchmark -> benchmark.name().equals(name))
        .findFirst()
        .orElseThrow(IllegalArgumentException::new);
  }
}
