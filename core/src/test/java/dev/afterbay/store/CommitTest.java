package dev.afterbay.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What may stand beside what in a commit: no guard looks at what an earlier change makes. */
class CommitTest {

  private static final Instant WALL = Instant.parse("2026-01-01T00:00:00Z");
  private static final Moment NOW = new Moment(WALL, 77);
  private static final Job JOB = job(1);
  private static final JobId ID = JOB.id();

  private static final Change APPEND = new Change.Append(JOB, null);
  private static final Change SWAP = new Change.Swap(ID, 0, JOB.deleted(NOW));
  private static final Change NEXT_SWAP = new Change.Swap(ID, 1, JOB.deleted(NOW));
  private static final Change RENEW = new Change.Renew(ID, 5, 60_000);
  private static final Change ENDED = new Change.Ended(ID, true);
  private static final Change PUT = new Change.Put(new Setting("note", "n", 1, Map.of("a", "b")));
  private static final Change NEXT_PUT = new Change.Put(new Setting("note", "n", 2, Map.of()));
  private static final Change FREE = new Change.Hold("q", "s", 5, null);
  private static final Change KEEP = new Change.Hold("q", "s", 5, 60_000L);
  private static final Change FORGET = new Change.Forget("q", Status.Kind.FAILED, WALL, 10);
  private static final Change DROP = new Change.Drop("q");

  @Test
  void aJobIsChangedOnce() {
    for (Change first : List.of(APPEND, SWAP, RENEW, ENDED)) {
      for (Change second : List.of(APPEND, SWAP, NEXT_SWAP, RENEW)) {
        refused(1, 0, first, second);
      }
    }
  }

  @Test
  void theEndOfAPredecessorMayFollowWhatChangesItsJob() {
    for (Change first : List.of(APPEND, SWAP, RENEW, ENDED)) {
      allowed(first, ENDED);
      allowed(first, ENDED, ENDED);
    }
    refused(2, 0, ENDED, ENDED, SWAP);
  }

  @Test
  void aSettingOrASessionIsChangedOnce() {
    refused(1, 0, PUT, NEXT_PUT);
    refused(1, 0, FREE, FREE);
    refused(1, 0, FREE, KEEP);
    refused(1, 0, KEEP, FREE);
    allowed(PUT, new Change.Put(new Setting("note", "m", 1, Map.of())));
    allowed(PUT, new Change.Put(new Setting("mote", "n", 1, Map.of())));
    allowed(FREE, new Change.Hold("q", "t", 5, null), new Change.Hold("r", "s", 5, null));
  }

  /** A session that is freed hands back the job that its consumer had; which one is not said. */
  @Test
  void noJobIsChangedAfterChangesOfJobsThatAreNotNamed() {
    for (Change first : List.of(FREE, KEEP, FORGET)) {
      refused(1, 0, first, SWAP);
      refused(2, 0, first, PUT, RENEW);
      allowed(SWAP, first);
      allowed(first, APPEND);
    }
    allowed(FORGET, FORGET);
  }

  @Test
  void aQueueIsNotDroppedAfterAnAppendToIt() {
    refused(2, 1, PUT, APPEND, DROP);
    refused(1, 0, DROP, DROP);
    allowed(DROP, APPEND);
    allowed(APPEND, new Change.Drop("other"));
    allowed(PUT, DROP);
  }

  @Test
  void aCommitHasOneToAThousandChanges() {
    assertThatIllegalArgumentException().isThrownBy(() -> Commit.synced(List.of()));
    Commit.synced(Collections.nCopies(1_000, ENDED));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Commit.synced(Collections.nCopies(1_001, ENDED)));
  }

  private static void allowed(Change... changes) {
    assertThat(Commit.synced(Arrays.asList(changes)).changes()).containsExactly(changes);
  }

  private static void refused(int change, int earlier, Change... changes) {
    assertThatExceptionOfType(BrokerException.Rejected.class)
        .as("%s", Arrays.asList(changes))
        .isThrownBy(() -> Commit.synced(Arrays.asList(changes)))
        .withMessageContaining("change " + change + " of a commit")
        .withMessageContaining("which change " + earlier + " may")
        .matches(e -> e.field().equals("changes"));
  }

  private static Job job(int number) {
    JobId id = new JobId(new UUID(0x7000, 1L << 63 | number));
    return Job.created(id, "q", Message.of("note", "hi"), QueueSettings.STANDARD, NOW);
  }
}
