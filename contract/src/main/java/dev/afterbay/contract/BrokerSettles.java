package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.LATE;
import static dev.afterbay.contract.BrokerUser.SHORT;
import static dev.afterbay.contract.BrokerUser.SOON;
import static dev.afterbay.contract.BrokerUser.leaseLost;
import static dev.afterbay.contract.BrokerUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Attempt;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueStats;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.RetryPolicy;
import dev.afterbay.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Transitions 4 to 12 of model.md: how an attempt ends, and who may end it. */
interface BrokerSettles {

  BrokerUser user();

  @Test
  default void aJobThatWasDeletedMeanwhileIsLostToItsConsumer() {
    user().send(message());
    Delivery held = user().receive();
    user().admin().delete(true);
    leaseLost(held::done);
  }

  @Test
  default void aDoneJobIsNotDeliveredAgain() {
    JobId plain = user().send(message());
    user().receive().done();
    user().awaitGone(plain);
    JobId tracked = user().send(message().tracked());
    user().receive().done();
    Job done = user().awaitStatus(tracked, Status.Kind.DONE);
    assertThat(done.history()).extracting(Attempt::outcome).containsExactly(Outcome.done());
    user().receivesNothing();
  }

  @Test
  default void aRetriedJobIsBackAtItsOldPlace() {
    user().configure(BrokerUser.eager());
    List<JobId> ids = user().send(3, message());
    user().receive().retry("not yet", Duration.ZERO);
    List<Delivery> again = user().receive(3);
    assertThat(again).extracting(delivery -> delivery.job().id()).isEqualTo(ids);
    assertThat(again).extracting(Delivery::attempt).containsExactly(2, 1, 1);
  }

  @Test
  default void aRetryWaitsForItsDelay() {
    JobId id = user().send(message());
    user().receive().retry("busy", Duration.ofMillis(400));
    Job pending = user().job(id);
    assertThat(pending.status().kind()).isEqualTo(Status.Kind.PENDING);
    assertThat(pending.lastError()).isEqualTo("busy");
    user().receivesNothing();
    user().pass(Duration.ofMillis(400));
    assertThat(user().receive().attempt()).isEqualTo(2);
  }

  @Test
  default void aRetryWithoutADelayWaitsForTheBackoffOfItsQueue() {
    RetryPolicy backoff = new RetryPolicy(Duration.ofSeconds(10), 3, Duration.ofSeconds(60), 0);
    user().configure(QueueSettings.STANDARD.backoff(backoff).maxAttempts(10));
    user().clock();
    user().send(message());
    for (Duration delay : List.of(Duration.ofSeconds(10), Duration.ofSeconds(30))) {
      user().receive().retry("no");
      user().pass(delay.minusSeconds(1));
      user().receivesNothing();
      user().pass(Duration.ofSeconds(1));
    }
    user().receive().retry("no");
    user().pass(Duration.ofSeconds(59));
    user().receivesNothing();
    user().pass(Duration.ofSeconds(1));
    assertThat(user().receive().attempt()).isEqualTo(4);
  }

  @Test
  default void aFailedJobIsKeptWithItsReason() {
    JobId id = user().send(message());
    user().receive().fail("poison");
    Job failed = user().awaitStatus(id, Status.Kind.FAILED);
    assertThat(failed.lastError()).isEqualTo("poison");
    assertThat(user().queue().stats().failed()).isEqualTo(1);
    user().receivesNothing();
  }

  @Test
  default void aJobIsFailedAfterItsLastAttempt() {
    user().configure(BrokerUser.eager().maxAttempts(2));
    JobId id = user().send(message());
    JobId own = user().send(message().maxAttempts(1).priority(0));
    user().receive().retry("first");
    user().receive().retry("second");
    user().receive().retry("only");

    Job failed = user().awaitFailed(id, Status.Reason.MAX_ATTEMPTS, "second");
    assertThat(failed.history())
        .extracting(Attempt::outcome)
        .hasSize(2)
        .hasOnlyElementsOfType(Outcome.Retry.class);
    user().awaitFailed(own, Status.Reason.MAX_ATTEMPTS, "only");
    user().receivesNothing();
  }

  @Test
  default void aJobIsFailedWhenItFailsTooLate() {
    user().configure(BrokerUser.eager().giveUpAfter(Duration.ofHours(1)).maxAttempts(100));
    JobId id = user().send(message());
    user().receive().retry("early");
    user().pass(Duration.ofHours(1));
    user().receive().retry("late");
    user().awaitFailed(id, Status.Reason.GIVEN_UP, "late");
  }

  @Test
  default void aReleaseDoesNotCount() {
    user().configure(BrokerUser.eager().maxAttempts(1));
    JobId id = user().send(message());
    for (int i = 0; i < 3; i++) {
      Delivery delivery = user().receive();
      assertThat(delivery.attempt()).isEqualTo(1);
      delivery.settle(Outcome.release());
    }
    assertThat(user().job(id).state().attempts()).isZero();
    user().receive().done();
  }

  @Test
  default void closingAReceiverReleasesWhatItHasNotSettled() {
    user().configure(BrokerUser.eager().maxAttempts(1));
    List<JobId> ids = user().send(3, message().tracked());
    Receiver receiver = user().receiver();
    List<Delivery> deliveries = BrokerUser.now(receiver, 3);
    deliveries.get(1).done();
    receiver.close();

    List<Delivery> again = user().receive(2);
    assertThat(again)
        .extracting(delivery -> delivery.job().id())
        .containsExactly(ids.get(0), ids.get(2));
    leaseLost(() -> deliveries.get(0).done());
    again.forEach(Delivery::done);
  }

  @Test
  default void aLapsedLeaseCountsAsAnAttempt() {
    user().configure(BrokerUser.eager().maxAttempts(2));
    JobId id = user().send(message());
    lapse();
    Delivery second = user().receive();
    assertThat(second.attempt()).isEqualTo(2);
    assertThat(second.job().lastError()).isEqualTo("lease lapsed");
    second.retry("no");
    user().awaitStatus(id, Status.Kind.FAILED);
  }

  @Test
  default void aJobThatKillsItsWorkersIsFailed() {
    user().configure(BrokerUser.eager().maxAttempts(2));
    JobId id = user().send(message());
    lapse();
    lapse();
    user().awaitFailed(id, Status.Reason.MAX_ATTEMPTS, "lease lapsed");
  }

  @Test
  default void aLapsedLeaseCannotSettle() {
    user().configure(BrokerUser.eager());
    JobId id = user().send(message().tracked());
    Delivery late = lapse();
    leaseLost(late::done);
    leaseLost(late::done);
    Delivery second = user().receive();
    second.done();
    assertThat(user().awaitStatus(id, Status.Kind.DONE).state().attempts()).isEqualTo(2);
  }

  @Test
  default void anOldLeaseCannotSettleWhileANewOneLives() {
    user().configure(BrokerUser.eager());
    JobId id = user().send(message().tracked());
    Delivery late = lapse();
    Delivery second = user().receive();
    leaseLost(() -> late.fail("mine"));
    leaseLost(late::renew);
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.PROCESSING);
    second.done();
  }

  @Test
  default void aRenewedLeaseLives() {
    user().clock();
    user().send(message().tracked());
    Delivery delivery = user().receive();
    for (int i = 0; i < 5; i++) {
      user().pass(Duration.ofSeconds(20));
      delivery.renew();
      user().receivesNothing();
    }
    delivery.done();
    user().awaitStatus(delivery.job().id(), Status.Kind.DONE);
  }

  @Test
  default void aRenewalIsForOneLeaseFromNowOn() {
    TestClock clock = user().clock();
    user().send(message());
    Delivery delivery = user().receive();
    assertThat(delivery.leasedUntil()).isEqualTo(clock.now().wall().plusSeconds(30));
    user().pass(Duration.ofSeconds(20));
    delivery.renew();
    assertThat(delivery.leasedUntil()).isEqualTo(clock.now().wall().plusSeconds(30));
    user().pass(Duration.ofSeconds(30).plus(LATE));
    leaseLost(delivery::renew);
  }

  @Test
  default void aDeliveryIsSettledOnce() {
    JobId id = user().send(message().tracked());
    Delivery delivery = user().receive();
    delivery.done();
    leaseLost(() -> delivery.fail("again"));
    leaseLost(delivery::renew);
    leaseLost(delivery::detach);
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.DONE);
  }

  @Test
  default void aLeaseMayBeAsLongAsItsReceiverSays() {
    TestClock clock = user().clock();
    user().send(message());
    Delivery delivery =
        BrokerUser.receive(user().receiver(ReceiveOptions.STANDARD.lease(Duration.ofHours(2))));
    assertThat(delivery.leasedUntil()).isEqualTo(clock.now().wall().plusSeconds(7_200));
    user().pass(Duration.ofHours(1));
    delivery.done();
  }

  @Test
  default void aProcessingJobThatComesBackTooLateIsExpired() {
    JobId id = user().send(message().timeToLive(SOON));
    Delivery delivery = user().receive();
    user().pass(SOON.plus(LATE));
    delivery.retry("no", Duration.ZERO);
    user().awaitFailed(id, Status.Reason.EXPIRED, "no");
  }

  @Test
  default void aProcessingJobMayBeDoneAfterItsTimeToLive() {
    JobId id = user().send(message().timeToLive(SOON).tracked());
    Delivery delivery = user().receive();
    user().pass(SOON.plus(LATE));
    delivery.done();
    user().awaitStatus(id, Status.Kind.DONE);
  }

  @Test
  default void settingsAreInForceFromTheNextClaimOn() {
    TestClock clock = user().clock();
    user().send(2, message());
    Delivery first = user().receive();
    user().configure(BrokerUser.eager().lease(Duration.ofMinutes(5)).maxAttempts(1));
    Delivery second = user().receive();
    assertThat(first.leasedUntil()).isEqualTo(clock.now().wall().plusSeconds(30));
    assertThat(second.leasedUntil()).isEqualTo(clock.now().wall().plusSeconds(300));
    second.retry("no");
    user().awaitStatus(second.job().id(), Status.Kind.FAILED);
  }

  @Test
  default void noRetentionForgetsAJobAsItEnds() {
    user()
        .configure(
            BrokerUser.eager()
                .retention(new QueueSettings.Retention(Duration.ZERO, Duration.ZERO)));
    JobId done = user().send(message().tracked());
    user().receive().done();
    JobId failed = user().send(message());
    user().receive().fail("no");
    user().awaitGone(done);
    user().awaitGone(failed);
    assertThat(user().queue().stats()).isEqualTo(QueueStats.EMPTY);
  }

  /** Receives under a short lease that then lapses. */
  private Delivery lapse() {
    Delivery delivery = BrokerUser.receive(user().receiver(ReceiveOptions.STANDARD.lease(SHORT)));
    user().pass(SHORT.plus(LATE));
    return delivery;
  }
}
