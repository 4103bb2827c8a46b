package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class LogOutputTest {
  @TempDir private Path folder;

  private final CountDownLatch writes = new CountDownLatch(1);
  private final CountDownLatch isRead = new CountDownLatch(1);
  private final ByteArrayOutputStream written = new ByteArrayOutputStream();
  private final LogOutput output =
      LogOutput.start(
          LogFormat.TEXT,
          new PrintStream(written, false, StandardCharsets.UTF_8) {
            @Override
            public void write(byte[] lines, int from, int length) {
              writes.countDown();
              try {
                isRead.await();
              } catch (InterruptedException e) {
                throw new AssertionError(e);
              }
              super.write(lines, from, length);
            }
          });

  @Test
  void nobodyWaitsForAnOutputThatIsStuckAndWhatIsLeftOutIsCounted() throws Exception {
    output.write(line("first"));
    writes.await();
    int all = 3 * LogOutput.WAITING_BYTES_MAX / line(0).length;
    IntStream.range(0, all).forEach(i -> output.write(line(i)));
    output.flush(Duration.ofMillis(10));
    assertThat(written.size()).isZero();
    isRead.countDown();
    output.flush();
    output.write(line("last"));
    List<String> lines = written();
    assertThat(lines.getFirst()).isEqualTo("first");
    assertThat(lines.getLast()).isEqualTo("last");
    List<String> between = lines.subList(1, lines.size() - 2);
    assertThat(between).isEqualTo(IntStream.range(0, between.size()).mapToObj(this::text).toList());
    assertThat(lines.get(lines.size() - 2))
        .contains(" WARN LogOutput: lines that are not in the log")
        .endsWith(": " + (all - between.size()));
    assertThat(between.size()).isBetween(all / 4, all / 2);
  }

  @Test
  void whoeverWaitsForRoomLeavesHalfOfItToOthers() throws Exception {
    output.write(line("first"));
    writes.await();
    int all = 2 * LogOutput.WAITING_BYTES_MAX / line(0).length;
    Thread patient =
        Thread.ofVirtual()
            .start(() -> IntStream.range(0, all).forEach(i -> output.writeAsThereIsRoom(line(i))));
    while (patient.getState() != Thread.State.WAITING) {
      Thread.onSpinWait();
    }
    output.write(line("in between"));
    isRead.countDown();
    patient.join();
    List<String> lines = new ArrayList<>(written());
    assertThat(lines.remove("in between")).isTrue();
    assertThat(lines).hasSize(1 + all).last().isEqualTo(text(all - 1));
  }

  @Test
  void aThreadThatIsInterruptedStillLogs() {
    isRead.countDown();
    Thread.currentThread().interrupt();
    output.write(line("a"));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(written()).containsExactly("a");
  }

  @Test
  void whatIsPrintedIsInOrderWithTheLogAndInNoFile() throws Exception {
    output.write(line("a"));
    output.standardError().println("b");
    output.write(line("c"));
    output.standardError().printf("d %d%n", 1);
    isRead.countDown();
    assertThat(written()).containsExactly("a", "b", "c", "d 1");
    Path file = folder.resolve("log");
    output.use(LogFormat.TEXT, LogFile.open(file, 1 << 20, 2));
    output.write(line("e"));
    output.standardError().println("f");
    assertThat(written()).last().isEqualTo("f");
    assertThat(Files.readAllLines(file)).containsExactly("e");
    output.use(LogFormat.TEXT, null);
  }

  private List<String> written() {
    output.flush();
    return written.toString(StandardCharsets.UTF_8).lines().toList();
  }

  private String text(int number) {
    return "%099d".formatted(number);
  }

  private byte[] line(int number) {
    return line(text(number));
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
