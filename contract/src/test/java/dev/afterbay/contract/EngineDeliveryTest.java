package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.leaseLost;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.Attempt;
import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueAdmin.Redrive;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What becomes of a delivery when the store is away, or nobody knows what it did. */
class EngineDeliveryTest {

  private static final Message MESSAGE = Message.of("note", "hello");
  private static final Duration LEASE = Duration.ofSeconds(30);

  /** What a commit does. */
  private Function<Supplier<Object>, Object> commits = Supplier::get;

  /** Of the last commit. */
  private Commit.Durability durability = Commit.Durability.WRITTEN;

  private final TestClock clock = new TestClock();
  private final Store store =
      AroundStore.of(
          MemoryStore.open(clock),
          "commit",
          (all, call) -> {
            if (((List<?>) all).getLast() instanceof Commit(Commit.Durability last, var _)) {
              durability = last;
            }
            return commits.apply(call);
          });
  private final Engine engine =
      Engine.open(store, Engine.Settings.standard().background(Runnable::run));
  private final Queue queue = engine.queue("q");
  private final Receiver receiver = queue.receiver(ReceiveOptions.STANDARD.lease(LEASE));

  @AfterEach
  void close() {
    commits = Supplier::get;
    engine.close();
    store.close();
  }

  @Test
  void whatFailsForOneSettlementOfSeveralIsNotToldToTheOthers() throws Exception {
    Delivery first = delivery(MESSAGE.tracked());
    Delivery second = delivery(MESSAGE.tracked());
    List<Settlement> both =
        List.of(
            new Settlement(first.detach(), Outcome.done()),
            new Settlement(second.detach(), Outcome.done()));
    commits =
        call -> {
          commits = Supplier::get;
          engine.jobs().orElseThrow().cancel(second.job().id()); // Both find it as it was before.
          Object committed = call.get();
          storeIsAway();
          return committed;
        };
    List<Optional<BrokerException>> results = queue.settle(both);
    commits = Supplier::get;
    assertThat(results.getFirst()).isEmpty();
    assertThat(results.getLast().orElseThrow()).isInstanceOf(BrokerException.Unavailable.class);
    assertThat(engine.jobs().orElseThrow().find(first.job().id()).orElseThrow().status().kind())
        .isEqualTo(Status.Kind.DONE);
  }

  @Test
  void whatCouldNotBeSettledCanBeSettledLater() throws Exception {
    Delivery delivery = delivery(MESSAGE.tracked());
    storeIsAway();
    assertUnavailable(delivery::done);
    assertUnavailable(delivery::done);
    assertThat(job(delivery).status().kind()).isEqualTo(Status.Kind.PROCESSING);

    storeIsBack();
    delivery.settle(Outcome.fail("other than before"));
    assertThat(job(delivery).history())
        .extracting(Attempt::outcome)
        .containsExactly(Outcome.fail("other than before"));
    leaseLost(delivery::done);
  }

  @Test
  void whatCouldNotBeSettledIsHandedBackWithItsReceiver() throws Exception {
    Delivery delivery = delivery(MESSAGE);
    storeIsAway();
    assertUnavailable(delivery::done);

    storeIsBack();
    receiver.close();
    assertThat(queue.stats().pending()).isEqualTo(1);
    leaseLost(delivery::done);
    assertThat(queue.stats().pending()).isEqualTo(1);
    assertThat(job(delivery).state().attempts()).isZero();
  }

  @Test
  void whatCouldNotBeSettledLapses() throws Exception {
    Delivery delivery = delivery(MESSAGE);
    storeIsAway();
    assertUnavailable(() -> delivery.settle(Outcome.release()));

    storeIsBack();
    clock.advance(LEASE);
    leaseLost(delivery::done);
    clock.advance(Duration.ofSeconds(1));
    assertThat(job(delivery).lastError()).isEqualTo("lease lapsed");
    receiver.close();
    assertThat(job(delivery).state().attempts()).isEqualTo(1);
  }

  /** Nobody has looked for lapsed leases since, and yet it is too late. */
  @Test
  void aLapsedLeaseIsLostBeforeTheLapseIsSeen() throws Exception {
    queue.send(MESSAGE);
    Duration lease = LEASE.plusMillis(50);
    Receiver precise = queue.receiver(ReceiveOptions.STANDARD.lease(lease));
    Delivery delivery = precise.receive(1, Duration.ZERO).getFirst();
    clock.advance(lease.minusMillis(1));
    delivery.renew();
    clock.advance(lease);
    assertThat(job(delivery).status().kind()).isEqualTo(Status.Kind.PROCESSING);
    leaseLost(delivery::done);
    assertThat(job(delivery).status().kind()).isEqualTo(Status.Kind.PROCESSING);

    queue.send(MESSAGE);
    Delivery other = precise.receive(1, Duration.ZERO).getFirst();
    clock.advance(lease);
    assertThat(job(other).status().kind()).isEqualTo(Status.Kind.PROCESSING);
    leaseLost(other::renew);
  }

  @Test
  void whatStaysForSomebodyIsSynced() throws Exception {
    delivery(MESSAGE.tracked()).done();
    assertThat(durability).isEqualTo(Commit.Durability.WRITTEN);
    delivery(MESSAGE).fail("no");
    assertThat(durability).isEqualTo(Commit.Durability.SYNCED);
    delivery(MESSAGE.maxAttempts(1)).retry("no");
    assertThat(durability).isEqualTo(Commit.Durability.SYNCED);
    Delivery asked = delivery(MESSAGE.tracked());
    engine.jobs().orElseThrow().cancel(asked.job().id());
    asked.retry("no");
    assertThat(durability).isEqualTo(Commit.Durability.SYNCED);
    delivery(MESSAGE).retry("no");
    assertThat(durability).isEqualTo(Commit.Durability.WRITTEN);
    queue.admin().orElseThrow().redrive(Redrive.ALL);
    assertThat(durability).isEqualTo(Commit.Durability.SYNCED);
  }

  /** To close is no question, so it has no answer either. */
  @Test
  void whatCouldNotBeHandedBackLapses() throws Exception {
    Delivery delivery = delivery(MESSAGE);
    storeIsAway();
    receiver.close();
    storeIsBack();
    assertThat(job(delivery).status().kind()).isEqualTo(Status.Kind.PROCESSING);
    clock.advance(LEASE);
    assertThat(job(delivery).lastError()).isEqualTo("lease lapsed");
  }

  @Test
  void whatWasSettledIsNotHandedBackWithItsReceiver() throws Exception {
    Delivery delivery = delivery(MESSAGE.tracked());
    delivery.settle(Outcome.retry("no", Duration.ZERO));
    Receiver second = queue.receiver();
    assertThat(second.receive(1, Duration.ZERO)).hasSize(1);

    receiver.close();
    assertThat(queue.stats().processing()).isEqualTo(1);
  }

  @Test
  void whatReallyHappenedHappensOnce() throws Exception {
    Delivery plain = delivery(MESSAGE);
    answerIsLost();
    assertUnknown(plain::done);
    storeIsBack();
    plain.done();
    assertThat(engine.jobs().orElseThrow().find(plain.job().id())).isEmpty();

    Delivery tracked = delivery(MESSAGE.tracked());
    answerIsLost();
    assertUnknown(tracked::done);
    storeIsBack();
    clock.advance(Duration.ofSeconds(1));
    leaseLost(tracked::done);
    receiver.close();
    assertThat(job(tracked).status().kind()).isEqualTo(Status.Kind.DONE);
    assertThat(job(tracked).history()).hasSize(1);
  }

  @Test
  void whatDidNotHappenCanBeTriedAgain() throws Exception {
    Delivery delivery = delivery(MESSAGE.tracked());
    commits =
        _ -> {
          throw new BrokerException.OutcomeUnknown("lost", new IllegalStateException("before"));
        };
    assertUnknown(() -> delivery.settle(Outcome.retry("once")));
    storeIsBack();
    delivery.settle(Outcome.retry("once"));
    assertThat(job(delivery).history()).hasSize(1);
  }

  @Test
  void whatCouldNotBeRenewedCanBeRenewedLater() throws Exception {
    Delivery delivery = delivery(MESSAGE.tracked());
    clock.advance(Duration.ofSeconds(20));
    storeIsAway();
    assertUnavailable(delivery::renew);
    assertThat(delivery.leasedUntil()).isEqualTo(clock.now().wall().plusSeconds(10));

    storeIsBack();
    delivery.renew();
    clock.advance(Duration.ofSeconds(20));
    delivery.done();
    assertThat(job(delivery).status().kind()).isEqualTo(Status.Kind.DONE);
  }

  @Test
  void whoseLeaseIsLostIsNotHandedBack() throws Exception {
    Delivery delivery = delivery(MESSAGE);
    engine.queue("q").admin().orElseThrow().configure(BrokerUser.eager());
    clock.advance(LEASE.plusSeconds(1));
    Delivery second = queue.receiver().receive(1, Duration.ZERO).getFirst();
    leaseLost(delivery::renew);
    leaseLost(delivery::detach);
    receiver.close();
    assertThat(job(second).lease().consumer()).isEqualTo(second.job().lease().consumer());
    assertThat(job(second).state().version()).isEqualTo(second.job().state().version());
  }

  @Test
  void aClosedReceiverLeavesNothingToSettle() throws Exception {
    Delivery delivery = delivery(MESSAGE);
    receiver.close();
    for (Outcome outcome : List.of(Outcome.done(), Outcome.release(), Outcome.fail("no"))) {
      leaseLost(() -> delivery.settle(outcome));
    }
    leaseLost(delivery::renew);
    leaseLost(delivery::detach);
    assertThat(job(delivery).status().kind()).isEqualTo(Status.Kind.PENDING);
  }

  /** It is gone already, so there is nothing to renew, to hand back or to lose. */
  @Test
  void whatIsHandedOutAtMostOnceNeedsNoStoreToBeSettled() throws Exception {
    queue
        .admin()
        .orElseThrow()
        .configure(QueueSettings.STANDARD.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE));
    Delivery delivery = delivery(MESSAGE);
    Delivery other = delivery(MESSAGE);
    storeIsAway();
    delivery.renew();
    assertThat(delivery.leasedUntil()).isEqualTo(clock.now().wall());
    delivery.done();
    leaseLost(delivery::done);
    receiver.close();
    other.retry("no");
    assertThat(queue.stats().depth()).isZero();
  }

  private Delivery delivery(Message message) throws InterruptedException {
    queue.send(message);
    return receiver.receive(1, Duration.ZERO).getFirst();
  }

  private Job job(Delivery delivery) {
    return engine.jobs().orElseThrow().find(delivery.job().id()).orElseThrow();
  }

  private void storeIsAway() {
    commits =
        _ -> {
          throw new BrokerException.Unavailable("away");
        };
  }

  private void answerIsLost() {
    commits =
        call -> {
          Object lost = call.get();
          throw new BrokerException.OutcomeUnknown("lost", new IllegalStateException("" + lost));
        };
  }

  private void storeIsBack() {
    commits = Supplier::get;
  }

  private static void assertUnavailable(Runnable call) {
    assertThatExceptionOfType(BrokerException.Unavailable.class).isThrownBy(call::run);
  }

  private static void assertUnknown(Runnable call) {
    assertThatExceptionOfType(BrokerException.OutcomeUnknown.class).isThrownBy(call::run);
  }
}
