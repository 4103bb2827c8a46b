package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** What strangers cause does not fill the log. */
final class SparingLogTest {

  private final KeptLog lines = new KeptLog();
  private long now;
  private final RateLimitedLog log = new RateLimitedLog(() -> now);

  @Test
  void aFewLinesOfAKindAreLoggedAndThenHowManyWereLeftOut() {
    flood("forged", 1_000);
    assertThat(lines.lines()).hasSize(RateLimitedLog.LINES_MAX).startsWith("WARNING forged 0");
    log.error(lines, "other", "other");
    assertThat(lines.lines()).as("another kind").endsWith("ERROR other");

    now += RateLimitedLog.MINUTE_TICKS - 1;
    log.sweep();
    assertThat(lines.lines()).hasSize(RateLimitedLog.LINES_MAX + 1);
    now++;
    log.sweep();
    log.sweep();
    assertThat(lines.lines())
        .hasSize(RateLimitedLog.LINES_MAX + 2)
        .endsWith("WARNING 990 more lines like this were left out: forged");

    flood("forged", 1);
    assertThat(lines.lines()).endsWith("WARNING forged 0");
  }

  @Test
  void whoseMinuteIsOverIsToldBeforeTheNextLine() {
    flood("forged", RateLimitedLog.LINES_MAX + 1);
    now += RateLimitedLog.MINUTE_TICKS;
    flood("forged", 1);
    assertThat(lines.lines())
        .hasSize(RateLimitedLog.LINES_MAX + 2)
        .endsWith("WARNING 1 more lines like this were left out: forged", "WARNING forged 0");
  }

  private void flood(String kind, int times) {
    for (int i = 0; i < times; i++) {
      log.warn(lines, kind, kind + " " + i);
    }
  }
}
