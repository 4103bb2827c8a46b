package dev.afterbay.handlers;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import dev.afterbay.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a target says after what time to try again (RFC 9110, 10.2.3). */
class RetryAfterTest {

  private static final Instant NOW = Instant.parse("2026-11-21T12:00:00Z");
  private static final Duration MOST = Duration.ofHours(1);

  private final Work work = new Work();
  private final Target target = Target.answering(200);

  @AfterEach
  void close() {
    target.close();
    work.close();
  }

  @ParameterizedTest
  @CsvSource({
    "120, 120",
    "3600, 3600",
    "3601, 3600",
    "99999999999999999, 3600",
    "9999999999999999999, 3600",
    "99999999999999999999999999999999999999, 3600",
    "0000000000000000000000005, 5",
  })
  void secondsAreHonouredUpToTheMaximum(String value, long seconds) {
    assertThat(delay(value, MOST)).isEqualTo(Duration.ofSeconds(seconds));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          Sat, 21 Nov 2026 12:01:30 GMT   | 90
          Sat, 21 Nov 2026 14:30:00 GMT   | 3600
          Saturday, 21-Nov-26 12:01:30 GMT | 90
          Wednesday, 21-Nov-57 12:00:00 GMT | 3600
          Sat Nov 21 12:01:30 2026        | 90
          Tue Dec  1 12:00:00 2026        | 3600
          """)
  void datesAreHonouredInTheThreeFormatsUpToTheMaximum(String value, long seconds) {
    assertThat(delay(value, MOST)).isEqualTo(Duration.ofSeconds(seconds));
  }

  /** By RFC 9110 it is "at once"; who says so for ever must not be called without a pause. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "0",
        "000",
        "Fri, 21 Nov 2025 12:00:00 GMT",
        "Sat, 21 Nov 2026 11:59:59 GMT",
        "Sat, 21 Nov 2026 12:00:00 GMT",
        "Friday, 21-Nov-25 12:00:00 GMT",
        "Sunday, 21-Nov-93 12:00:00 GMT", // Not 2093.
        "Fri Nov 21 12:00:00 2025",
      })
  void zeroAndATimeThatIsOverMeanASecond(String value) {
    assertThat(delay(value, MOST)).isEqualTo(Duration.ofSeconds(1));
    assertThat(delay(value, Duration.ofMillis(300))).isEqualTo(Duration.ofMillis(300));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "soon",
        "-5",
        "1.5",
        "",
        "Saturday, 21-Nov-93 12:00:00 GMT", // It would be in 2093.
        "Sat Nov 21 12:01:30",
      })
  void anythingElseMeansTheBackoff(String value) {
    assertThat(delay(value, MOST)).isNull();
  }

  @Test
  void whereNoneIsHeededTheBackoffCountsAndNotZero() {
    assertThat(delay("5", Duration.ZERO)).isNull();
    assertThat(delay("0", Duration.ZERO)).isNull();
  }

  private Duration delay(String value, Duration retryAfterMax) {
    target.answers(exchange -> {
      exchange.getResponseHeaders().set("Retry-After", value);
      exchange.sendResponseHeaders(503, -1);
    });
    WebhookHandler.Settings settings = target.settings(retryAfterMax, Duration.ofSeconds(10));
    try (WebhookHandler handler =
        new WebhookHandler(settings, work.queue, InstantSource.fixed(NOW))) {
      Message message = Message.of("order", "{}");
      return ((Outcome.Retry) handler.handle(work.delivery(message))).delay();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
