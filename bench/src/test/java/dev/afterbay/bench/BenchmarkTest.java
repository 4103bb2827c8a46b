package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That each measures something, in a moment; how much is for the benchmarks themselves. */
class BenchmarkTest {

  private static final Duration MOMENT = Duration.ofMillis(200);
  private static final long BACKLOG = 20_000;

  @TempDir private Path folder = Path.of("");

  @Test
  void theRawLimitIsMeasuredForBatchesOfSeveralSizes() throws Exception {
    assertMeasures(new Raw(), 4);
  }

  @Test
  void aLifecycleIsMeasuredBesideTheRawLimit() throws Exception {
    Row row = assertMeasures(Lifecycle.GONE, 1).getFirst();
    assertThat(row.ratios()).isNotNull();
  }

  @Test
  void aLifecycleThroughTheWorkerIsMeasured() throws Exception {
    assertMeasures(Lifecycle.WORKER, 1);
  }

  @Test
  void theLatencyOfAnIdleQueueIsMeasured() throws Exception {
    assertMeasures(new IdleLatency(), 2);
  }

  @Test
  void receivingOverHttpIsMeasured() throws Exception {
    assertMeasures(OverHttp.WORK, 1);
  }

  @Test
  void jobsOverHttpAreMeasuredBesideMessages() throws Exception {
    assertMeasures(new JobsOverHttp(), 2);
  }

  @Test
  void thePickUpOverHttpIsMeasured() throws Exception {
    assertMeasures(new PickUp(), 2);
  }

  @Test
  void howLateDelayedJobsAreIsMeasured() throws Exception {
    assertMeasures(new Lateness(2_000, MOMENT), 7);
  }

  @Test
  void sendingByTlsIsMeasuredBesideTheSameInClearText() throws Exception {
    Row row = assertMeasures(new OverTls(), 1).getFirst();
    assertThat(row.ratios().median()).isPositive();
  }

  @Test
  void aBrokerOverHttpIsMeasuredBesideSocketsAndAStoreOfItsOwn() throws Exception {
    List<Row> rows = measured(new ThroughBroker(List.of(64)));
    assertThat(rows).hasSize(18);
    assertThat(rows)
        .filteredOn(row -> row.what().startsWith("http-broker warm, send"))
        .hasSize(1)
        .allSatisfy(row -> assertThat(row.values().median()).isPositive());
  }

  @Test
  void aCrowdThatWaitsIsMeasured() throws Exception {
    assertMeasures(new Crowd(200), 4);
  }

  @Test
  void verifiedSnsMessagesAreMeasured() throws Exception {
    assertMeasures(new OverSns(), 1);
  }

  @Test
  void aBacklogIsMeasured() throws Exception {
    assertMeasures(new Backlog(), 9);
  }

  @Test
  void theFirstSecondsAreMeasuredBesideLaterOnes() throws Exception {
    Row row = assertMeasures(new FirstSeconds(MOMENT), 1).getFirst();
    assertThat(row.ratios().median()).isPositive();
  }

  @Test
  void aSmallMachineIsMeasured() throws Exception {
    assertMeasures(new SmallMachine(2_250, 3), 6);
  }

  private List<Row> measured(Benchmark benchmark) throws Exception {
    PrintStream silent =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    return benchmark.measure(new Plan(1, MOMENT, Duration.ZERO, folder, BACKLOG, silent));
  }

  private List<Row> assertMeasures(Benchmark benchmark, int rows) throws Exception {
    List<Row> measured = measured(benchmark);
    assertThat(measured).hasSize(rows);
    assertThat(measured).allSatisfy(row -> assertThat(row.values().median()).isPositive());
    return measured;
  }
}
