package dev.afterbay.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.TypeConversionException;

/** Measures, and prints one table. */
@Command(
    name = "bench",
    description = "Measures throughput and latency on this machine, beside the goals.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
final class BenchCommand implements Callable<Integer> {

  private static final List<Benchmark> ALL =
      List.of(
          new Raw(),
          Lifecycle.KEPT,
          Lifecycle.GONE,
          Lifecycle.WORKER,
          OverHttp.SEND,
          OverHttp.BATCH,
          OverHttp.WORK,
          Crowd.STANDARD,
          new OverSns(),
          new IdleLatency(),
          new Backlog(),
          new Start());

  @Parameters(
      paramLabel = "NAME",
      converter = ByName.class,
      description =
          "Default: all. raw, lifecycle-kept, lifecycle, lifecycle-worker, http-send, http-batch,"
              + " http-receive-settle, http-connections, sns, idle-latency, backlog, start.")
  private List<Benchmark> chosen = ALL;

  @Option(
      names = "--repeat",
      paramLabel = "N",
      defaultValue = "5",
      description = "How often each is measured; default: ${DEFAULT-VALUE}.")
  private int repeat;

  @Option(
      names = "--seconds",
      paramLabel = "N",
      defaultValue = "5",
      description = "How long each time; default: ${DEFAULT-VALUE}.")
  private int seconds;

  @Option(
      names = "--backlog",
      paramLabel = "N",
      defaultValue = "5000000",
      description = "Messages of the deep queue, of 1 KiB each; default: ${DEFAULT-VALUE}.")
  private long backlog;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      defaultValue = "target/bench",
      description = "Where files are made, and deleted again; default: ${DEFAULT-VALUE}.")
  private Path data = Path.of("");

  @Option(names = "--json", paramLabel = "FILE", description = "Also writes all numbers there.")
  private @Nullable Path json;

  private final PrintStream out = System.out;
  private final PrintStream progress = System.err;

  @Override
  public Integer call() throws Exception {
    List<Row> rows = new ArrayList<>();
    try (Folders folders = Folders.in(data)) {
      Map<String, String> machine = Machine.facts(folders.path());
      machine.forEach((name, fact) -> out.printf("%s: %s%n", name, fact));
      out.printf("median of %d x %d s; messages of 1 KiB%n%n", repeat, seconds);
      int exit = ExitCode.OK;
      for (Benchmark benchmark : chosen) {
        progress.println(benchmark.name());
        try {
          rows.addAll(measured(benchmark, folders.path()));
        } catch (IOException | RuntimeException e) {
          progress.println(benchmark.name() + " failed, the others go on:");
          e.printStackTrace(progress);
          exit = ExitCode.SOFTWARE;
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

  /** Finds a benchmark by its name. */
  private static final class ByName implements ITypeConverter<Benchmark> {
    @Override
    public Benchmark convert(String name) {
      return ALL.stream()
          .filter(benchmark -> benchmark.name().equals(name))
          .findFirst()
          .orElseThrow(() -> new TypeConversionException("there is no benchmark " + name));
    }
  }
}
