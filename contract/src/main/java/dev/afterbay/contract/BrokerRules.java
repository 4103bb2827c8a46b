package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.LATE;
import static dev.afterbay.contract.BrokerUser.SHORT;
import static dev.afterbay.contract.BrokerUser.message;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Delivery;
import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.Retention;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.RetryPolicy;
import dev.afterbay.Status;
import dev.afterbay.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rules of model.md that no other part of the contract is about. */
interface BrokerRules {

  BrokerUser user();

  /** Transition 11. */
  @Test
  default void aJobWhoseLeaseLapsedWaitsForTheBackoffOfItsQueue() {
    user().clock(); // Else the test would take long.
    Duration backoff = Duration.ofSeconds(60);
    RetryPolicy policy = new RetryPolicy(backoff, 1, backoff, 0);
    user().configure(QueueSettings.STANDARD.backoff(policy));
    user().send(message());
    BrokerUser.receive(user().receiver(ReceiveOptions.STANDARD.lease(SHORT)));
    user().pass(SHORT.plus(LATE));
    user().receivesNothing();
    user().pass(backoff.minus(LATE).minus(SHORT));
    user().receivesNothing();
    user().pass(LATE);
    Delivery second = user().receive();
    assertThat(second.attempt()).isEqualTo(2);
  }

  /** Transition 12. */
  @Test
  default void anExpiredJobIsGoneWithAnEventWhereItsQueueKeepsNoDeadLetters() {
    Retention none = new Retention(null, Duration.ZERO);
    user().configure(QueueSettings.STANDARD.retention(none));
    try (Watch watch = user().jobs().watch(null)) {
      JobId id = user().send(message().tracked().timeToLive(SHORT));
      user().pass(SHORT.plus(LATE));
      user().awaitGone(id);
      user().receivesNothing();
      List<Event> told = new ArrayList<>();
      Await.until(
          "the expiry to be told",
          () -> {
            told.addAll(BrokerUser.quiet(() -> watch.next(10, Duration.ZERO)));
            return told.size() == 2;
          });
      assertThat(told)
          .extracting(Event::type)
          .containsExactly(Event.Type.ENQUEUED, Event.Type.EXPIRED);
      assertThat(told.getLast().job()).isEqualTo(id);
      assertThat(told.getLast().status()).isEqualTo(Status.Kind.FAILED);
    }
  }

  /** Transitions 6 and 9. */
  @Test
  default void theLastErrorIsKeptAsItWasWhenAJobRunsOutOfAttempts() {
    JobId id = user().send(message().maxAttempts(2));
    user().receive().retry("first", Duration.ZERO);
    user().receive().retry("second", Duration.ZERO);
    user().awaitFailed(id, Status.Reason.MAX_ATTEMPTS, "second");
    assertThat(user().job(id).state().attempts()).isEqualTo(2);
    user().receivesNothing();
  }

  /** Forbidden: Done to anything but redriven or gone. */
  @Test
  default void whatIsDoneCanOnlyBeRedrivenOrDeleted() {
    JobId id = user().send(message().tracked());
    user().receive().done();
    user().awaitStatus(id, Status.Kind.DONE);
    BrokerUser.conflict(() -> user().jobs().cancel(id));
    BrokerUser.conflict(() -> user().jobs().runNow(id));
    assertThat(user().job(id).status().kind()).isEqualTo(Status.Kind.DONE);
    user().jobs().redrive(id);
    user().receive().done();
    user().jobs().delete(id);
    user().awaitGone(id);
  }
}
