package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A redrive goes on at its rate, in the background, and without a list of what it redrives. */
class EngineRedriveTest {

  private static final Message MESSAGE = Message.of("note", "hello").tracked();

  private final TestClock clock = new TestClock();

  @Test
  void aRedriveAtARateEndsWithItsEngine() throws Exception {
    try (Store store = openStore()) {
      try (Engine engine = Engine.open(store, settings())) {
        Queue queue = engine.queue("q");
        queue.send(List.of(MESSAGE, MESSAGE, MESSAGE));
        queue.receiver().receive(3, Duration.ZERO).forEach(each -> each.fail("no"));
        queue.admin().orElseThrow().redrive(Redrive.ALL.perSecond(1));
      }
      clock.advance(Duration.ofSeconds(10));
      assertThat(store.stats("q").failed()).isEqualTo(2);
    }
  }

  @Test
  void aRedriveKeepsItsRateHoweverLongTheWorkOfASecondTakes() throws Exception {
    AtomicBoolean slow = new AtomicBoolean();
    try (Store store = openStore()) {
      Store taking =
          AroundStore.of(
              store,
              "commit",
              (_, call) -> {
                Object answer = call.get();
                if (slow.getAndSet(false)) {
                  clock.advance(Duration.ofMillis(600));
                }
                return answer;
              });
      try (Engine engine = Engine.open(taking, settings())) {
        Queue queue = engine.queue("q");
        queue.send(Collections.nCopies(20, MESSAGE));
        die(queue, 20);
        slow.set(true);
        queue.admin().orElseThrow().redrive(Redrive.ALL.perSecond(10));
        assertThat(slow).isFalse();
        assertThat(queue.stats().pending()).isEqualTo(10);
        clock.advance(Duration.ofMillis(400));
        assertThat(queue.stats().pending()).isEqualTo(20);
      }
    }
  }

  @Test
  void aRedriveAtARateFindsItsJobsPageByPage() throws Exception {
    AtomicInteger pages = new AtomicInteger();
    try (Store store = openStore()) {
      Store counting = AroundStore.counting(store, "ended", pages);
      try (Engine engine = Engine.open(counting, settings())) {
        Queue queue = engine.queue("q");
        queue.send(Collections.nCopies(500, MESSAGE));
        die(queue, 500);
        queue.admin().orElseThrow().redrive(Redrive.ALL.perSecond(100));
        assertThat(queue.stats().pending()).isEqualTo(100);
        die(queue, 10);
        for (int second = 2; second <= 5; second++) {
          pages.set(0);
          clock.advance(Duration.ofSeconds(1));
          assertThat(queue.stats().pending()).isEqualTo(100L * second - 10);
          assertThat(pages.get()).as("pages of this second").isPositive();
        }
        clock.advance(Duration.ofSeconds(5));
        assertThat(queue.stats().failed()).as("died after it was asked for").isEqualTo(10);
      }
    }
  }

  private void die(Queue queue, int count) throws InterruptedException {
    clock.advance(Duration.ofMillis(1));
    for (Delivery delivery : queue.receiver().receive(count, Duration.ZERO)) {
      delivery.settle(Outcome.fail("broken"));
    }
  }

  private Store openStore() {
    return MemoryStore.open(new MemoryTables(), clock, Ledger.Sizes.STANDARD);
  }

  private static Engine.Settings settings() {
    return Engine.Settings.standard().background(Runnable::run);
  }
}
