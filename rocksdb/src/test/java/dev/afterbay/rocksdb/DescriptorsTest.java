package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A real process that has no descriptors left, in the middle of everything. */
@Timeout(120)
class DescriptorsTest {

  private static final Pattern TOLD =
      Pattern.compile(
          "opened again \\d+ sent (\\d+) done (\\d+) refused after (\\d+) ms, on after (\\d+) ms,"
              + " failure null");

  @TempDir Path directory;

  @Test
  void aProcessWithoutDescriptorsGoesOnWhenItHasSomeAndLosesNothing() throws Exception {
    Path data = directory.resolve("data");
    Process child = DescriptorsChild.start(data);
    String output = new String(child.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

    Matcher told = TOLD.matcher(output);
    assertThat(told.find()).as(output).isTrue();
    assertThat(child.waitFor()).isZero();
    assertThat(Integer.parseInt(told.group(4))).isLessThan(5_000);
    Report report = Verification.verify(data);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    assertThat(report.queues().get(TestStores.QUEUE).depth())
        .isEqualTo(Integer.parseInt(told.group(1)) - Integer.parseInt(told.group(2)));
  }
}
