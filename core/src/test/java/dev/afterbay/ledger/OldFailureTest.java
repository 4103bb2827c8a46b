package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.Status;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Why a job is failed, as it stands in its record and as it stood in format 3. */
final class OldFailureTest {

  private static final Instant AT = Instant.ofEpochMilli(1_000);

  /** Where the byte of the flags stands: behind four numbers of a byte each. */
  private static final int FLAGS = 4;

  @ParameterizedTest
  @CsvSource({
    "max deliveries exceeded: no host, MAX_DELIVERIES, no host",
    "given up after PT1M: no: host, GIVEN_UP, no: host",
    "expired, EXPIRED, expired",
    "no host, REJECTED, no host",
    "given up, REJECTED, given up"
  })
  void aReasonOfFormat3IsReadFromItsError(String text, Status.Reason reason, String error) {
    byte[] row = RowFormat.state(failed(Status.Reason.REJECTED, text), null);
    row[FLAGS] = 0;
    assertThat(RowFormat.state(new RowReader(row)).status())
        .isEqualTo(new Status.Failed(AT, reason, error));
  }

  @ParameterizedTest
  @EnumSource
  void aReasonOfThisFormatIsReadAsItIs(Status.Reason reason) {
    State state = failed(reason, "max deliveries exceeded: said the handler");
    byte[] row = RowFormat.state(state, null);
    assertThat(RowFormat.state(new RowReader(row)).status()).isEqualTo(state.status());
  }

  private static State failed(Status.Reason reason, String error) {
    Moment now = new Moment(AT, 0);
    Job job =
        Job.created(
            new JobId(new UUID(0x7000, 1L << 63)),
            "q",
            Message.of("t", ""),
            QueueSettings.STANDARD,
            now);
    return job.state().in(new Status.Failed(AT, reason, error));
  }
}
