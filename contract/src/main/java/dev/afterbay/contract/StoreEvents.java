package dev.afterbay.contract;

import static dev.afterbay.contract.StoreUser.QUEUE;
import static dev.afterbay.contract.StoreUser.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.Status;
import dev.afterbay.Watch;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;

/** What watchers are told, and that no waiter sleeps on (store.md, rule 11). */
interface StoreEvents {

  StoreUser user();

  @Test
  default void theLifeOfAJobIsToldInOrder() {
    String start = log().end();
    JobId id = user().send(message().tracked());
    user().settle(user().claimed(), Outcome.retry("no", Duration.ZERO));
    user().settle(user().claimed(), Outcome.release());
    user().settle(user().claimed(), Outcome.fail("bad"));
    Job failed = user().job(id);
    user().go(failed, failed.redriven(user().now()));
    user().settle(user().claimed(), Outcome.done());

    List<Event> events = events(start, 10);
    assertThat(events).allMatch(event -> id.equals(event.job()) && event.queue().equals(QUEUE));
    assertThat(events)
        .extracting(Event::type)
        .containsExactly(
            Event.Type.ENQUEUED,
            Event.Type.LEASED,
            Event.Type.RETRIED,
            Event.Type.LEASED,
            Event.Type.RELEASED,
            Event.Type.LEASED,
            Event.Type.FAILED,
            Event.Type.REDRIVEN,
            Event.Type.LEASED,
            Event.Type.DONE);
    assertThat(events.get(1))
        .satisfies(leased -> {
          assertThat(leased.consumer()).isEqualTo("worker");
          assertThat(leased.subject()).isEqualTo("note");
          assertThat(leased.attempt()).isEqualTo(1);
          assertThat(leased.status()).isEqualTo(Status.Kind.PROCESSING);
          assertThat(leased.at()).isEqualTo(user().now().wall());
          assertThat(leased.error()).isNull();
        });
    assertThat(events.getFirst().since()).as("it is new").isNull();
    assertThat(events.subList(1, events.size())).allMatch(event -> event.since() != null);
    assertThat(events.get(2).error()).isEqualTo("no");
    assertThat(events.get(6).error()).isEqualTo("bad");
  }

  @Test
  default void whatExpiresTellsItsLastErrorThoughNothingOfItIsKept() {
    QueueSettings settings =
        QueueSettings.STANDARD.retention(new QueueSettings.Retention(null, Duration.ZERO));
    user().send(message().timeToLive(Duration.ofSeconds(10)));
    user().settle(user().claimed(), Outcome.retry("boom", Duration.ofSeconds(1)));
    user().advance(Duration.ofSeconds(10));
    user().awaitPending(1);
    String start = log().end();
    Job expired = user().store().overdue(Store.Overdue.EXPIRED, 1).getFirst();
    user().go(expired, expired.expired(settings, user().now()));
    assertThat(user().find(expired.id())).isEmpty();
    assertThat(events(start, 1).getFirst().type()).isEqualTo(Event.Type.EXPIRED);
    assertThat(events(start, 1).getFirst().error()).isEqualTo("boom");
  }

  @Test
  default void theSessionIsToldAndWhenTheStateBeforeHadBegun() {
    String start = log().end();
    user().send(message().session("s").delay(Duration.ofSeconds(1)));
    Instant sent = user().now().wall();
    user().advance(Duration.ofSeconds(1));
    user().awaitPending(1);
    Job claimed = user().claimed();
    Instant begun = user().now().wall();
    user().advance(Duration.ofSeconds(2));
    user().settle(claimed, Outcome.done());

    List<Event> events = events(start, 4);
    assertThat(events).extracting(Event::session).containsOnly("s");
    assertThat(events).extracting(Event::since).containsExactly(null, sent, sent, begun);
    assertThat(events.getLast().at()).isEqualTo(begun.plusSeconds(2));
  }

  @Test
  default void aDelayedMessageIsToldAsScheduled() {
    String start = log().end();
    user().send(message().delay(Duration.ofSeconds(1)));
    assertThat(events(start, 1)).extracting(Event::type).containsExactly(Event.Type.SCHEDULED);
    user().advance(Duration.ofSeconds(1));
    user().awaitPending(1);
    assertThat(events(start, 2))
        .extracting(Event::type)
        .containsExactly(Event.Type.SCHEDULED, Event.Type.ENQUEUED);
  }

  @Test
  default void aJobThatWaitsForOthersIsToldAsScheduled() {
    Job callback = user().waiting(message(), 1);
    String start = log().end();
    user().done(Commit.synced(new Change.Append(callback, null)));
    user().done(Commit.written(new Change.Ended(callback.id(), true)));
    assertThat(events(start, 2))
        .extracting(Event::type)
        .containsExactly(Event.Type.SCHEDULED, Event.Type.ENQUEUED);
  }

  @Test
  default void whatWasRefusedOrKnownIsNotTold() {
    user().send(message().key("k"));
    String start = log().end();
    user().send(message().key("k"));
    user().stale(Commit.written(new Change.Renew(user().id(), 1, 1)));
    user().send("other", message());
    assertThat(events(start, 1)).extracting(Event::queue).containsExactly("other");
  }

  @Test
  default void sessionsAndPausesAreTold() {
    String start = log().end();
    SessionLease held = user().hold("s");
    user().free(held);
    user().state(QueueState.Kind.PAUSED);
    user().state(QueueState.Kind.ACTIVE);

    List<Event> events = events(start, 4);
    assertThat(events)
        .extracting(Event::type)
        .containsExactly(
            Event.Type.SESSION_HELD,
            Event.Type.SESSION_FREED,
            Event.Type.QUEUE_PAUSED,
            Event.Type.QUEUE_RESUMED);
    assertThat(events.getFirst().subject()).isEqualTo("s");
    assertThat(events.getFirst().consumer()).isEqualTo("worker");
    assertThat(events).allMatch(event -> event.job() == null && event.queue().equals(QUEUE));
  }

  @Test
  default void readingGoesOnAfterAPosition() {
    String start = log().end();
    List<JobId> ids = user().send(5, message());
    List<Event> all = events(start, 5);
    assertThat(all).extracting(Event::job).isEqualTo(ids);
    assertThat(all).extracting(Event::position).doesNotHaveDuplicates();
    assertThat(all.getLast().position()).isEqualTo(log().end());

    List<Event> slowly = new ArrayList<>();
    String position = start;
    while (slowly.size() < 5) {
      slowly.addAll(log().after(position, 2));
      position = slowly.getLast().position();
    }
    assertThat(slowly).isEqualTo(all);
    assertThat(log().after(position, 2)).isEmpty();
  }

  @Test
  default void whoeverReadsTooSlowlyIsReset() {
    String start = log().end();
    user().send(user().store().events().capacity(), message());
    Await.until("the first event", () -> log().after(start, 1).size() == 1);
    user().send(message());
    Await.until(
        "a reset",
        () -> {
          try {
            return log().after(start, 1).isEmpty();
          } catch (Watch.Reset _) {
            return true;
          }
        });
    assertThatExceptionOfType(Watch.Reset.class).isThrownBy(() -> log().after(start, 1));
  }

  @Test
  default void aPositionFromBeforeAReopeningIsReset() {
    String start = log().end();
    user().send(message());
    user().reopen();
    for (String position : List.of(start, "", "x", "1", "-", log().end() + "1")) {
      assertThatExceptionOfType(Watch.Reset.class)
          .as(position)
          .isThrownBy(() -> log().after(position, 1));
    }
    assertThat(log().after(log().end(), 1)).isEmpty();
  }

  /** Whoever looked in vain is told before there is something to find: else it sleeps on. */
  @Test
  default void aHintComesWheneverThereIsSomethingToClaim() throws Exception {
    for (int seed = 1; seed <= 5; seed++) {
      Set<String> hints = ConcurrentHashMap.newKeySet();
      SplittableRandom random = new SplittableRandom(seed);
      try (AutoCloseable _ = user().store().wake(wake -> hints.add(wake.queue()))) {
        boolean inVain = false;
        for (int step = 0; step < 300; step++) {
          somethingHappens(random);
          List<Job> claimed = user().claim(1);
          if (!claimed.isEmpty() && inVain) {
            Await.until("a hint, seed " + seed + ", step " + step, () -> hints.contains(QUEUE));
          }
          inVain = claimed.isEmpty();
          if (inVain) {
            hints.clear();
            inVain = user().claim(1).isEmpty();
          }
        }
      }
      user().reopen();
    }
  }

  @Test
  default void aHintComesForAFreeSession() throws Exception {
    user().send(message().session("s"));
    SessionLease held = user().hold("s");
    Set<String> hints = ConcurrentHashMap.newKeySet();
    try (AutoCloseable _ = user().store().wake(wake -> hints.add(wake.queue()))) {
      user().free(held);
      Await.until("a hint after the session was freed", () -> hints.contains(QUEUE));
      user().hold("s");
      hints.clear();
      user().advance(Duration.ofMillis(StoreUser.LEASE_TICKS));
      Await.until("a hint after the hold lapsed", () -> hints.contains(QUEUE));
    }
  }

  @Test
  default void noHintComesAfterTheRegistrationIsClosed() throws Exception {
    Set<String> hints = ConcurrentHashMap.newKeySet();
    user().store().wake(wake -> hints.add(wake.queue())).close();
    user().send(message());
    user().claimed();
    assertThat(hints).isEmpty();
  }

  private void somethingHappens(SplittableRandom random) {
    switch (random.nextInt(7)) {
      case 0 -> user().send(message());
      case 1 -> user().send(message().session("s" + random.nextInt(2)));
      case 2 -> user().send(message().delay(Duration.ofMillis(random.nextInt(500))));
      case 3 -> user().advance(Duration.ofMillis(random.nextInt(300)));
      case 4 ->
          user().state(random.nextBoolean() ? QueueState.Kind.PAUSED : QueueState.Kind.ACTIVE);
      default -> {
        Jobs.JobQuery processing =
            Jobs.JobQuery.ofQueue(QUEUE).status(Status.Kind.PROCESSING).bodies(true);
        List<Job> jobs = user().list(processing, 100);
        if (!jobs.isEmpty()) {
          Job job = jobs.get(random.nextInt(jobs.size()));
          List<Outcome> outcomes =
              List.of(Outcome.done(), Outcome.release(), Outcome.retry("no"), Outcome.fail("x"));
          Outcome outcome = outcomes.get(random.nextInt(outcomes.size()));
          user().go(job, job.settled(outcome, QueueSettings.STANDARD, user().now(), user().random));
        }
      }
    }
  }

  private EventFeed log() {
    return user().store().events();
  }

  private List<Event> events(String after, int count) {
    Await.until(count + " events", () -> log().after(after, count).size() == count);
    return log().after(after, count + 1);
  }
}
