package dev.afterbay.ledger;

import dev.afterbay.Event;
import dev.afterbay.EventType;
import dev.afterbay.Moment;
import dev.afterbay.rules.EventRules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the group that is being gathered will tell once it is written. */
final class EventBuffer {

  private List<Event> events = new ArrayList<>();

  /**
   * @param consumer who had the job; null: nobody
   */
  void tell(EventType type, CachedJob entry, @Nullable String consumer, Moment now) {
    events.add(EventRules.ofJob(type, entry.job, consumer, now));
  }

  /**
   * @param event null: there is nothing to tell
   */
  void tell(@Nullable Event event) {
    if (event != null) {
      events.add(event);
    }
  }

  List<Event> take() {
    List<Event> taken = events;
    events = new ArrayList<>();
    return taken;
  }
}
