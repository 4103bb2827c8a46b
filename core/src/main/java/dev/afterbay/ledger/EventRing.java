package dev.afterbay.ledger;

import dev.afterbay.Event;
import dev.afterbay.Watch;
import dev.afterbay.rules.EventRules;
import dev.afterbay.store.EventFeed;
import java.lang.System.Logger;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/**
 * The latest events in a ring, each with a position: epoch and number. Whoever reads too slowly, or
 * comes with a position of another epoch, is told to begin anew. Safe for many threads.
 */
final class EventRing implements EventFeed {

  private static final Logger LOG = System.getLogger(EventRing.class.getName());

  /** Events that are kept: a few seconds of a busy server, most often some 2 MB. */
  static final int EVENTS_MAX = 16_384;

  /** And as many as have so many bytes together, for an error alone may have 6 KB. */
  static final long BYTES_MAX = Math.min(8L << 20, Runtime.getRuntime().maxMemory() / 32);

  /** Of an event beside its texts. */
  private static final long OTHER_BYTES = 128;

  private final long epoch;

  /** Without positions, which follow from their places. */
  private final @Nullable Event[] ring = new @Nullable Event[EVENTS_MAX];

  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private long first;
  private long next;
  private long bytes;

  /** The epoch tells the positions of this log from those of an earlier run. */
  EventRing(long epoch) {
    this.epoch = epoch;
  }

  void publish(List<Event> events) {
    if (events.isEmpty()) {
      return;
    }
    synchronized (this) {
      for (Event event : events) {
        if (next - first == EVENTS_MAX) {
          forgetFirst();
        }
        ring[(int) (next++ % EVENTS_MAX)] = event;
        bytes += bytes(event);
        while (bytes > BYTES_MAX && next - first > 1) {
          forgetFirst();
        }
      }
    }
    listeners.forEach(EventRing::tell);
  }

  private void forgetFirst() {
    int at = (int) (first++ % EVENTS_MAX);
    bytes -= bytes(Objects.requireNonNull(ring[at]));
    ring[at] = null;
  }

  /** A listener that throws is told of in the log: it must not stop the store for all others. */
  private static void tell(Runnable listener) {
    try {
      listener.run();
    } catch (RuntimeException e) {
      LOG.log(Logger.Level.ERROR, "a listener for events failed", e);
    }
  }

  @Override
  public int capacity() {
    return EVENTS_MAX;
  }

  @Override
  public void publish(Event.Type type, Instant at, String queue, String subject, String error) {
    publish(List.of(EventRules.ofQueue(type, at, queue, subject, error)));
  }

  @Override
  public synchronized String end() {
    return epoch + "-" + next;
  }

  @Override
  public synchronized List<Event> after(String position, int max) {
    long from = number(position);
    if (from < first) {
      throw new Watch.Reset("events before " + end() + " are gone: list again");
    }
    List<Event> events = new ArrayList<>();
    for (long n = from; n < next && events.size() < max; n++) {
      Event event = Objects.requireNonNull(ring[(int) (n % EVENTS_MAX)]);
      events.add(event.positioned(epoch + "-" + (n + 1)));
    }
    return events;
  }

  @Override
  public AutoCloseable onPublish(Runnable action) {
    listeners.add(action);
    return () -> listeners.remove(action);
  }

  @Override
  public long between(String from, String to) {
    return number(to) - number(from);
  }

  private synchronized long number(String position) {
    try {
      long number = Long.parseLong(position.substring(position.indexOf('-') + 1));
      if (position.equals(epoch + "-" + number) && number >= 0 && number <= next) {
        return number;
      }
    } catch (NumberFormatException e) {
      throw new Watch.Reset("not a position of this server: " + position + " (" + e + ")");
    }
    throw new Watch.Reset("a position from before the last start: " + position);
  }

  private static long bytes(Event event) {
    return OTHER_BYTES
        + event.queue().length()
        + event.subject().length()
        + length(event.consumer())
        + length(event.error())
        + length(event.correlationId())
        + length(event.text())
        + length(event.session())
        + length(event.schedule());
  }

  private static int length(@Nullable String text) {
    return text == null ? 0 : text.length();
  }
}
