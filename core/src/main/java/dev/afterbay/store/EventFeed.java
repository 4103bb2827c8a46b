package dev.afterbay.store;

import dev.afterbay.Event;
import dev.afterbay.Watch;
import java.time.Instant;
import java.util.List;

/**
 * What happened lately, each event with a position. Bounded, and not durable: whoever reads too
 * slowly, or comes with a position of another run, is told to begin anew. Safe for many threads.
 */
public interface EventFeed {

  /** The most events that are kept. */
  int capacity();

  /** The position after the latest event. */
  String end();

  /**
   * At most {@code max} events after the position.
   *
   * @throws Watch.Reset if they are gone, or the position is not of this feed
   */
  List<Event> after(String position, int max);

  /**
   * How many events there were from one position to a later one, gone or not; -1: this feed does
   * not count them.
   *
   * @throws Watch.Reset if a position is not of this feed
   */
  default long between(String from, String to) {
    return -1;
  }

  /**
   * Runs the action after each publication, until the registration is closed. It must be brief and
   * must not block.
   */
  AutoCloseable onPublish(Runnable action);

  /** Publishes what is not a change of the store, such as the state of a circuit breaker. */
  void publish(Event.Type type, Instant at, String queue, String subject, String error);
}
