package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Attempt;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bytes of the records. */
class RowFormatTest {

  private static final Moment NOW = new Moment(Instant.parse("2026-01-01T00:00:00Z"), 77);
  private static final Instant LATER = NOW.wall().plusSeconds(60);

  private static final Message MESSAGE =
      Message.of("note", "hello")
          .attributes(Map.of("a", "b"))
          .session("s")
          .key("k", Duration.ofHours(1))
          .priority(7)
          .delay(Duration.ofSeconds(3))
          .timeToLive(Duration.ofDays(1))
          .maxAttempts(9)
          .tracked();

  @Test
  void aJobIsReadAsItWasWritten() {
    for (Message message : List.of(MESSAGE, Message.of("note", ""))) {
      Job job = Job.created(id(0), "q", message, QueueSettings.STANDARD, NOW);
      assertThat(RowFormat.body(job.id(), RowFormat.body(job), true)).isEqualTo(job);
      Job listed = RowFormat.body(job.id(), RowFormat.body(job), false);
      assertThat(listed.message().attributes()).isEqualTo(message.attributes());
      assertThat(listed.message().body()).isEmpty();
      assertThat(listed.bare()).isEqualTo(job.bare());
    }
  }

  @Test
  void aStateIsReadAsItWasWrittenWithItsLastAttempt() {
    Lease lease = new Lease("worker", 1L << 40 | 5, NOW.wall(), 30_077, true);
    List<Status> statuses =
        List.of(
            new Status.Pending(new Due.At(LATER)),
            new Status.Pending(new Due.AtTick(88)),
            new Status.Waiting(3, 1),
            new Status.Processing(lease),
            new Status.Done(LATER),
            new Status.Failed(LATER, Status.Reason.GIVEN_UP, "no"),
            new Status.Cancelled(LATER),
            new Status.Gone());
    List<Outcome> outcomes =
        List.of(
            Outcome.done(),
            Outcome.retry("no"),
            Outcome.retry("no", Duration.ofSeconds(1)),
            Outcome.fail("bad"),
            Outcome.release());
    for (Status status : statuses) {
      for (Outcome outcome : outcomes) {
        State state =
            new State(
                5,
                status,
                4,
                1,
                2,
                true,
                true,
                List.of(id(9)),
                NOW.wall(),
                LATER,
                NOW.wall(),
                null);
        State given = state.rescheduledTo(LATER);
        Attempt last = new Attempt("worker", NOW.wall(), LATER, outcome);
        for (State each : List.of(state, given)) {
          RowReader in = new RowReader(RowFormat.state(each, last));
          State read = RowFormat.state(in);
          assertThat(read).as("what an older program reads").isEqualTo(state);
          assertThat(RowFormat.lastAttempt(in)).isEqualTo(last);
          assertThat(RowFormat.rescheduled(in, read)).isEqualTo(each);
        }
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void whyAJobFailedIsReadAsItWasWritten(Status.Reason reason) {
    byte[] row = RowFormat.state(failed(reason), null);
    assertThat(RowFormat.state(new RowReader(row))).isEqualTo(failed(reason));
  }

  /** The byte of the flags stands behind four numbers of a byte each. */
  @Test
  void aFailureWithoutItsReasonIsReadAsARejection() {
    byte[] row = RowFormat.state(failed(Status.Reason.GIVEN_UP), null);
    row[4] = 0;
    assertThat(RowFormat.state(new RowReader(row))).isEqualTo(failed(Status.Reason.REJECTED));
  }

  private static State failed(Status.Reason reason) {
    Job job = Job.created(id(0), "q", MESSAGE, QueueSettings.STANDARD, NOW);
    return job.state().in(new Status.Failed(LATER, reason, "given up after PT1M: no host"));
  }

  @Test
  void settingsAndHoldsAreReadAsTheyWereWritten() {
    Setting setting = new Setting("note", "n", 3, Map.of("a", "", "b", "c"));
    assertThat(RowFormat.setting("note", "n", RowFormat.setting(setting))).isEqualTo(setting);
    SessionLease held = new SessionLease("s", "worker", 1L << 40 | 5, 30_077);
    assertThat(RowFormat.held("s", RowFormat.held(held))).isEqualTo(held);
  }

  private static JobId id(int number) {
    return new JobId(new UUID(0x7000, 1L << 63 | number));
  }
}
