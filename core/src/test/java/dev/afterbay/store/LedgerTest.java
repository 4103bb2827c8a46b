package dev.afterbay.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiving;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What only a group shows that has gathered calls of several callers. */
class LedgerTest {

  private static final Moment NOW = new Moment(Instant.parse("2026-01-01T00:00:00Z"), 77);

  private Moment now = NOW;
  private final Ledger ledger =
      Ledger.open(new MemoryTables(), new StoppedClock(), Ledger.Sizes.STANDARD);

  @Test
  void aSessionThatIsHeldInTheGroupThatEndedItsLastJobStaysHeld() {
    JobId id = new JobId(new UUID(0x7000, 1L << 63));
    Message message = Message.of("note", "").session("s");
    Job job = Job.created(id, "q", message, QueueSettings.STANDARD, NOW);
    ledger.commit(Commit.synced(new Change.Append(job, null)));
    ledger.write();

    ledger.commit(Commit.synced(new Change.Swap(id, 0, job.deleted(NOW))));
    Held held = ledger.hold("q", "s", "holder", 1_000);
    ledger.write();
    assertThat(held).isNotNull();
    assertThat(ledger.held("q", "s")).isEqualTo(held);
    Claim claim = new Claim("q", "other", 1_000, false, 1, Receiving.Types.ALL, null);
    ledger.commit(Commit.synced(new Change.Append(job, null)));
    assertThat(ledger.claim(claim).jobs()).isEqualTo(List.of());
  }

  @Test
  void oneGroupMakesFewJobsDue() {
    for (int i = 0; i < 1_000; i++) {
      JobId id = new JobId(new UUID(0x7000, 1L << 63 | i));
      Message message = Message.of("note", "").delay(Duration.ofSeconds(1));
      Job job = Job.created(id, "q", message, QueueSettings.STANDARD, NOW);
      ledger.commit(Commit.synced(new Change.Append(job, null)));
    }
    ledger.write();

    now = new Moment(NOW.wall().plusSeconds(2), NOW.tick() + 2_000);
    assertThat(ledger.promote()).as("asks to be called again").isLessThanOrEqualTo(now.tick());
    ledger.write();
    assertThat(ledger.stats("q").pending()).isBetween(1L, 100L);
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
