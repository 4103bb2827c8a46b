package dev.afterbay.ledger;

import dev.afterbay.store.EventFeed;
import dev.afterbay.store.Store;
import java.lang.System.Logger;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;

/** What is told once a batch is written: the events of its jobs, and where there is work now. */
final class Notifications {

  private static final Logger LOG = System.getLogger(Notifications.class.getName());

  private final EventRing events;
  private final EventBuffer gathered;
  private final ReadyIndex ready;
  private final List<Consumer<Store.Wake>> listeners = new CopyOnWriteArrayList<>();

  Notifications(EventRing events, EventBuffer gathered, ReadyIndex ready) {
    this.events = events;
    this.gathered = gathered;
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

  void publish() {
    events.publish(gathered.take());
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
