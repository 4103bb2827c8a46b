package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.Marker;
import org.slf4j.event.Level;
import org.slf4j.helpers.LegacyAbstractLogger;
import org.slf4j.helpers.MessageFormatter;

/** What strangers cause does not fill the log. */
final class SparingLogTest {

  private final NdjsonLines lines = new NdjsonLines();
  private long now;
  private final RateLimitedLog log = new RateLimitedLog(() -> now);

  @Test
  void aFewLinesOfAKindAreLoggedAndThenHowManyWereLeftOut() {
    flood("forged", 1_000);
    assertThat(lines.texts).hasSize(RateLimitedLog.LINES_MAX).startsWith("WARN forged 0");
    log.error(lines, "other", "other");
    assertThat(lines.texts).as("another kind").endsWith("ERROR other");

    now += RateLimitedLog.MINUTE_TICKS - 1;
    log.sweep();
    assertThat(lines.texts).hasSize(RateLimitedLog.LINES_MAX + 1);
    now++;
    log.sweep();
    log.sweep();
    assertThat(lines.texts)
        .hasSize(RateLimitedLog.LINES_MAX + 2)
        .endsWith("WARN 990 more lines like this were left out: forged");

    flood("forged", 1);
    assertThat(lines.texts).endsWith("WARN forged 0");
  }

  @Test
  void whoseMinuteIsOverIsToldBeforeTheNextLine() {
    flood("forged", RateLimitedLog.LINES_MAX + 1);
    now += RateLimitedLog.MINUTE_TICKS;
    flood("forged", 1);
    assertThat(lines.texts)
        .hasSize(RateLimitedLog.LINES_MAX + 2)
        .endsWith("WARN 1 more lines like this were left out: forged", "WARN forged 0");
  }

  private void flood(String kind, int times) {
    for (int i = 0; i < times; i++) {
      log.warn(lines, kind, "{} {}", kind, i);
    }
  }

  /** A log that keeps its lines. */
  private static final class NdjsonLines extends LegacyAbstractLogger {
    private static final long serialVersionUID = 1L;
    private final transient List<String> texts = new ArrayList<>();

    @Override
    protected String getFullyQualifiedCallerName() {
      return "";
    }

    @Override
    protected void handleNormalizedLoggingCall(
        Level level, Marker marker, String format, Object[] arguments, Throwable thrown) {
      texts.add(level + " " + MessageFormatter.arrayFormat(format, arguments).getMessage());
    }

    @Override
    public boolean isTraceEnabled() {
      return false;
    }

    @Override
    public boolean isDebugEnabled() {
      return false;
    }

    @Override
    public boolean isInfoEnabled() {
      return true;
    }

    @Override
    public boolean isWarnEnabled() {
      return true;
    }

    @Override
    public boolean isErrorEnabled() {
      return true;
    }
  }
}
