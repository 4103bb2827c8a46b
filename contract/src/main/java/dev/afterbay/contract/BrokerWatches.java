package dev.afterbay.contract;

import static dev.afterbay.contract.BrokerUser.QUEUE;
import static dev.afterbay.contract.BrokerUser.message;
import static dev.afterbay.contract.BrokerUser.waiting;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.Outcome;
import dev.afterbay.Session;
import dev.afterbay.Watch;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** What watchers see (model.md, Events). */
interface BrokerWatches {

  BrokerUser user();

  @Test
  default void aWatchTellsTheLifeOfAJob() {
    user().configure(BrokerUser.eager());
    try (Watch watch = watch(null)) {
      JobId id = user().send(message().tracked());
      user().receive().retry("no");
      user().receive().settle(Outcome.release());
      user().receive().fail("bad");
      user().jobs().redrive(id);
      user().receive().done();
      user().jobs().delete(id);

      List<Event> events = next(watch, 11);
      assertThat(events).extracting(Event::job).containsOnly(id);
      assertThat(events).extracting(Event::queue).containsOnly(QUEUE);
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
              Event.Type.DONE,
              Event.Type.DELETED);
      assertThat(events.get(2).error()).isEqualTo("no");
      assertThat(events.get(6).error()).isEqualTo("bad");
      assertThat(events.get(0).subject()).isEqualTo("note");
    }
  }

  @Test
  default void aWatchTellsOfDelaysCancelsAndPauses() {
    try (Watch watch = watch(null)) {
      JobId id = user().send(message().delay(Duration.ofHours(1)));
      user().jobs().runNow(id);
      user().jobs().cancel(id);
      user().admin().pause("repair");
      user().admin().resume();
      assertThat(next(watch, 5))
          .extracting(Event::type)
          .containsExactly(
              Event.Type.SCHEDULED,
              Event.Type.ENQUEUED,
              Event.Type.CANCELLED,
              Event.Type.QUEUE_PAUSED,
              Event.Type.QUEUE_RESUMED);
    }
  }

  @Test
  default void aWatchTellsOfSessions() {
    user().needsSessions();
    try (Watch watch = watch(null)) {
      Session session = user().session("s");
      session.close();
      List<Event> events = next(watch, 2);
      assertThat(events)
          .extracting(Event::type)
          .containsExactly(Event.Type.SESSION_HELD, Event.Type.SESSION_FREED);
      assertThat(events).extracting(Event::subject).containsOnly("s");
    }
  }

  @Test
  default void aWatchWithoutAPositionBeginsNow() {
    user().send(message());
    try (Watch watch = watch(null)) {
      JobId id = user().send(message());
      assertThat(next(watch, 1)).extracting(Event::job).containsExactly(id);
    }
  }

  @Test
  default void aWatchGoesOnWhereAnotherStopped() {
    List<JobId> ids = new ArrayList<>();
    String position;
    try (Watch watch = watch(null)) {
      ids.addAll(user().send(3, message()));
      Event second = next(watch, 2).get(1);
      assertThat(second.job()).isEqualTo(ids.get(1));
      position = second.position();
      assertThat(watch.position()).isEqualTo(position);
    }
    ids.addAll(user().send(2, message()));
    try (Watch watch = watch(position)) {
      assertThat(next(watch, 3)).extracting(Event::job).isEqualTo(ids.subList(2, 5));
    }
  }

  @Test
  default void aWatchHasAPositionBeforeItsFirstEvent() {
    String position;
    try (Watch watch = watch(null)) {
      position = watch.position();
    }
    JobId id = user().send(message());
    try (Watch watch = watch(position)) {
      assertThat(next(watch, 1)).extracting(Event::job).containsExactly(id);
    }
  }

  @Test
  default void aWaitingWatchIsWoken() throws Exception {
    try (Watch watch = watch(null)) {
      CompletableFuture<List<Event>> waiting =
          waiting(() -> watch.next(10, Duration.ofSeconds(30)));
      user().send(message());
      assertThat(waiting.get(10, TimeUnit.SECONDS)).hasSize(1);
    }
  }

  @Test
  default void closingAWatchEndsItsWait() throws Exception {
    Watch watch = watch(null);
    CompletableFuture<List<Event>> waiting = waiting(() -> watch.next(10, Duration.ofSeconds(30)));
    watch.close();
    assertThat(waiting.get(10, TimeUnit.SECONDS)).isEmpty();
  }

  @Test
  default void aPositionThatIsNotOursIsReset() {
    for (String position : List.of("nonsense", "999999-1")) {
      assertThatThrownBy(
              () -> {
                try (Watch watch = watch(position)) {
                  watch.next(1, Duration.ZERO);
                }
              })
          .isInstanceOf(Watch.Reset.class);
    }
  }

  @Test
  default void aWatchShowsWhatItsFilterTakesAndNothingElse() throws InterruptedException {
    JobId other = user().send(message().tracked());
    Watch.Filter done = Watch.Filter.ALL.queue(QUEUE).types(Event.Type.DONE, Event.Type.FAILED);
    try (Watch all = watch(null);
        Watch ends = user().jobs().watch(done, null);
        Watch elsewhere = user().jobs().watch(Watch.Filter.ALL.queue("elsewhere"), null)) {
      JobId id = user().send(message().tracked());
      try (Watch ofOne = user().jobs().watch(Watch.Filter.ALL.job(id), all.position())) {
        user().receive().done();
        user().receive().fail("bad");

        assertThat(next(ends, 2))
            .extracting(Event::type)
            .containsExactly(Event.Type.DONE, Event.Type.FAILED);
        assertThat(next(ofOne, 3)).extracting(Event::job).containsOnly(id).doesNotContain(other);
        assertThat(next(all, 5)).hasSize(5);
        assertThat(elsewhere.next(10, Duration.ZERO)).isEmpty();
      }
    }
  }

  private Watch watch(@Nullable String after) {
    return user().jobs().watch(after);
  }

  private static List<Event> next(Watch watch, int count) {
    List<Event> events = new ArrayList<>();
    Await.until(
        count + " events",
        () -> {
          events.addAll(BrokerUser.quiet(() -> watch.next(count - events.size(), Duration.ZERO)));
          return events.size() == count;
        });
    return events;
  }
}
