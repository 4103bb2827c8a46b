package dev.afterbay.store;

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
class LanesTest {

  private static final Moment NOW = new Moment(Instant.parse("2026-01-01T00:00:00Z"), 77);

  private final Tables tables = new Group(new MemoryTables());
  private final Book book = new Book("q");
  private final Shelf shelf = new Shelf(tables, _ -> book, new JobId(new UUID(0, 0)));
  private final Lanes lanes = new Lanes(tables, shelf, 10);

  /** Types are the senders' words, so there may be any number of them in time. */
  @Test
  void aLaneWithoutJobsLeavesMemory() {
    Live first = offered(1);
    Live second = offered(2);
    lanes.withdraw(first);
    assertThat(book.lanes).hasSize(1);
    lanes.withdraw(second);
    assertThat(book.lanes).isEmpty();
  }

  @Test
  void aLaneOfWhichNothingIsInMemoryLeavesWithItsLastJob() {
    Live first = offered(1);
    Live second = offered(2);
    tables.write();
    book.lanes.clear();
    book.heads.move(Objects.requireNonNull(book.heads.next(_ -> true, null)), null);
    Lanes reopened = new Lanes(tables, shelf, 10);
    reopened.restore(_ -> book);
    assertThat(book.lanes).hasSize(1);

    reopened.withdraw(first);
    tables.write();
    assertThat(Objects.requireNonNull(book.heads.next(_ -> true, null)).head)
        .isEqualTo(second.head);
    reopened.withdraw(second);
    assertThat(book.lanes).isEmpty();
    assertThat(book.heads.next(_ -> true, null)).isNull();
  }

  private Live offered(int number) {
    JobId id = new JobId(new UUID(0x7000, 1L << 63 | number));
    Job job = Job.created(id, "q", Message.of("note", ""), QueueSettings.STANDARD, NOW);
    Live entry = shelf.append(job.accepted(number));
    lanes.offer(entry);
    return entry;
  }
}
