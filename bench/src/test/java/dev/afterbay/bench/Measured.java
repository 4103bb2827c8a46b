package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Runs a benchmark for a moment, below a folder. */
record Measured(Path folder) {

  static {
    FastStarts.use();
  }

  static final Duration MOMENT = Duration.ofMillis(200);
  private static final long BACKLOG = 20_000;

  List<Row> by(Benchmark benchmark) throws Exception {
    PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    return benchmark.measure(new Plan(1, MOMENT, Duration.ZERO, folder, BACKLOG, silent));
  }

  /** All that it measures is something. */
  List<Row> by(Benchmark benchmark, int rows) throws Exception {
    List<Row> measured = by(benchmark);
    assertThat(measured).hasSize(rows);
    assertThat(measured).allSatisfy(row -> assertThat(row.values().median()).isPositive());
    return measured;
  }
}
