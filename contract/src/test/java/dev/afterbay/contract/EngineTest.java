package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.Receiver;
import dev.afterbay.Receiving;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.store.Ledger;
import dev.afterbay.store.MemoryStore;
import dev.afterbay.store.MemoryTables;
import dev.afterbay.store.Store;
import dev.afterbay.store.Tables;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is the engine's own: its settings, and what it does when a process ends. */
class EngineTest {

  private static final Message MESSAGE = Message.of("note", "hello").tracked();

  private final TestClock clock = new TestClock();
  private final Tables tables = new MemoryTables();

  @Test
  void aQueueMustBeConfiguredWhereNoneComesToExistByItself() {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings().autoCreateQueues(false))) {
      Queue queue = engine.queue("q");
      assertThatThrownBy(() -> queue.send(MESSAGE))
          .isInstanceOf(BrokerException.QueueNotFound.class);
      assertThatThrownBy(() -> queue.receiver(Receiving.STANDARD).receive(1, Duration.ZERO))
          .isInstanceOf(BrokerException.QueueNotFound.class);
      assertThat(engine.queues()).isEmpty();
      queue.configure(QueueSettings.STANDARD);
      queue.send(MESSAGE);
    }
  }

  @Test
  void aQueueThatComesToExistHasTheSettingsOfTheBroker() {
    QueueSettings defaults = QueueSettings.STANDARD.maxAttempts(7);
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings().defaults(defaults))) {
      engine.queue("q").send(MESSAGE);
      assertThat(engine.queue("q").settings()).isEqualTo(defaults);
    }
  }

  @Test
  void whatADeadProcessWorkedOnIsBackAtOnceAndCounts() throws Exception {
    Store first = openStore();
    Engine dead = Engine.open(first, settings());
    dead.queue("q").send(MESSAGE);
    assertThat(dead.queue("q").receiver().receive(1, Duration.ZERO)).hasSize(1);
    first.close();

    try (Store store = openStore();
        Engine engine = Engine.open(store, settings())) {
      Delivery delivery = engine.queue("q").receiver().receive(1, Duration.ZERO).getFirst();
      assertThat(delivery.attempt()).isEqualTo(2);
      assertThat(delivery.job().lastError()).isEqualTo("process ended during the attempt");
    }
  }

  @Test
  void whatADeadProcessHadHandedOutOutsideStaysLeased() throws Exception {
    Store first = openStore();
    Engine dead = Engine.open(first, settings());
    dead.queue("q").send(MESSAGE);
    Receiver outside = dead.queue("q").receiver(Receiving.STANDARD.detached(true));
    Delivery delivery = outside.receive(1, Duration.ZERO).getFirst();
    Receipt receipt = delivery.detach();
    first.close();

    try (Store store = openStore();
        Engine engine = Engine.open(store, settings())) {
      assertThat(engine.queue("q").receiver().receive(1, Duration.ZERO)).isEmpty();
      engine.queue("q").settle(receipt, Outcome.done());
      assertThat(engine.jobs().orElseThrow().find(delivery.job().id()))
          .get()
          .matches(job -> job.status().kind() == Status.Kind.DONE);
    }
  }

  @Test
  void closingAnEngineHandsBackWhatItsReceiversHave() throws Exception {
    try (Store store = openStore()) {
      Engine first = Engine.open(store, settings());
      first.queue("q").send(List.of(MESSAGE, MESSAGE));
      assertThat(first.queue("q").receiver().receive(5, Duration.ZERO)).hasSize(2);
      first.close();
      try (Engine second = Engine.open(store, settings())) {
        assertThat(second.queue("q").receiver().receive(5, Duration.ZERO))
            .hasSize(2)
            .allMatch(delivery -> delivery.attempt() == 1);
      }
    }
  }

  private Store openStore() {
    return MemoryStore.open(tables, clock, Ledger.Sizes.STANDARD);
  }

  private static Engine.Settings settings() {
    return Engine.Settings.standard().background(Runnable::run);
  }
}
