package example.store;

import dev.afterbay.Event;
import dev.afterbay.Watch;
import dev.afterbay.rules.EventRules;
import dev.afterbay.store.EventFeed;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** The latest events in a list. A position is the epoch of the store and a number. */
final class ListFeed implements EventFeed {

  private static final int CAPACITY = 1_000;

  private final long epoch;
  private final List<Event> latest = new ArrayList<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();
  private long forgotten;

  ListFeed(long epoch) {
    this.epoch = epoch;
  }

  void publish(List<Event> events) {
    synchronized (this) {
      for (Event event : events) {
        latest.add(event.positioned(position(latest.size() + 1)));
      }
      int over = Math.max(0, latest.size() - CAPACITY);
      latest.subList(0, over).clear();
      forgotten += over;
    }
    listeners.forEach(Runnable::run);
  }

  @Override
  public void publish(Event.Type type, Instant at, String queue, String subject, String error) {
    publish(List.of(EventRules.ofQueue(type, at, queue, subject, error)));
  }

  @Override
  public int capacity() {
    return CAPACITY;
  }

  @Override
  public synchronized String end() {
    return position(latest.size());
  }

  @Override
  public synchronized List<Event> after(String position, int max) {
    for (int i = latest.size(); i >= 0; i--) {
      if (position(i).equals(position)) {
        return List.copyOf(latest.subList(i, Math.min(i + max, latest.size())));
      }
    }
    throw new Watch.Reset("no such position, or it is forgotten: " + position + ": list again");
  }

  @Override
  public AutoCloseable onPublish(Runnable action) {
    listeners.add(action);
    return () -> listeners.remove(action);
  }

  /** After so many of the events in the list. */
  private String position(int count) {
    return epoch + "-" + (forgotten + count);
  }
}
