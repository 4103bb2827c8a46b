package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MainTest {

  private static final int MISUSED = 2;

  @TempDir private Path folder = Path.of("");

  @Test
  void aBenchmarkIsRunByItsNameAndLeavesNothingButItsNumbers() throws Exception {
    Path json = folder.resolve("numbers.json");
    Path data = folder.resolve("data");
    assertThat(
            BenchMain.run(
                List.of("raw", "--repeat=1", "--seconds=1", "--data=" + data, "--json=" + json)))
        .isZero();
    assertThat(json).content().contains("\"machine\"", "\"what\":\"raw, 1 to a sync\"");
    try (Stream<Path> left = Files.list(data)) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void anUnknownBenchmarkIsRefused() {
    assertThat(BenchMain.run(List.of("bench", "speed"))).isEqualTo(MISUSED);
  }

  @Test
  void anUnknownOptionOfTortureIsRefused() {
    assertThat(BenchMain.run(List.of("torture", "--gently"))).isEqualTo(MISUSED);
  }
}
