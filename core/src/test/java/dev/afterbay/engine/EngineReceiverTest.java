package dev.afterbay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a receiver keeps in memory of what it handed out. */
class EngineReceiverTest {

  private static final Duration LEASE = Duration.ofMillis(100);

  private final AtomicLong tick = new AtomicLong();
  private final Store store = MemoryStore.open(new StoppedClock(tick));
  private final Engine engine = Engine.open(store);

  @AfterEach
  void close() {
    engine.close();
    store.close();
  }

  @Test
  void whatWasHandedOutAtMostOnceIsNotKept() throws Exception {
    engine
        .queue("q")
        .admin()
        .orElseThrow()
        .configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    EngineReceiver receiver = (EngineReceiver) engine.queue("q").receiver();
    send(5);
    assertThat(receiver.receive(10, Duration.ZERO)).hasSize(5);
    assertThat(receiver.openCount()).isZero();
  }

  @Test
  void whatIsSettledIsNotKept() throws Exception {
    EngineReceiver receiver = (EngineReceiver) engine.queue("q").receiver();
    send(4);
    List<Delivery> deliveries = receiver.receive(4, Duration.ZERO);
    deliveries.get(0).done();
    deliveries.get(1).settle(Outcome.release());
    assertThat(deliveries.get(2).detach()).isNotNull();
    assertThat(receiver.openCount()).isEqualTo(1);
    receiver.close();
    assertThat(receiver.openCount()).isZero();
  }

  @Test
  void whatIsNeverSettledIsNotKeptForEver() throws Exception {
    EngineReceiver receiver =
        (EngineReceiver) engine.queue("q").receiver(ReceiveOptions.STANDARD.lease(LEASE));
    for (int round = 1; round <= 3; round++) {
      send(Receiver.RECEIVE_MAX);
      assertThat(receiver.receive(Receiver.RECEIVE_MAX, Duration.ZERO))
          .hasSize(Receiver.RECEIVE_MAX);
      assertThat(receiver.openCount()).isEqualTo(Receiver.RECEIVE_MAX);
      tick.addAndGet(LEASE.toMillis());
    }
  }

  private void send(int count) {
    engine.queue("q").send(Collections.nCopies(count, Message.of("note", "hello")));
  }
}
