package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A program with a heap of 128 MiB, and a broker in it that holds more than that. */
@Timeout(120)
class EmbeddedHeapTest {

  @TempDir Path directory;

  @Test
  void allOfItIsFoundListedReceivedAndHandledAndTheProgramLives() throws Exception {
    Process child = EmbeddedHeapChild.start(directory.resolve("data"));
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    assertThat(child.waitFor()).as(output).isZero();
    int all = EmbeddedHeapChild.MESSAGES;
    assertThat(output)
        .contains("found " + all, "listed " + all, "failed " + all, "dead " + all)
        .contains("handled " + all);
  }
}
