package dev.afterbay.client.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Texts on the wire, without a wire. */
final class WireTest {

  @ParameterizedTest
  @CsvSource({
    "0s,PT0S,0s",
    "500ms,PT0.5S,500ms",
    "1500ms,PT1.5S,1500ms",
    "30s,PT30S,30s",
    "90s,PT90S,90s",
    "60s,PT1M,1m",
    "5m,PT5M,5m",
    "24h,P1D,1d",
    "2h,PT2H,2h",
    "7d,P7D,7d",
    "PT30S,PT30S,30s",
    "P1DT1H,PT25H,25h",
    "PT1H1M1.5S,PT1H1M1.5S,3661500ms",
    "PT0.0001S,PT0.0001S,PT0.0001S"
  })
  void durationsAreReadInEitherSpelling(String text, Duration duration, String shortest) {
    assertThat(Durations.parse("x", text)).isEqualTo(duration);
    assertThat(Durations.format(duration)).isEqualTo(shortest);
    assertThat(Durations.parse("x", shortest)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "5",
        "s",
        "5 s",
        "-5s",
        "+5s",
        "5S",
        "1.5s",
        "5w",
        "1h30m",
        "99999999999d",
        "P",
        "PT",
        "PT-5S",
        "PT+5S",
        "Pt5S",
        "PT0,5S",
        "P-1DT25H",
        "P1DT",
        "PT99999999999S",
        "٥s",
        "５s"
      })
  void whatIsNoDurationIsRefused(String text) {
    assertThatThrownBy(() -> Durations.parse("lease", text))
        .isInstanceOfSatisfying(
            BrokerException.Rejected.class, e -> assertThat(e.field()).isEqualTo("lease"));
  }

  @ParameterizedTest
  @CsvSource({
    "1970-01-01T00:00:00Z,1970-01-01T00:00:00.000Z",
    "2026-02-28T23:59:59.999999Z,2026-02-28T23:59:59.999Z",
    "2028-02-29T01:02:03.004Z,2028-02-29T01:02:03.004Z",
    "0001-01-01T00:00:00Z,0001-01-01T00:00:00.000Z",
    "1969-12-31T23:59:59.5Z,1969-12-31T23:59:59.500Z"
  })
  void timesHaveMilliseconds(Instant time, String text) {
    assertThat(Times.format(time)).isEqualTo(text);
    assertThat(Times.parse("x", text)).isEqualTo(Instant.parse(text));
  }

  @ParameterizedTest
  @CsvSource({
    "2026-11-20T09:30:00Z,2026-11-20T09:30:00Z",
    "2026-11-20t09:30:00z,2026-11-20T09:30:00Z",
    "2026-11-20T09:30:00.1+00:00,2026-11-20T09:30:00.1Z",
    "2026-11-20T09:30:00.123456789-05:30,2026-11-20T15:00:00.123456789Z",
    "2026-11-20T09:30:00-00:00,2026-11-20T09:30:00Z",
    "2026-11-20T00:30:00+23:59,2026-11-19T00:31:00Z",
    // In a query a plus sign means a space.
    "2026-11-20T09:30:00 01:00,2026-11-20T08:30:00Z",
    "2000-02-29T00:00:00Z,2000-02-29T00:00:00Z",
  })
  void timesAreThoseOfRfc3339(String text, Instant time) {
    assertThat(Times.parse("x", text)).isEqualTo(time);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "2027-02-29T00:00:00Z",
        "2027-02-30T00:00:00Z",
        "2027-02-31T00:00:00Z",
        "2027-04-31T00:00:00Z",
        "1900-02-29T00:00:00Z",
        "2027-01-32T00:00:00Z",
        "2027-00-01T00:00:00Z",
        "2027-13-01T00:00:00Z",
        "2027-01-00T00:00:00Z",
        "2027-01-01T24:00:00Z",
        "2027-01-01T00:60:00Z",
        // A leap second would have to become another time.
        "2016-12-31T23:59:60Z",
        "2027-01-01T00:00Z",
        "2027-01-01T00:00:00",
        "2027-01-01T00:00:00.Z",
        "2027-01-01T00:00:00,5Z",
        "2027-01-01T00:00:00.1234567891Z",
        "2027-01-01T00:00:00+1:00",
        "2027-01-01T00:00:00+01",
        "2027-01-01T00:00:00+0100",
        "2027-01-01T00:00:00+01:00:00",
        "2027-01-01T00:00:00+24:00",
        "2027-01-01T00:00:00+01:60",
        "2027-01-01T00:00:00Z[UTC]",
        "2027-01-01T00:00:00ZZ",
        "2027-01-01 00:00:00Z",
        "2027-1-01T00:00:00Z",
        "20270101T000000Z",
        "+12027-01-01T00:00:00Z",
        "-2027-01-01T00:00:00Z",
        "٢٠٢٧-01-01T00:00:00Z"
      })
  void aTimeThatDoesNotExistIsRefused(String text) {
    assertThatThrownBy(() -> Times.parse("run_at", text))
        .isInstanceOfSatisfying(
            BrokerException.Rejected.class, e -> assertThat(e.field()).isEqualTo("run_at"));
  }

  @Test
  void everyFailureHasItsProblem() {
    problem(new BrokerException.Rejected("f", "x"), 400, "invalid");
    problem(BrokerException.Rejected.tooLarge("f", "x"), 413, "too-large");
    problem(new BrokerException.QueueNotFound("q"), 404, "not-found");
    problem(new BrokerException.JobNotFound(new JobId(new UUID(1, 2))), 404, "not-found");
    problem(new BrokerException.Conflict("x"), 409, "conflict");
    problem(new BrokerException.LeaseLost("q"), 409, "lease-lost");
    problem(new BrokerException.SessionLost("q"), 409, "session-lost");
    problem(new BrokerException.QueueFull("q", 5), 429, "queue-full");
    problem(new BrokerException.DiskFull("x"), 507, "disk-full");
    problem(new BrokerException.Unsupported("x"), 422, "unsupported");
    problem(new BrokerException.Unavailable("x"), 503, "unavailable");
    problem(new BrokerException.OutcomeUnknown("x", new Exception()), 500, "outcome-unknown");
  }

  /** There and back. */
  private static void problem(BrokerException e, int status, String word) {
    Problem problem = Problem.of(e);
    assertThat(problem.type().status()).isEqualTo(status);
    assertThat(problem.type().word()).isEqualTo(word);
    boolean later = status == 429 || status == 503 || status == 507;
    assertThat(problem.retryAfter() != null).isEqualTo(later);

    Problem.Said said = Objects.requireNonNull(Problem.read(problem.json()));
    Problem.Subject subject =
        e instanceof BrokerException.JobNotFound
            ? Problem.Subject.of(new JobId(new UUID(1, 2)))
            : Problem.Subject.of("q");
    BrokerException back = Problem.exception(said, subject);
    assertThat(back).hasSameClassAs(e).hasMessage(e.getMessage());
  }
}
