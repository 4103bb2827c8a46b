package dev.afterbay.client;

import static dev.afterbay.client.HttpTransport.Answer.BYTES;
import static dev.afterbay.client.HttpTransport.Answer.JSON;
import static dev.afterbay.client.HttpTransport.Answer.MESSAGES;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How long an answer may be, in MiB of a heap in MiB. */
final class AnswerLimitTest {

  @ParameterizedTest
  @CsvSource({
    "32, 4, 8",
    "64, 8, 16",
    "96, 12, 24",
    "128, 16, 24",
    "192, 16, 24",
    "300, 16, 37.5",
    "1024, 16, 128",
    "8192, 16, 512",
    "65536, 16, 512",
  })
  void itFollowsTheHeapAndWhatWasAskedFor(long heap, double plain, double messages) {
    assertThat(AnswerLimit.of(JSON, heap << 20).bytes()).isEqualTo((long) (plain * (1 << 20)));
    assertThat(AnswerLimit.of(BYTES, heap << 20).bytes()).isEqualTo((long) (plain * (1 << 20)));
    assertThat(AnswerLimit.of(MESSAGES, heap << 20).bytes())
        .isEqualTo((long) (messages * (1 << 20)));
  }

  @Test
  void theRefusalSaysWhatSetsTheLimit() {
    assertThat(AnswerLimit.of(MESSAGES, 1 << 30).refusal())
        .isEqualTo(
            "the server's answer is longer than 134217728 bytes, which is all that a heap of"
                + " 1073741824 bytes has room for (see -Xmx)");
    assertThat(AnswerLimit.of(JSON, 1 << 30).refusal())
        .isEqualTo(
            "the server's answer is longer than 16777216 bytes, which is all that an answer of"
                + " Afterbay to that can have");
  }
}
