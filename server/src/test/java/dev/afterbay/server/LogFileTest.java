package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class LogFileTest {
  private static final int BYTES_MAX = 100;
  private static final int FILES = 3;

  @TempDir private Path folder;

  @Test
  void aFullFileIsRenamedAndTheOldestIsDeleted() throws Exception {
    Path path = folder.resolve("100% a(b).log");
    try (LogFile file = LogFile.open(path, BYTES_MAX, FILES)) {
      for (int i = 0; i < 90; i++) {
        file.write(line("line %02d".formatted(i)));
      }
    }
    assertThat(names()).containsExactly("100% a(b).log", "100% a(b).log.1", "100% a(b).log.2");
    List<String> lines = new ArrayList<>();
    for (String name : names().reversed()) {
      assertThat(Files.size(folder.resolve(name))).isLessThanOrEqualTo(BYTES_MAX);
      lines.addAll(Files.readAllLines(folder.resolve(name)));
    }
    assertThat(lines).as("the latest, in order, none cut").hasSize(24 + 90 % 12);
    assertThat(lines.getLast()).isEqualTo("line 89");
    assertThat(lines.getFirst()).isEqualTo("line " + (90 - lines.size()));
  }

  @Test
  void itGoesOnWithWhatIsThere() throws Exception {
    Path path = Files.writeString(folder.resolve("log"), "x".repeat(90) + "\n");
    try (LogFile file = LogFile.open(path, BYTES_MAX, FILES)) {
      file.write(line("second"));
      file.write(line("third one"));
    }
    assertThat(Files.readString(folder.resolve("log.1"))).endsWith("x\nsecond\n");
    assertThat(path).hasContent("third one\n");
  }

  @Test
  void aLineThatIsLargerThanAFileHasOneOfItsOwn() throws Exception {
    Path path = folder.resolve("log");
    try (LogFile file = LogFile.open(path, BYTES_MAX, FILES)) {
      file.write(line("x".repeat(2 * BYTES_MAX)));
      file.write(line("y"));
    }
    assertThat(path).hasContent("y\n");
    assertThat(names()).containsExactly("log", "log.1");
  }

  @Test
  void aThreadThatIsInterruptedStillWrites() throws Exception {
    try (LogFile file = LogFile.open(folder.resolve("log"), BYTES_MAX, FILES)) {
      Thread.currentThread().interrupt();
      file.write(line("a"));
      assertThat(Thread.interrupted()).isTrue();
      file.write(line("b"));
    }
    assertThat(folder.resolve("log")).hasContent("a\nb\n");
  }

  @Test
  void aFolderThatIsMissingIsToldAtOnce() throws IOException {
    assertThatIOException()
        .isThrownBy(() -> open(folder.resolve("no").resolve("log")))
        .withMessageContaining(folder.resolve("no").toString());
    Path file = Files.createFile(folder.resolve("file"));
    assertThatIOException().isThrownBy(() -> open(file.resolve("log")));
    assertThatIOException().isThrownBy(() -> open(folder)).withMessageContaining("directory");
  }

  @Test
  void aFolderThatGoesAwayIsAFailureUntilItIsBack() throws Exception {
    Path inside = Files.createDirectory(folder.resolve("logs"));
    try (LogFile file = open(inside.resolve("log"))) {
      file.write(line("x".repeat(90)));
      Files.move(inside, folder.resolve("away"));
      for (int i = 0; i < 3; i++) {
        assertThatIOException().isThrownBy(() -> file.write(line("x".repeat(20))));
      }
      Files.move(folder.resolve("away"), inside);
      file.write(line("y".repeat(20)));
    }
    assertThat(inside.resolve("log")).hasContent("y".repeat(20) + "\n");
    assertThat(inside.resolve("log.1")).hasContent("x".repeat(90) + "\n");
  }

  @Test
  void aDeviceKeepsItsName() throws Exception {
    assumeTrue(Files.exists(Path.of("/dev/full")));
    try (LogFile file = open(Path.of("/dev/full"))) {
      assertThatIOException().isThrownBy(() -> file.write(line("a")));
    }
    try (LogFile file = open(Path.of("/dev/null"))) {
      for (int i = 0; i < 20; i++) {
        file.write(line("x".repeat(20)));
      }
    }
    assertThat(Path.of("/dev/null.1")).doesNotExist();
  }

  /** To open one waits for somebody who reads. */
  @Test
  @Timeout(30)
  void aPipeWithANameIsRefusedAtOnceAndWhenItComesLater() throws Exception {
    Path pipe = folder.resolve("pipe");
    assumeTrue(runs("mkfifo", pipe.toString()));
    assertThatIOException()
        .isThrownBy(() -> open(pipe))
        .withMessage(pipe + " is a pipe: name a file");
    Path link = Files.createSymbolicLink(folder.resolve("link"), pipe);
    assertThatIOException().isThrownBy(() -> open(link)).withMessageContaining("is a pipe");
    Path inside = Files.createDirectory(folder.resolve("logs"));
    try (LogFile file = open(inside.resolve("log"))) {
      file.write(line("x".repeat(90)));
      Files.move(inside, folder.resolve("away"));
      assertThatIOException().isThrownBy(() -> file.write(line("x".repeat(20))));
      Files.createDirectory(inside);
      Files.move(pipe, inside.resolve("log"));
      for (int i = 0; i < 3; i++) {
        assertThatIOException()
            .isThrownBy(() -> file.write(line("y")))
            .withMessageContaining("is a pipe");
      }
      Files.delete(inside.resolve("log"));
      file.write(line("z"));
    }
    assertThat(inside.resolve("log")).hasContent("z\n");
  }

  /** Needs a file system of its own, so root. */
  @Test
  void aFullDiskHasNoHalfLineAndIsWrittenAgainWhenThereIsRoom() throws Exception {
    Path small = Files.createDirectory(folder.resolve("small"));
    assumeTrue(runs("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small.toString()));
    try (LogFile file = LogFile.open(small.resolve("log"), 1 << 20, FILES)) {
      Path ballast = Files.write(small.resolve("ballast"), new byte[40 << 10]);
      int written = 0;
      String line = "x".repeat(999);
      IOException full = null;
      while (full == null) {
        try {
          file.write(line(line));
          written++;
        } catch (IOException e) {
          full = e;
        }
      }
      assertThat(full).hasMessageContaining("space");
      assertThat(Files.readAllLines(small.resolve("log"))).hasSize(written).containsOnly(line);
      Files.delete(ballast);
      file.write(line(line));
      assertThat(Files.readAllLines(small.resolve("log"))).hasSize(written + 1).containsOnly(line);
    } finally {
      runs("umount", small.toString());
    }
  }

  private static boolean runs(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException _) {
      return false;
    }
  }

  private static LogFile open(Path path) throws IOException {
    return LogFile.open(path, BYTES_MAX, FILES);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static byte[] line(String text) {
    return (text + "\n").getBytes(StandardCharsets.UTF_8);
  }
}
