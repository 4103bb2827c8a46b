package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import java.time.Instant;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is kept in memory of lanes that come and go. */
class ReadyIndexTest {

  private static final Moment NOW = new Moment(Instant.parse("2026-01-01T00:00:00Z"), 77);

  private final Tables tables = new WriteBuffer(new MemoryTables());
  private final QueueEntry book = new QueueEntry("q");
  private final JobCache cache = new JobCache(tables, _ -> book, new JobId(new UUID(0, 0)));
  private final ReadyIndex ready = new ReadyIndex(tables, cache, 10);

  /** Types are the senders' words, so there may be any number of them in time. */
  @Test
  void aLaneWithoutJobsLeavesMemory() {
    CachedJob first = offered(1);
    CachedJob second = offered(2);
    ready.withdraw(first);
    assertThat(book.ready).hasSize(1);
    ready.withdraw(second);
    assertThat(book.ready).isEmpty();
  }

  @Test
  void aLaneOfWhichNothingIsInMemoryLeavesWithItsLastJob() {
    CachedJob first = offered(1);
    CachedJob second = offered(2);
    tables.write();
    book.ready.clear();
    book.heads.move(Objects.requireNonNull(book.heads.next(_ -> true, null)), null);
    ReadyIndex reopened = new ReadyIndex(tables, cache, 10);
    reopened.restore(_ -> book);
    assertThat(book.ready).hasSize(1);

    reopened.withdraw(first);
    tables.write();
    assertThat(Objects.requireNonNull(book.heads.next(_ -> true, null)).head)
        .isEqualTo(second.head);
    reopened.withdraw(second);
    assertThat(book.ready).isEmpty();
    assertThat(book.heads.next(_ -> true, null)).isNull();
  }

  private CachedJob offered(int number) {
    JobId id = new JobId(new UUID(0x7000, 1L << 63 | number));
    Job job = Job.created(id, "q", Message.of("note", ""), QueueSettings.STANDARD, NOW);
    CachedJob entry = cache.append(job.accepted(number));
    ready.offer(entry);
    return entry;
  }
}
