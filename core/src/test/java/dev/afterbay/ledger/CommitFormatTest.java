package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.afterbay.Attempt;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Setting;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** The bytes of a commit, with what they keep room for. */
class CommitFormatTest {

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
  void everyChangeIsReadAsItWasWritten() {
    for (Change change : changes()) {
      Commit commit = Commit.written(change);
      assertThat(CommitFormat.decode(CommitFormat.encode(commit))).isEqualTo(commit);
    }
    Commit all = Commit.synced(changes());
    assertThat(CommitFormat.decode(CommitFormat.encode(all))).isEqualTo(all);
  }

  @Test
  void bytesThatEndTooEarlyOrGoOnAreNoCommit() {
    byte[] whole = CommitFormat.encode(Commit.synced(changes()));
    for (int length = 0; length < whole.length; length++) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatIllegalArgumentException()
          .as("%d of %d bytes", length, whole.length)
          .isThrownBy(() -> CommitFormat.decode(cut));
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CommitFormat.decode(Arrays.copyOf(whole, whole.length + 1)));
  }

  @Test
  void whatANewerVersionWroteIsRefused() {
    byte[] version = CommitFormat.encode(Commit.written(new Change.Drop("q")));
    version[0]++;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CommitFormat.decode(version))
        .withMessageContaining("another version");

    Change.Unique key = new Change.Unique("k", LATER);
    byte[] scope = CommitFormat.encode(Commit.written(new Change.Append(job(), key)));
    scope[scope.length - 8 - 1 - 1 - 1] = 1;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CommitFormat.decode(scope))
        .withMessageContaining("scope");
  }

  private static List<Change> changes() {
    Job job = job();
    Lease lease = new Lease("worker", 1L << 40 | 5, NOW.wall(), 30_077, true);
    Job processing = job.with(job.claimed(lease, NOW).after(), null);
    Attempt failed =
        new Attempt("worker", NOW.wall(), LATER, Outcome.retry("no", Duration.ofSeconds(1)));
    State s = job.state();
    State waiting =
        new State(
            0,
            new Status.Waiting(3, 1),
            0,
            1,
            2,
            true,
            true,
            List.of(new JobId(new UUID(0x7000, 1L << 63 | 9))),
            s.since(),
            LATER,
            s.changedAt());
    return List.of(
        new Change.Append(job, null),
        new Change.Append(job(1).with(waiting, failed), new Change.Unique("k", LATER)),
        new Change.Swap(id(2), 0, job.claimed(lease, NOW)),
        new Change.Swap(
            id(3),
            1,
            processing.settled(
                Outcome.fail("bad"), QueueSettings.STANDARD, NOW, new SplittableRandom(1))),
        new Change.Swap(id(4), 2, job.deleted(NOW)),
        new Change.Renew(id(5), lease.fence(), 60_000),
        new Change.Note(id(6), lease.fence(), new JobNotes.Progress(0.1, "a tenth")),
        new Change.Note(id(7), lease.fence(), new JobNotes.Checkpoint(new byte[] {1, 2})),
        new Change.Note(id(8), lease.fence(), new JobNotes.Result("text/plain", new byte[1], 7)),
        new Change.Note(id(9), lease.fence(), new JobNotes.Line("one")),
        new Change.Ended(job.id(), true),
        new Change.Ended(job.id(), false),
        new Change.Hold("q", "s", lease.fence(), 0L),
        new Change.Hold("q", "", lease.fence(), null),
        new Change.Put(new Setting("note", "n", 3, Map.of("a", "", "b", "c"))),
        new Change.Put(new Setting("note", "m", 4, Map.of())),
        new Change.Forget("q", Status.Kind.FAILED, LATER, 1_000),
        new Change.Drop("other"));
  }

  private static Job job() {
    return job(0);
  }

  private static Job job(int number) {
    return Job.created(id(number), "q", MESSAGE, QueueSettings.STANDARD, NOW);
  }

  private static JobId id(int number) {
    return new JobId(new UUID(0x7000, 1L << 63 | number));
  }
}
