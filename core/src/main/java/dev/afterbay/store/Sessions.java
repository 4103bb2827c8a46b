package dev.afterbay.store;

import dev.afterbay.EventType;
import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.QueueSettings;
import dev.afterbay.Transition;
import java.util.Objects;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** Taking, keeping and freeing sessions. */
final class Sessions {

  private final Tables tables;
  private final Books books;
  private final Lanes lanes;
  private final Lines lines;
  private final Moves moves;
  private final Facts facts;

  Sessions(Tables tables, Books books, Lanes lanes, Lines lines, Moves moves, Facts facts) {
    this.tables = tables;
    this.books = books;
    this.lanes = lanes;
    this.lines = lines;
    this.moves = moves;
    this.facts = facts;
  }

  /**
   * A session that nobody holds or works on; null: none, or as many are held as may be.
   *
   * @param session null: the one whose first message comes first
   */
  @Nullable Line vacant(String queue, @Nullable String session, Moment now) {
    Book book = session == null ? books.known(queue) : books.of(queue);
    if (book == null || book.isPaused() || book.heldSessions >= book.settings().unsettledMax()) {
      return null;
    }
    if (session != null) {
      Line line = lines.of(book, session);
      return line.isIdle() ? line : null;
    }
    Live first = lanes.firstSession(book, now);
    return first == null ? null : lines.of(first);
  }

  void hold(Line line, Held held, Moment now) {
    keep(line, held);
    lines.refresh(line, now);
    facts.tell(EventType.SESSION_HELD, line.book, line.session, held.holder(), now);
  }

  /** A hold goes on, or ends. */
  void change(Change.Hold change, Moment now) {
    Line line = lines.of(books.of(change.queue()), change.session());
    Long untilTick = change.untilTick();
    if (untilTick == null) {
      handBack(line, now, (job, settings) -> job.released(settings, now));
      free(line, now);
    } else {
      Held held = Objects.requireNonNull(line.held);
      keep(line, new Held(held.session(), held.holder(), held.fence(), untilTick));
    }
  }

  /** The holder did not renew it: what it works on counts as an attempt. */
  void lapse(Line line, Moment now) {
    handBack(line, now, (job, settings) -> job.orphaned("session lost", settings, now));
    free(line, now);
  }

  /** What the holder has not settled is at its old place before the next holder reads. */
  private void handBack(
      Line line, Moment now, BiFunction<Job, QueueSettings, Transition> transition) {
    if (line.active != null) {
      Live entry = moves.need(line.active);
      moves.apply(entry, transition.apply(entry.job, line.book.settings()), now);
      moves.endedByItself(entry, now);
    }
  }

  /** The session is anybody's again. */
  private void free(Line line, Moment now) {
    Held held = Objects.requireNonNull(line.held);
    tables.delete(Tables.Table.HOLD, line.prefix);
    lines.unhold(line);
    lines.refresh(line, now);
    lanes.wake(line.book, null);
    lanes.wake(line.book, line.session);
    facts.tell(EventType.SESSION_FREED, line.book, line.session, held.holder(), now);
  }

  private void keep(Line line, Held held) {
    tables.put(Tables.Table.HOLD, line.prefix, Format.held(held));
    lines.hold(line, held);
  }
}
