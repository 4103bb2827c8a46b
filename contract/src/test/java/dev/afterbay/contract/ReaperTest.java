package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** What the engine's sweeps do when the calendar is set while they run. */
class ReaperTest {

  private static final Message MESSAGE = Message.of("note", "hello").tracked();

  private final TestClock clock = new TestClock();
  private final Store store = MemoryStore.open(new MemoryTables(), clock, Ledger.Sizes.STANDARD);

  /** Between the store's look at the clock and the engine's. */
  @Test
  void whatHasNotExpiredAnyMoreStaysAndHindersNoOther() {
    AtomicReference<Instant> set = new AtomicReference<>();
    AtomicInteger looks = new AtomicInteger();
    Store setBack =
        AroundStore.of(
            store,
            "overdue",
            (overdue, call) -> {
              Object answer = call.get();
              if (overdue == Overdue.EXPIRED) {
                looks.incrementAndGet();
                Instant wall = set.getAndSet(null);
                if (wall != null) {
                  clock.setWall(wall);
                }
              }
              return answer;
            });
    try (store;
        Engine engine = Engine.open(setBack, settings())) {
      Queue queue = engine.queue("q");
      JobId early = queue.send(MESSAGE.timeToLive(Duration.ofMinutes(1)));
      JobId late = queue.send(MESSAGE.timeToLive(Duration.ofHours(1)));
      clock.setWall(TestClock.START.plus(Duration.ofHours(2)));
      set.set(TestClock.START.plus(Duration.ofMinutes(2)));
      clock.advance(Duration.ofMillis(250));

      assertThat(engine.jobs().orElseThrow().find(early).orElseThrow().status().kind())
          .isEqualTo(Status.Kind.FAILED);
      assertThat(engine.jobs().orElseThrow().find(late).orElseThrow().status().kind())
          .isEqualTo(Status.Kind.PENDING);
      assertThat(looks).as("no sweep without an end").hasValueLessThan(5);

      int before = looks.get();
      set.set(TestClock.START.plus(Duration.ofMinutes(3)));
      clock.setWall(TestClock.START.plus(Duration.ofHours(2)));
      clock.advance(Duration.ofMillis(250));
      assertThat(looks).as("with nothing to do it ends").hasValueLessThan(before + 4);
      clock.setWall(TestClock.START.plus(Duration.ofHours(2)));
      clock.advance(Duration.ofMillis(250));
      assertThat(engine.jobs().orElseThrow().find(late).orElseThrow().status().kind())
          .isEqualTo(Status.Kind.FAILED);
    }
  }

  private static Engine.Settings settings() {
    return Engine.Settings.standard().background(Runnable::run);
  }
}
