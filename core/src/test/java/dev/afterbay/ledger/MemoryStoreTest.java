package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Store;
import dev.afterbay.store.SystemClock;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class MemoryStoreTest {

  @Test
  void afterACommitThatThrewHalfWayNothingIsAnswered() {
    AtomicBoolean broken = new AtomicBoolean();
    try (SystemClock clock = new SystemClock();
        MemoryStore store =
            MemoryStore.open(new BreakingTables(broken), clock, Ledger.Sizes.STANDARD)) {
      broken.set(true);
      assertThatThrownBy(() -> store.commit(append(store, 1)))
          .isInstanceOf(IllegalStateException.class);
      broken.set(false);
      assertThatThrownBy(() -> store.commit(append(store, 2)))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasRootCauseMessage("no room");
      assertThatThrownBy(() -> store.stats("q")).isInstanceOf(BrokerException.Unavailable.class);
    }
  }

  private static Commit append(Store store, long id) {
    JobId job = new JobId(new UUID(0x7000, 1L << 63 | id));
    Message message = Message.of("note", "");
    return Commit.synced(
        new Change.Append(
            Job.created(job, "q", message, QueueSettings.STANDARD, store.clock().now()), null));
  }

  /** Fails when it is written to. */
  private record BreakingTables(Tables tables, AtomicBoolean broken) implements Tables {

    BreakingTables(AtomicBoolean broken) {
      this(new MemoryTables(), broken);
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      return tables.get(table, key);
    }

    @Override
    public void scan(
        Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
      tables.scan(table, from, to, backwards, visitor);
    }

    @Override
    public void put(Table table, byte[] key, byte[] value) {
      if (broken.get() && table == Table.READY) {
        throw new IllegalStateException("no room");
      }
      tables.put(table, key, value);
    }

    @Override
    public void delete(Table table, byte[] key) {
      tables.delete(table, key);
    }

    @Override
    public void write() {
      tables.write();
    }
  }
}
