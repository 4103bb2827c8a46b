package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.server.Command;
import dev.afterbay.server.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The tool itself; the store is killed more often in the tests of its own module. */
class TortureTest {

  private static final int CYCLES = 3;
  private static final int CYCLES_MAX = 20;
  private static final Duration PER_CYCLE = Duration.ofMillis(500);

  @TempDir private Path folder = Path.of("");

  @BeforeAll
  static void startServersFast() {
    FastStarts.use();
  }

  private final long seed = new Random().nextInt(Integer.MAX_VALUE);
  private final ByteArrayOutputStream told = new ByteArrayOutputStream();
  private final PrintStream out = new PrintStream(told, true, StandardCharsets.UTF_8);

  @Test
  void aServerThatIsKilledKeepsItsPromises() throws Exception {
    ProcessBuilder server = ServerProcess.builder(folder.resolve("data"), List.of());
    assertThat(tortured(server, CYCLES)).as(said()).isEmpty();
    assertThat(said()).contains(CYCLES + " of " + CYCLES, "messages confirmed");
  }

  @Test
  void aServerThatDoesNotStartIsNamed() throws Exception {
    assertThat(tortured(new ProcessBuilder("ls", "/no/such/folder"), CYCLES))
        .singleElement()
        .asString()
        .contains("the server", "its log is " + folder.resolve("log"));
  }

  @Test
  void aServerThatHangsInItsStartIsEnded() {
    ProcessBuilder hangs = new ProcessBuilder("sleep", "60");
    assertThatThrownBy(
            () -> ServerProcess.start(hangs, folder.resolve("log"), Duration.ofMillis(1)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("did not start within PT0.001S");
  }

  @Test
  void aServerThatCannotBeReachedIsNamed() throws Exception {
    String ready = "afterbay ready http://127.0.0.1:1 ";
    assertThat(tortured(new ProcessBuilder("echo", ready), 0))
        .singleElement()
        .asString()
        .contains("the server cannot be used", "/queues/torture failed");
  }

  @Test
  void aServerThatForgetsWhenItIsKilledIsFoundOut() throws Exception {
    ProcessBuilder server =
        ServerProcess.builder(folder.resolve("data"), List.of("--set", "store=memory"));
    assertThat(tortured(server, CYCLES_MAX)).as(said()).anyMatch(how -> how.contains("message "));
  }

  @Test
  void whenAPromiseIsBrokenTheExitCodeIsOneAndTheDataIsKept() throws Exception {
    Command command = TortureCommand.command(List.of("--set", "store=none"));
    assertThat(command.run("torture", List.of("--data", folder.toString())))
        .isEqualTo(ExitCode.FAILED);
    try (Stream<Path> left = Files.walk(folder)) {
      assertThat(left).anyMatch(file -> file.endsWith("log"));
    }
  }

  /** It ends early once it has found something. */
  private List<String> tortured(ProcessBuilder server, int cycles) throws InterruptedException {
    Torture torture = new Torture(log(), server, seed, PER_CYCLE, out);
    torture.kill(cycles);
    return torture.finish();
  }

  private Path log() {
    return folder.resolve("log");
  }

  private String said() {
    return "seed " + seed + "\n" + told.toString(StandardCharsets.UTF_8);
  }
}
