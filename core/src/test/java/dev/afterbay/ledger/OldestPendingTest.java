package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/** The oldest need not be the first: those that a consumer gave back stand before it. */
class OldestPendingTest {

  private Moment now = new Moment(Instant.parse("2026-01-01T00:00:00Z"), 1_000);
  private final Store store = MemoryStore.open(new StoppedClock());

  @Test
  void itIsSeenBehindThoseThatWereGivenBack() {
    isSeen(500, _ -> Message.of("note", ""), Message.of("note", ""));
  }

  @Test
  void itIsSeenBehindSessionsThatWereGivenBack() {
    isSeen(500, n -> Message.of("note", "").session("s" + n % 250), Message.of("note", ""));
  }

  @Test
  void itIsSeenBesideAnyNumberOfAnotherType() {
    isSeen(3_000, _ -> Message.of("other", ""), Message.of("note", ""));
  }

  private void isSeen(int many, LongFunction<Message> messages, Message oldest) {
    for (int n = 0; n < many; n++) {
      send(n, messages.apply(n));
    }
    Claim claim = new Claim("q", "worker", 60_000, false, many, ReceiveOptions.Types.ALL, null);
    List<Job> claimed = store.claim(claim);
    send(many, oldest);
    now = new Moment(now.wall().plusSeconds(3), now.tick() + 3_000);
    for (Job job : claimed) {
      Change back =
          new Change.Swap(
              job.id(),
              job.state().version(),
              job.released(QueueSettings.STANDARD, store.clock().now()));
      store.commit(Commit.written(back));
    }
    assertThat(store.stats("q").oldestPendingAge()).isEqualTo(Duration.ofSeconds(3));
  }

  private void send(long number, Message message) {
    JobId id = new JobId(new UUID(now.wall().toEpochMilli() << 16 | 0x7000, 1L << 63 | number));
    Job job = Job.created(id, "q", message, QueueSettings.STANDARD, store.clock().now());
    store.commit(Commit.synced(new Change.Append(job, null)));
  }

  private final class StoppedClock implements Clock {
    @Override
    public Moment now() {
      return now;
    }

    @Override
    public Alarm at(long tick, Runnable action) {
      return () -> {};
    }
  }
}
