package dev.afterbay.rocksdb;

import dev.afterbay.Job;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.contract.TestClock;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SequencerTest {

  private static final Duration DELAY = Duration.ofSeconds(5);

  @TempDir Path directory;

  private final TestClock clock = new TestClock();

  /** Nobody asks for anything meanwhile: only the alarm can make the job due. */
  @Test
  void anAlarmThatRingsWhileAGroupRunsIsNotTheLastOne() {
    AtomicBoolean ringsNow = new AtomicBoolean();
    AtomicInteger due = new AtomicInteger();
    try (RocksStore store = RocksStore.open(directory, TestStores.SETTINGS.clock(clock))) {
      store.wake(wake -> {
        if (wake.queue().equals("late")) {
          due.incrementAndGet();
        } else if (ringsNow.getAndSet(false)) {
          clock.advance(Duration.ofMillis(1_500));
        }
      });
      delayed(store, 1);
      Waiting.untilParked("afterbay-ledger", "Sequencer.idle");
      ringsNow.set(true);
      TestStores.send(store, 2);
      Waiting.until("the group is over", () -> !ringsNow.get());
      Waiting.untilParked("afterbay-ledger", "Sequencer.idle");

      for (int number = 3; number < 6; number++) {
        int before = due.get();
        delayed(store, number);
        Waiting.untilParked("afterbay-ledger", "Sequencer.idle");
        clock.advance(DELAY);
        Waiting.until("job " + number + " is due", () -> due.get() > before);
      }
    }
  }

  private static void delayed(RocksStore store, long number) {
    Message message = Message.of("note", "").delay(DELAY);
    Job job =
        Job.created(
            TestStores.id(number), "late", message, QueueSettings.STANDARD, store.clock().now());
    store.commit(Commit.synced(new Change.Append(job, null)));
  }
}
