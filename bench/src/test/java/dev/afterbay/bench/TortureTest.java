package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool itself; the store is killed more often in the tests of its own module. */
class TortureTest {

  private static final int CYCLES = 3;

  @TempDir private Path folder = Path.of("");

  private final long seed = new Random().nextInt(Integer.MAX_VALUE);
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();

  @Test
  void aServerThatIsKilledKeepsItsPromises() throws Exception {
    PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);
    Torture torture = new Torture(folder, seed, Duration.ofMillis(500), out);
    torture.kill(CYCLES);
    List<String> broken = torture.finish();
    assertThat(broken).as(said()).isEmpty();
    assertThat(said()).contains(CYCLES + " of " + CYCLES, "messages confirmed");
  }

  private String said() {
    return "seed " + seed + "\n" + told.toString(StandardCharsets.UTF_8);
  }
}
