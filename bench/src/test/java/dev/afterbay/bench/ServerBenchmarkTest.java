package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** As {@link BenchmarkTest}, those with a server in a process of its own. */
class ServerBenchmarkTest {

  @TempDir private Path folder = Path.of("");

  @Test
  void receivingOverHttpIsMeasured() throws Exception {
    new Measured(folder).by(OverHttp.WORK, 1);
  }

  @Test
  void jobsOverHttpAreMeasuredBesideMessages() throws Exception {
    new Measured(folder).by(new JobsOverHttp(), 2);
  }

  @Test
  void thePickUpOverHttpIsMeasured() throws Exception {
    new Measured(folder).by(new PickUp(), 2);
  }

  @Test
  void sendingByTlsIsMeasuredBesideTheSameInClearText() throws Exception {
    Row row = new Measured(folder).by(new OverTls(), 1).getFirst();
    assertThat(row.ratios().median()).isPositive();
  }

  @Test
  void aCrowdThatWaitsIsMeasured() throws Exception {
    new Measured(folder).by(new Crowd(200), 4);
  }

  @Test
  void theFirstSecondsAreMeasuredBesideLaterOnes() throws Exception {
    Row row = new Measured(folder).by(new FirstSeconds(Measured.MOMENT), 1).getFirst();
    assertThat(row.ratios().median()).isPositive();
  }

  @Test
  void aSmallMachineIsMeasured() throws Exception {
    new Measured(folder).by(new SmallMachine(2_250, 3), 6);
  }
}
