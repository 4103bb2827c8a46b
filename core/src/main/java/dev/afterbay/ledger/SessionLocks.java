package dev.afterbay.ledger;

import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.State.Transition;
import dev.afterbay.rules.EventRules;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.store.Change;
import dev.afterbay.store.SessionLease;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Taking, keeping and freeing sessions. */
record SessionLocks(
    Tables tables,
    Queues queues,
    ReadyIndex ready,
    SessionQueues sessionQueues,
    JobIndexes indexes,
    Notifications notifications) {

  /** Has in memory who holds sessions; at open, after what is being processed. */
  void restore() {
    tables.each(
        Tables.Table.HOLD,
        Keys.NOTHING,
        (key, value) -> {
          SessionLease held = RowFormat.held(Keys.sessionOf(key), value);
          sessionQueues.restoreHeld(queues.of(Keys.queueOf(key)), held);
        });
  }

  /**
   * A session that nobody holds or works on; null: none, or as many are held as may be.
   *
   * @param session null: the one whose first message comes first
   */
  @Nullable SessionQueue vacant(String queue, @Nullable String session, Moment now) {
    QueueEntry book = session == null ? queues.known(queue) : queues.of(queue);
    if (book == null
        || !SessionRules.mayHold(book.isPaused(), book.heldSessions, book.settingsOrStandard())) {
      return null;
    }
    if (session != null) {
      SessionQueue line = sessionQueues.of(book, session);
      return line.isIdle() ? line : null;
    }
    CachedJob first = ready.firstSession(book, now);
    return first == null ? null : sessionQueues.of(first);
  }

  void hold(SessionQueue line, SessionLease held, Moment now) {
    keep(line, held);
    sessionQueues.refresh(line, now);
    tell(Event.Type.SESSION_HELD, line, held, now);
  }

  /** A hold goes on, or ends. */
  void change(Change.Hold change, Moment now) {
    SessionQueue line = sessionQueues.of(queues.of(change.queue()), change.session());
    Long untilTick = change.untilTick();
    if (untilTick == null) {
      free(line, now, (job, settings) -> SessionRules.freed(job, settings, now));
    } else {
      SessionLease held = Objects.requireNonNull(line.held);
      keep(line, new SessionLease(held.session(), held.consumer(), held.fence(), untilTick));
    }
  }

  /** The consumer did not renew it: what it works on counts as an attempt. */
  void lapse(SessionQueue line, Moment now) {
    free(line, now, (job, settings) -> SessionRules.lost(job, settings, now));
  }

  /**
   * The session is anybody's again. What its consumer has not settled is at its old place before
   * the next consumer reads.
   */
  private void free(
      SessionQueue line, Moment now, BiFunction<Job, QueueSettings, Transition> transition) {
    if (line.processing != null) {
      CachedJob entry = indexes.need(line.processing);
      indexes.apply(entry, transition.apply(entry.job, line.queue.settingsOrStandard()), now);
      indexes.endedByStore(entry, now);
    }
    SessionLease held = Objects.requireNonNull(line.held);
    tables.delete(Tables.Table.HOLD, line.prefix);
    sessionQueues.unhold(line);
    sessionQueues.refresh(line, now);
    ready.wake(line.queue, null);
    ready.wake(line.queue, line.session);
    tell(Event.Type.SESSION_FREED, line, held, now);
  }

  private void tell(Event.Type type, SessionQueue line, SessionLease held, Moment now) {
    notifications.tell(
        EventRules.ofSession(type, line.queue.name, line.session, held.consumer(), now));
  }

  private void keep(SessionQueue line, SessionLease held) {
    tables.put(Tables.Table.HOLD, line.prefix, RowFormat.held(held));
    sessionQueues.hold(line, held);
  }
}
