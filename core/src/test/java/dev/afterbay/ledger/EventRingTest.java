package dev.afterbay.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.afterbay.Event;
import dev.afterbay.Watch;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class EventRingTest {

  private final EventRing log = new EventRing(3);

  @Test
  void eventsAreReadInOrderAfterAPosition() {
    String start = log.end();
    publish("a");
    String middle = log.end();
    publish("b");
    publish("c");

    assertThat(log.after(start, 10)).extracting(Event::subject).containsExactly("a", "b", "c");
    assertThat(log.after(start, 2)).extracting(Event::subject).containsExactly("a", "b");
    assertThat(log.after(middle, 10)).extracting(Event::subject).containsExactly("b", "c");
    assertThat(log.after(start, 1).getFirst().position()).isEqualTo(middle);
    assertThat(log.after(log.end(), 10)).isEmpty();
  }

  @Test
  void anEventThatIsOverwrittenIsReset() {
    String start = log.end();
    log.publish(Collections.nCopies(EventRing.EVENTS_MAX, event("x")));
    assertThat(log.after(start, 1)).hasSize(1);
    publish("one more");
    assertThatExceptionOfType(Watch.Reset.class).isThrownBy(() -> log.after(start, 1));
    assertThat(log.after("3-1", EventRing.EVENTS_MAX + 1)).hasSize(EventRing.EVENTS_MAX);
  }

  @Test
  void whatIsGoneIsCounted() {
    String start = log.end();
    log.publish(Collections.nCopies(EventRing.EVENTS_MAX + 5, event("x")));
    assertThat(log.between(start, log.end())).isEqualTo(EventRing.EVENTS_MAX + 5);
    assertThat(log.between(log.end(), log.end())).isZero();
    assertThatExceptionOfType(Watch.Reset.class).isThrownBy(() -> log.between("2-0", log.end()));
  }

  @Test
  void longEventsAreOverwrittenBeforeTheyFillTheMemory() {
    String error = "x".repeat(6_000);
    Event event =
        new Event(
            "",
            Event.Type.FAILED,
            Instant.EPOCH,
            "q",
            null,
            "s",
            null,
            0,
            null,
            error,
            null,
            null,
            null,
            null,
            null,
            null,
            null);
    int sent = 2 * (int) (EventRing.BYTES_MAX / error.length());
    log.publish(Collections.nCopies(sent, event));
    int kept = 0;
    for (long from = sent - 1L; from >= 0 && kept == sent - 1 - from; from--) {
      try {
        kept = log.after("3-" + from, sent).size();
      } catch (Watch.Reset e) {
        break;
      }
    }
    assertThat(kept).isBetween(sent / 3, sent / 2);
    assertThat(log.after("3-" + (sent - kept), sent)).hasSize(kept);
  }

  @Test
  void aPositionOfAnotherLogIsReset() {
    publish("a");
    for (String position :
        List.of(
            "",
            "-",
            "3",
            "3-",
            "3-2",
            "2-0",
            "33-0",
            "3--1",
            "3-+1",
            "3-٠",
            "3-99999999999999999999",
            "x-y")) {
      assertThatExceptionOfType(Watch.Reset.class)
          .as(position)
          .isThrownBy(() -> log.after(position, 1));
    }
  }

  @Test
  void listenersAreToldUntilTheyAreClosed() throws Exception {
    AtomicInteger told = new AtomicInteger();
    try (AutoCloseable _ = log.onPublish(told::incrementAndGet)) {
      publish("a");
      log.publish(List.of());
    }
    publish("b");
    assertThat(told).hasValue(1);
  }

  private void publish(String subject) {
    log.publish(List.of(event(subject)));
  }

  private static Event event(String subject) {
    return new Event(
        "",
        Event.Type.ENQUEUED,
        Instant.EPOCH,
        "q",
        null,
        subject,
        null,
        0,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null,
        null);
  }
}
