package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.LATE;
import static dev.afterbay.contract.BrokerUser.SHORT;
import static dev.afterbay.contract.BrokerUser.SOON;
import static dev.afterbay.contract.BrokerUser.leaseLost;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.rejected;
import static dev.afterbay.contract.BrokerUser.sessionLost;
import static dev.afterbay.contract.BrokerUser.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.assertj.core.api.Assertions.within;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receipt;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Session;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sessions: strict order, one consumer at a time (model.md, Session and Order). */
interface BrokerSessions {

  BrokerUser user();

  @Test
  default void whoNamesASessionThatSomebodyHoldsIsToldUntilWhen() throws InterruptedException {
    user().send(message().session("a"));
    Session held = user().session("a");
    BrokerException.SessionLocked locked =
        catchThrowableOfType(
            BrokerException.SessionLocked.class,
            () -> user().queue().session("a", Duration.ZERO, ReceiveOptions.STANDARD));
    assertThat(locked.isTransient()).isTrue();
    assertThat(locked.heldUntil()).isCloseTo(held.heldUntil(), within(1, ChronoUnit.SECONDS));
    held.close();
    assertThat(user().queue().session("a", Duration.ZERO, ReceiveOptions.STANDARD)).isPresent();
  }

  @Test
  default void aSessionKeepsItsOrderWhateverThePriority() {
    List<JobId> ids = new ArrayList<>();
    for (int priority : List.of(4, 9, 0)) {
      ids.add(user().send(message().session("s").priority(priority)));
    }
    for (JobId id : ids) {
      Delivery delivery = user().receive();
      assertThat(delivery.job().id()).isEqualTo(id);
      user().receivesNothing();
      delivery.done();
    }
  }

  @Test
  default void sessionsDoNotDelayEachOther() {
    user().send(2, message().session("a"));
    user().send(2, message().session("b"));
    user().send(2, message());
    user().receive(4);
    user().receivesNothing();
  }

  @Test
  default void aSessionWaitsBehindARetry() {
    JobId first = user().send(message().session("s"));
    user().send(message().session("s"));
    user().receive().retry("no", Duration.ofMillis(300));
    user().receivesNothing();
    user().pass(Duration.ofMillis(300));
    assertThat(user().receive().job().id()).isEqualTo(first);
  }

  @Test
  default void aSessionGoesOnAfterAFailedJob() {
    user().send(message().session("s"));
    JobId second = user().send(message().session("s"));
    user().receive().fail("poison");
    assertThat(user().receive().job().id()).isEqualTo(second);
  }

  @Test
  default void aRedrivenJobOfASessionIsBackAtItsOldPlace() {
    List<JobId> ids = user().send(3, message().session("s"));
    user().receive().fail("poison");
    user().jobs().redrive(ids.get(0));
    for (JobId id : ids) {
      Delivery delivery = user().receive();
      assertThat(delivery.job().id()).isEqualTo(id);
      delivery.done();
    }
  }

  @Test
  default void anAcceptedSessionIsForItsConsumer() throws Exception {
    JobId id = user().send(message().session("s"));
    JobId other = user().send(message());
    Session session = user().session("s");
    assertThat(session.name()).isEqualTo("s");
    assertThat(user().receive().job().id()).isEqualTo(other);
    user().receivesNothing();
    assertThatThrownBy(() -> user().accept("s", ReceiveOptions.STANDARD))
        .isInstanceOf(BrokerException.SessionLocked.class);
    assertThat(BrokerUser.receive(session).job().id()).isEqualTo(id);
  }

  @Test
  default void aHeldSessionIsReceivedInOrder() {
    List<JobId> ids = user().send(5, message().session("s"));
    Session session = user().session("s");
    List<JobId> got = new ArrayList<>();
    while (got.size() < ids.size()) {
      for (Delivery delivery : BrokerUser.now(session, 2)) {
        got.add(delivery.job().id());
        delivery.done();
      }
    }
    assertThat(got).isEqualTo(ids);
  }

  @Test
  default void aSessionWithoutANameIsTheOneThatComesFirst() throws Exception {
    user().send(message());
    user().send(message().session("b"));
    user().send(message().session("a"));
    assertThat(user().session(null).name()).isEqualTo("b");
    assertThat(user().session(null).name()).isEqualTo("a");
    assertThat(user().accept(null, ReceiveOptions.STANDARD)).isEmpty();
  }

  @Test
  default void aClosedSessionIsFree() {
    List<JobId> ids = user().send(2, message().session("s"));
    Session session = user().session("s");
    Delivery open = BrokerUser.receive(session);
    session.close();
    session.close();

    Session next = user().session("s");
    Delivery again = BrokerUser.receive(next);
    assertThat(again.job().id()).isEqualTo(ids.get(0));
    assertThat(again.attempt()).isEqualTo(1);
    leaseLost(open::done);
    again.done();
  }

  @Test
  default void aSessionThatIsNotRenewedIsLost() {
    JobId id = user().send(message().session("s"));
    Session session =
        BrokerUser.quiet(() -> user().accept("s", ReceiveOptions.STANDARD.lease(SHORT)))
            .orElseThrow();
    user().pass(SHORT.plus(LATE));
    sessionLost(() -> session.receive(1, Duration.ZERO));
    sessionLost(() -> session.renew(null));
    assertThat(user().receive().job().id()).isEqualTo(id);
    session.close();
  }

  @Test
  default void whatALostSessionHadIsBackBeforeTheNextConsumerReads() {
    user().configure(BrokerUser.eager());
    List<JobId> ids = user().send(2, message().session("s"));
    Session session =
        BrokerUser.quiet(() -> user().accept("s", ReceiveOptions.STANDARD.lease(SOON)))
            .orElseThrow();
    Delivery old = BrokerUser.receive(session);
    user().pass(SOON.plus(LATE));
    Session next = user().session("s");
    assertThat(BrokerUser.receive(next).job().id()).isEqualTo(ids.get(0));
    leaseLost(old::done);
    session.close();
    assertThat(BrokerUser.now(next, 1)).isEmpty();
  }

  @Test
  default void aRenewedSessionIsKept() {
    TestClock clock = user().clock();
    user().send(message().session("s"));
    Session session = user().session("s");
    assertThat(session.heldUntil()).isEqualTo(clock.now().wall().plusSeconds(30));
    user().pass(Duration.ofSeconds(20));
    session.renew(null);
    assertThat(session.heldUntil()).isEqualTo(clock.now().wall().plusSeconds(30));
    user().pass(Duration.ofSeconds(20));
    session.renew(Duration.ofMinutes(5));
    user().pass(Duration.ofMinutes(4));
    user().receivesNothing();
    BrokerUser.receive(session);
  }

  @Test
  default void aSessionIsUsedFromElsewhereByItsToken() {
    user().send(message().session("s").tracked());
    Session.Token token = user().session("s").token();
    ReceiveOptions detached = ReceiveOptions.STANDARD.detached(true);
    Session there = user().queue().session(token, detached);
    assertThat(there.name()).isEqualTo("s");
    Receipt receipt = BrokerUser.receive(there).detach();
    user().queue().settle(receipt, Outcome.done());
    there.renew(null);
    there.close();
    sessionLost(() -> user().queue().session(token, detached).receive(1, Duration.ZERO));
  }

  @Test
  default void aSessionThatNoMessageCanHaveIsNotAccepted() {
    for (String bad : List.of("", "a\nb", "x".repeat(257))) {
      rejected(() -> user().queue().session(bad, Duration.ZERO, ReceiveOptions.STANDARD));
    }
  }

  @Test
  default void aForeignSessionTokenIsRefused() {
    user().send(message().session("s"));
    user().session("s");
    Session.Token foreign = new Session.Token("nonsense");
    assertThatThrownBy(() -> user().queue().session(foreign, ReceiveOptions.STANDARD))
        .isInstanceOfAny(BrokerException.Rejected.class, BrokerException.SessionLost.class);
  }

  @Test
  default void aWaiterGetsASessionThatComesFree() throws Exception {
    user().send(message().session("s"));
    Session session = user().session("s");
    CompletableFuture<Optional<Session>> waiting =
        waiting(
            () -> user().queue().session(null, Duration.ofSeconds(30), ReceiveOptions.STANDARD));
    session.close();
    Session next = waiting.get(10, TimeUnit.SECONDS).orElseThrow();
    assertThat(next.name()).isEqualTo("s");
    next.close();
  }

  @Test
  default void aWaiterGetsTheSessionItNamedThoughThatIsEmpty() throws Exception {
    Session session = user().session("s");
    CompletableFuture<Optional<Session>> waiting =
        waiting(() -> user().queue().session("s", Duration.ofSeconds(30), ReceiveOptions.STANDARD));
    session.close();
    waiting.get(10, TimeUnit.SECONDS).orElseThrow().close();
  }

  @Test
  default void aWaiterGetsTheSessionItNamedWhenItsLastJobIsDone() throws Exception {
    user().send(message().session("s"));
    Delivery last = user().receive();
    CompletableFuture<Optional<Session>> waiting =
        waiting(() -> user().queue().session("s", Duration.ofSeconds(30), ReceiveOptions.STANDARD));
    last.settle(Outcome.done());
    waiting.get(10, TimeUnit.SECONDS).orElseThrow().close();
  }

  @Test
  default void aConsumerThatWaitsIsWokenWhenItsQueueGoesOn() throws Exception {
    Session session = user().session("s");
    JobId id = user().send(message().session("s"));
    user().admin().pause("a test");
    CompletableFuture<List<Delivery>> waiting =
        waiting(() -> session.receive(1, Duration.ofSeconds(30)));
    user().admin().resume();
    assertThat(waiting.get(10, TimeUnit.SECONDS))
        .extracting(delivery -> delivery.job().id())
        .containsExactly(id);
  }

  @Test
  default void closingTheBrokerEndsTheWaitForASession() throws Exception {
    CompletableFuture<Boolean> given = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(() -> {
              try {
                Duration wait = Duration.ofSeconds(30);
                given.complete(
                    user().queue().session(null, wait, ReceiveOptions.STANDARD).isPresent());
              } catch (BrokerException.Unavailable _) {
                given.complete(false);
              } catch (InterruptedException | RuntimeException e) {
                given.completeExceptionally(e);
              }
            });
    BrokerUser.awaitWaiting(thread);
    user().broker.close();
    assertThat(given.get(10, TimeUnit.SECONDS)).isFalse();
  }

  @Test
  default void aConsumerThatWaitsIsWokenByAMessageOfItsSession() throws Exception {
    Session session = user().session("s");
    CompletableFuture<List<Delivery>> waiting =
        waiting(() -> session.receive(1, Duration.ofSeconds(30)));
    user().send(message().session("t"));
    JobId id = user().send(message().session("s"));
    assertThat(waiting.get(10, TimeUnit.SECONDS))
        .extracting(delivery -> delivery.job().id())
        .containsExactly(id);
  }

  @Test
  default void aConsumerThatWaitsIsToldWhenItsSessionIsLost() throws Exception {
    ReceiveOptions briefly = ReceiveOptions.STANDARD.lease(SOON);
    Session session = user().accept("s", briefly).orElseThrow();
    CompletableFuture<Boolean> lost =
        waiting(() -> {
          try {
            session.receive(1, Duration.ofSeconds(30));
            return false;
          } catch (BrokerException.SessionLost _) {
            return true;
          }
        });
    user().pass(SOON.plus(LATE));
    assertThat(lost.get(10, TimeUnit.SECONDS)).isTrue();
    session.close();
  }

  @Test
  default void aSessionIsKeptForALeaseAndNoLonger() {
    Session session = user().session("s");
    for (Duration lease : List.of(Duration.ofMillis(1), Duration.ofHours(13))) {
      rejected(() -> session.renew(lease));
    }
    session.renew(Duration.ofHours(12));
  }

  @Test
  default void whatIsNoNameOfASessionIsRefused() {
    for (String bad : List.of("", "a\n", "x".repeat(257))) {
      rejected(() -> user().accept(bad, ReceiveOptions.STANDARD));
    }
    user().configure(QueueSettings.STANDARD.order(QueueSettings.Order.FIFO));
    rejected(() -> user().accept("s", ReceiveOptions.STANDARD));
  }

  @Test
  default void aFifoQueueIsOneSession() {
    user().configure(BrokerUser.eager().order(QueueSettings.Order.FIFO));
    List<JobId> ids = user().send(2, message());
    JobId urgent = user().send(message().priority(9));
    Delivery first = user().receive();
    assertThat(first.job().id()).isEqualTo(ids.get(0));
    user().receivesNothing();
    first.retry("no");
    user().receive().done();
    Delivery second = user().receive();
    assertThat(second.job().id()).isEqualTo(ids.get(1));
    second.done();
    assertThat(user().receive().job().id()).isEqualTo(urgent);
  }

  @Test
  default void aSessionInAFifoQueueIsRefused() {
    user().configure(QueueSettings.STANDARD.order(QueueSettings.Order.FIFO));
    rejected(() -> user().send(message().session("s")));
    rejected(() -> user().queue().send(List.of(message(), message().session("s"))));
    user().receivesNothing();
  }
}
