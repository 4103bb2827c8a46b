package dev.afterbay.ledger;

import dev.afterbay.Event;
import dev.afterbay.Moment;
import dev.afterbay.State;
import dev.afterbay.rules.EventRules;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.Store;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What is told once a batch is written: the events of its jobs, and where there is work now. */
final class Notifications {

  private static final Logger LOG = System.getLogger(Notifications.class.getName());

  private final EventRing events;
  private final ReadyIndex ready;
  private final List<Consumer<Store.Wake>> listeners = new CopyOnWriteArrayList<>();

  /** What the group that is being gathered will tell. */
  private List<Event> gathered = new ArrayList<>();

  Notifications(EventRing events, ReadyIndex ready) {
    this.events = events;
    this.ready = ready;
  }

  EventFeed events() {
    return events;
  }

  /** See {@link Store#wake}. */
  AutoCloseable listen(Consumer<Store.Wake> listener) {
    listeners.add(listener);
    return () -> listeners.remove(listener);
  }

  /**
   * @param before the job's state before it; null: it had none, or has it still
   */
  void tell(Event.Type type, CachedJob entry, @Nullable State before, Moment now) {
    gathered.add(EventRules.ofJob(type, entry.job, before, now));
  }

  /**
   * @param event null: there is nothing to tell
   */
  void tell(@Nullable Event event) {
    if (event != null) {
      gathered.add(event);
    }
  }

  void publish() {
    List<Event> told = gathered;
    gathered = new ArrayList<>();
    events.publish(told);
    ready.woken().forEach(wake -> listeners.forEach(listener -> tell(listener, wake)));
  }

  /** A listener that throws is told of in the log: it must not stop the store for all others. */
  private static void tell(Consumer<Store.Wake> listener, Store.Wake wake) {
    try {
      listener.accept(wake);
    } catch (RuntimeException e) {
      LOG.log(Logger.Level.ERROR, "a listener for wakes failed at " + wake, e);
    }
  }
}
