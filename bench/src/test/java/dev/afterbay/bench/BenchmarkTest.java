package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** That each measures something, in a moment; how much is for the benchmarks themselves. */
class BenchmarkTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void theRawLimitIsMeasuredForBatchesOfSeveralSizes() throws Exception {
    new Measured(folder).by(new Raw(), 4);
  }

  @Test
  void aLifecycleIsMeasuredBesideTheRawLimit() throws Exception {
    Row row = new Measured(folder).by(Lifecycle.GONE, 1).getFirst();
    assertThat(row.ratios()).isNotNull();
  }

  @Test
  void aLifecycleThroughTheWorkerIsMeasured() throws Exception {
    new Measured(folder).by(Lifecycle.WORKER, 1);
  }

  @Test
  void theLatencyOfAnIdleQueueIsMeasured() throws Exception {
    new Measured(folder).by(new IdleLatency(), 2);
  }

  @Test
  void howLateDelayedJobsAreIsMeasured() throws Exception {
    new Measured(folder).by(new Lateness(2_000, Measured.MOMENT), 7);
  }

  @Test
  void emailsAreMeasured() throws Exception {
    new Measured(folder).by(new Emails(), 2);
  }

  @Test
  void aBrokerOverHttpIsMeasuredBesideSocketsAndAStoreOfItsOwn() throws Exception {
    List<Row> rows = new Measured(folder).by(new ThroughBroker(List.of(64), Measured.MOMENT));
    assertThat(rows).hasSize(18);
    assertThat(rows)
        .filteredOn(row -> row.what().startsWith("http-broker warm, send"))
        .hasSize(1)
        .allSatisfy(row -> assertThat(row.values().median()).isPositive());
  }

  @Test
  void verifiedSnsMessagesAreMeasured() throws Exception {
    new Measured(folder).by(new OverSns(500), 1);
  }

  @Test
  void aBacklogIsMeasured() throws Exception {
    new Measured(folder).by(new Backlog(), 9);
  }
}
