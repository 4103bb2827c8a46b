package dev.afterbay.ledger;

import dev.afterbay.Event;
import dev.afterbay.EventType;
import dev.afterbay.Moment;
import dev.afterbay.State;
import dev.afterbay.rules.EventRules;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What the group that is being gathered will tell once it is written. */
final class EventBuffer {

  private List<Event> events = new ArrayList<>();

  /**
   * @param before the job's state before it; null: it had none, or has it still
   */
  void tell(EventType type, CachedJob entry, @Nullable State before, Moment now) {
    events.add(EventRules.ofJob(type, entry.job, before, now));
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
