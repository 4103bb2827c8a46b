package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import dev.afterbay.Status;
import dev.afterbay.Watch;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiFunction;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** What is the engine's own: its settings, and what it does when a process ends. */
class EngineTest {

  private static final Message MESSAGE = Message.of("note", "hello").tracked();

  private final TestClock clock = new TestClock();
  private final Tables tables = new MemoryTables();

  @Test
  void deletingPurgingAndRedrivingAnEmptyQueueListsNothing() {
    AtomicInteger lists = new AtomicInteger();
    Store counting = AroundStore.counting(MemoryStore.open(), "list", lists);
    try (counting;
        Engine engine = Engine.open(counting)) {
      for (int i = 0; i < 1_000; i++) {
        engine.queue("full").send(Message.of("note", "x"));
      }
      engine.queue("empty").admin().orElseThrow().configure(QueueSettings.STANDARD);
      assertThat(engine.queue("empty").admin().orElseThrow().purge(Status.Kind.PENDING)).isZero();
      assertThat(engine.queue("empty").admin().orElseThrow().redrive(Redrive.ALL).matched())
          .isZero();
      engine.queue("empty").admin().orElseThrow().delete(true);
      assertThat(lists).hasValue(0);

      engine.queue("few").send(Message.of("note", "x"));
      assertThat(engine.queue("few").admin().orElseThrow().purge(Status.Kind.PENDING)).isEqualTo(1);
      assertThat(lists).as("what comes next is not looked for among all").hasValue(0);
      engine.queue("few").send(Message.of("note", "x").delay(Duration.ofHours(1)));
      assertThat(engine.queue("few").admin().orElseThrow().purge(Status.Kind.PENDING)).isEqualTo(1);
      assertThat(lists).as("no page behind the last one").hasValue(1);
    }
  }

  @Test
  void aPurgeCountsNothingThatSomebodyElseRemoved() {
    AtomicBoolean overtaken = new AtomicBoolean();
    BiFunction<Object, Supplier<Object>, Object> twice =
        (_, call) -> {
          Object answer = call.get();
          return overtaken.get() ? call.get() : answer;
        };
    Store store = AroundStore.of(MemoryStore.open(), "commit", twice);
    try (store;
        Engine engine = Engine.open(store)) {
      engine.queue("q").send(Collections.nCopies(10, MESSAGE));
      overtaken.set(true);
      assertThat(engine.queue("q").admin().orElseThrow().purge(Status.Kind.PENDING)).isZero();
      assertThat(engine.queue("q").stats().depth()).isZero();
    }
  }

  @Test
  void aQueueMustBeConfiguredWhereNoneComesToExistByItself() {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings().autoCreateQueues(false))) {
      Queue queue = engine.queue("q");
      assertThatThrownBy(() -> queue.send(MESSAGE))
          .isInstanceOf(BrokerException.QueueNotFound.class);
      assertThatThrownBy(() -> queue.receiver(ReceiveOptions.STANDARD).receive(1, Duration.ZERO))
          .isInstanceOf(BrokerException.QueueNotFound.class);
      assertThat(engine.queues()).isEmpty();
      queue.admin().orElseThrow().configure(QueueSettings.STANDARD);
      queue.send(MESSAGE);
    }
  }

  @Test
  void aQueueThatComesToExistHasTheSettingsOfTheBroker() {
    QueueSettings defaults = QueueSettings.STANDARD.maxAttempts(7);
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings().defaults(defaults))) {
      engine.queue("q").send(MESSAGE);
      assertThat(engine.queue("q").admin().orElseThrow().settings()).isEqualTo(defaults);
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
    Receiver outside = dead.queue("q").receiver(ReceiveOptions.STANDARD.detached(true));
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

  @Test
  void aSettingThatAnotherProcessWroteIsInForceAtOnce() throws Exception {
    try (Store store = openStore();
        Engine here = Engine.open(shared(store), settings());
        Engine there = Engine.open(shared(store), settings())) {
      QueueAdmin queueHere = here.queue("q").admin().orElseThrow();
      QueueAdmin queueThere = there.queue("q").admin().orElseThrow();
      here.queue("q").send(MESSAGE);
      assertThat(queueHere.settings()).isEqualTo(QueueSettings.STANDARD);

      queueThere.configure(QueueSettings.STANDARD.maxAttempts(3));
      queueThere.pause("from there");

      assertThat(queueHere.settings().maxAttempts()).isEqualTo(3);
      assertThat(queueHere.state().reason()).isEqualTo("from there");
      assertThat(here.queue("q").receiver().receive(1, Duration.ZERO)).isEmpty();
    }
  }

  /** As it is where other processes use the same jobs. */
  private static Store shared(Store store) {
    return AroundStore.of(store, "shared", (_, _) -> true);
  }

  @Test
  void aWatchThatDoesNotWaitLooksBehindWhatItsFilterDoesNotTake() throws Exception {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings());
        Watch watch = engine.jobs().orElseThrow().watch(Watch.Filter.ALL.queue("wanted"), null)) {
      engine.queue("other").send(List.of(MESSAGE, MESSAGE, MESSAGE));
      engine.queue("wanted").send(MESSAGE);
      assertThat(watch.next(1, Duration.ZERO)).hasSize(1);
      assertThat(watch.next(1, Duration.ZERO)).isEmpty();
      assertThat(watch.next(0, Duration.ZERO)).isEmpty();
    }
  }

  @Test
  void aWaitThatNobodyLivesToSeeIsOneForEver() throws Exception {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings())) {
      Duration ever = Duration.ofSeconds(Long.MAX_VALUE);
      Receiver receiver = engine.queue("q").receiver();
      CompletableFuture<List<Delivery>> waiting =
          BrokerUser.inBackground(() -> receiver.receive(1, ever));
      engine.queue("q").send(MESSAGE);
      assertThat(waiting.get(10, TimeUnit.SECONDS)).hasSize(1);
      engine.queue("q").send(MESSAGE.session("s"));
      assertThat(engine.queue("q").session("s", ever, ReceiveOptions.STANDARD)).isPresent();
      try (Watch watch = engine.jobs().orElseThrow().watch(null)) {
        engine.queue("q").send(MESSAGE);
        assertThat(watch.next(1, ever)).hasSize(1);
      }
    }
  }

  @Test
  void aPeekIsBounded() {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings())) {
      engine.queue("q").send(Collections.nCopies(1_000, MESSAGE));
      engine.queue("q").send(MESSAGE);
      assertThat(engine.queue("q").peek(Integer.MAX_VALUE)).hasSize(Receiver.RECEIVE_MAX);
      BrokerUser.rejected(() -> engine.queue("q").peek(0));
    }
  }

  /** A claim that ends at a session, as at-most-once claims do, may have left something. */
  @Test
  void anAtMostOnceSessionLeavesTheRestToOthersWhoWait() throws Exception {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings())) {
      Queue queue = engine.queue("q");
      queue
          .admin()
          .orElseThrow()
          .configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
      List<CompletableFuture<Integer>> received = new ArrayList<>();
      for (int i = 0; i < 2; i++) {
        Receiver receiver = queue.receiver();
        CompletableFuture<Integer> count = new CompletableFuture<>();
        received.add(count);
        BrokerUser.awaitWaiting(
            Thread.ofVirtual()
                .start(() ->
                    count.complete(
                        BrokerUser.quiet(() -> receiver.receive(9, Duration.ofHours(1)).size()))));
      }
      queue.send(List.of(MESSAGE.session("s").priority(9), MESSAGE));
      for (CompletableFuture<Integer> count : received) {
        assertThat(count.get(10, TimeUnit.SECONDS)).isEqualTo(1);
      }
    }
  }

  @Test
  void aQueueConfiguredInTheMomentOfItsFirstMessageKeepsItsSettings() {
    QueueSettings wanted = QueueSettings.STANDARD.maxAttempts(7);
    AtomicReference<Engine> engine = new AtomicReference<>();
    AtomicBoolean armed = new AtomicBoolean();
    try (Store store = openStore()) {
      Store racing =
          AroundStore.of(
              store,
              "setting",
              (_, call) -> {
                Object answer = call.get();
                if (armed.compareAndSet(true, false)) {
                  engine.get().queue("q").admin().orElseThrow().configure(wanted);
                }
                return answer;
              });
      engine.set(Engine.open(racing, settings()));
      armed.set(true);
      engine.get().queue("q").send(MESSAGE);
      assertThat(engine.get().queue("q").admin().orElseThrow().settings()).isEqualTo(wanted);
      engine.get().close();
    }
  }

  @Test
  void aReceiverHandsBackAllThatItHasInOneTrip() throws Exception {
    AtomicInteger trips = new AtomicInteger();
    try (Store store = openStore()) {
      Store counting = AroundStore.counting(store, "commit", trips);
      try (Engine engine = Engine.open(counting, settings())) {
        engine.queue("q").send(Collections.nCopies(300, MESSAGE));
        Receiver receiver = engine.queue("q").receiver();
        List<Delivery> deliveries = receiver.receive(300, Duration.ZERO);
        engine.jobs().orElseThrow().cancel(deliveries.getFirst().job().id());
        trips.set(0);
        receiver.close();
        assertThat(trips.get()).as("one, and one for whom somebody asked to cancel").isEqualTo(2);
        assertThat(engine.queue("q").stats().pending()).isEqualTo(299);
        assertThat(engine.queue("q").stats().cancelled()).isEqualTo(1);
      }
    }
  }

  @Test
  void aReceiptOfAJobThatIsDeletedMeanwhileIsLost() throws Exception {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    try (Store store = openStore()) {
      Store racing =
          AroundStore.of(
              store,
              "find",
              (_, call) -> {
                Object answer = call.get();
                meanwhile.getAndSet(() -> {}).run();
                return answer;
              });
      try (Engine engine = Engine.open(racing, settings())) {
        Queue queue = engine.queue("q");
        queue.send(MESSAGE);
        Receipt receipt = queue.receiver().receive(1, Duration.ZERO).getFirst().detach();
        meanwhile.set(() -> queue.admin().orElseThrow().delete(true));
        Settlement settlement = new Settlement(receipt, Outcome.retry("no"));
        assertThat(queue.settle(List.of(settlement)).getFirst())
            .get()
            .isInstanceOf(BrokerException.LeaseLost.class);
      }
    }
  }

  @Test
  void aMessageWakesOneOfManyWhoWait() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    try (Store store = openStore()) {
      Store counting =
          AroundStore.of(
              store,
              "claim",
              (_, call) -> {
                Object answer = call.get();
                looks.incrementAndGet();
                return answer;
              });
      try (Engine engine = Engine.open(counting, settings())) {
        Queue queue = engine.queue("q");
        queue.admin().orElseThrow().configure(QueueSettings.STANDARD);
        List<CompletableFuture<List<Delivery>>> waiting = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
          waiting.add(BrokerUser.waiting(() -> queue.receiver().receive(9, Duration.ofHours(1))));
        }
        Await.until("all have looked", () -> looks.get() == 20);
        for (int i = 0; i < 10; i++) {
          queue.send(MESSAGE);
          CompletableFuture.anyOf(waiting.toArray(CompletableFuture[]::new))
              .get(10, TimeUnit.SECONDS);
          waiting.removeIf(CompletableFuture::isDone);
        }
        assertThat(looks.get()).as("one more for each message").isEqualTo(30);
      }
    }
  }

  @Test
  void whatWasClaimedWhileItsReceiverClosedIsHandedBack() throws Exception {
    AtomicReference<Runnable> meanwhile = new AtomicReference<>(() -> {});
    try (Store store = openStore()) {
      Store racing =
          AroundStore.of(
              store,
              "claim",
              (_, call) -> {
                Object answer = call.get();
                meanwhile.get().run();
                return answer;
              });
      try (Engine engine = Engine.open(racing, settings())) {
        engine.queue("q").send(MESSAGE);
        Receiver receiver = engine.queue("q").receiver();
        meanwhile.set(receiver::close);
        assertThat(receiver.receive(1, Duration.ZERO)).isEmpty();
        assertThat(engine.queue("q").stats().pending()).isEqualTo(1);
      }
    }
  }

  @Test
  void aWaiterThatFailsToLookPassesItsWakeOn() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    AtomicBoolean away = new AtomicBoolean();
    try (Store store = openStore()) {
      Store moody =
          AroundStore.of(
              store,
              "claim",
              (_, call) -> {
                if (away.getAndSet(false)) {
                  throw new BrokerException.Unavailable("away");
                }
                Object answer = call.get();
                looks.incrementAndGet();
                return answer;
              });
      try (Engine engine = Engine.open(moody, settings())) {
        Queue queue = engine.queue("q");
        queue.admin().orElseThrow().configure(QueueSettings.STANDARD);
        Duration ever = Duration.ofHours(1);
        CompletableFuture<List<Delivery>> first =
            BrokerUser.waiting(() -> queue.receiver().receive(1, ever));
        Await.until("the first look", () -> looks.get() == 1);
        CompletableFuture<List<Delivery>> second =
            BrokerUser.waiting(() -> queue.receiver().receive(1, ever));
        Await.until("the second look", () -> looks.get() == 2);
        away.set(true);
        queue.send(MESSAGE);
        assertThat(second.get(10, TimeUnit.SECONDS)).hasSize(1);
        assertThat(first).failsWithin(Duration.ofSeconds(10));
      }
    }
  }

  @Test
  void allLeasesThatLapseTogetherAreSeenTogether() throws Exception {
    try (Store store = openStore();
        Engine engine = Engine.open(store, settings())) {
      Queue queue = engine.queue("q");
      queue.send(Collections.nCopies(700, MESSAGE));
      assertThat(queue.receiver().receive(700, Duration.ZERO)).hasSize(700);
      clock.advance(QueueSettings.STANDARD.lease());
      assertThat(queue.stats().processing()).isZero();
    }
  }

  @Test
  void lapsesAndRetentionGoOnAfterTheStoreWasAway() throws Exception {
    AtomicBoolean away = new AtomicBoolean();
    BiFunction<Object, Supplier<Object>, Object> failing =
        (_, call) -> {
          if (away.get()) {
            throw new BrokerException.Unavailable("away");
          }
          return call.get();
        };
    try (Store store = openStore()) {
      Store moody = AroundStore.of(AroundStore.of(store, "overdue", failing), "queues", failing);
      try (Engine engine = Engine.open(moody, settings())) {
        Queue queue = engine.queue("q");
        queue.send(List.of(MESSAGE, MESSAGE));
        List<Delivery> deliveries = queue.receiver().receive(2, Duration.ZERO);
        deliveries.getFirst().done();
        away.set(true);
        clock.advance(Duration.ofMinutes(1));
        assertThat(queue.stats().processing()).isEqualTo(1);
        away.set(false);
        clock.advance(Duration.ofSeconds(5));
        assertThat(queue.stats().processing()).isZero();
        clock.advance(QueueSettings.TRACKED_RETENTION);
        assertThat(queue.stats().done()).isZero();
      }
    }
  }

  @Test
  void retentionOfManyQueuesTakesFewTrips() {
    AtomicInteger trips = new AtomicInteger();
    try (Store store = openStore()) {
      Store counting = AroundStore.counting(store, "commit", trips);
      try (Engine engine = Engine.open(counting, settings())) {
        for (int i = 0; i < 200; i++) {
          engine.queue("q" + i).send(MESSAGE);
        }
        trips.set(0);
        clock.advance(Duration.ofSeconds(5));
        assertThat(trips.get()).isLessThan(10);
      }
    }
  }

  @Test
  void whoIsWokenForNothingAgainAndAgainWaitsNoLongerThanAsked() throws Exception {
    AtomicInteger looks = new AtomicInteger();
    try (Store store = openStore()) {
      AtomicReference<Runnable> wake = new AtomicReference<>(() -> {});
      Store busy =
          AroundStore.of(
              store,
              "claim",
              (_, call) -> {
                assertThat(looks.incrementAndGet()).isLessThan(100);
                clock.advance(Duration.ofMillis(100));
                wake.get().run();
                return call.get();
              });
      try (Engine engine = Engine.open(busy, settings())) {
        engine.queue("q").admin().orElseThrow().configure(QueueSettings.STANDARD);
        wake.set(() -> engine.queue("q").admin().orElseThrow().resume());
        Receiver receiver = engine.queue("q").receiver();
        assertThat(receiver.receive(1, Duration.ofSeconds(1))).isEmpty();
        assertThat(looks.get()).isEqualTo(10);
      }
    }
  }

  @Test
  void leasesLapseWhileRetentionTakesLong() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    CountDownLatch forgetting = new CountDownLatch(1);
    try (Store store = openStore()) {
      Store slow =
          AroundStore.of(
              store,
              "commit",
              (commits, call) -> {
                boolean forgets =
                    ((List<?>) commits).getFirst() instanceof Commit(var _, List<Change> changes)
                        && changes.getFirst() instanceof Change.Forget;
                if (!forgets || enough.get()) {
                  return call.get();
                }
                forgetting.countDown();
                return Collections.nCopies(
                    ((List<?>) commits).size(), new Committed.Done(List.of(), 200));
              });
      try (Engine engine = Engine.open(slow, Engine.Settings.standard())) {
        Queue queue = engine.queue("q");
        queue.send(MESSAGE);
        queue
            .receiver(ReceiveOptions.STANDARD.lease(Duration.ofSeconds(20)))
            .receive(1, Duration.ZERO);
        clock.advance(Duration.ofSeconds(6));
        assertThat(forgetting.await(10, TimeUnit.SECONDS)).isTrue();
        Await.until(
            "the lapse",
            () -> {
              clock.advance(Duration.ofSeconds(1));
              return queue.stats().processing() == 0;
            });
      } finally {
        enough.set(true);
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
