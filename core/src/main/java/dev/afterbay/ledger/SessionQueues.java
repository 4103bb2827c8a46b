package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.Status;
import dev.afterbay.rules.SessionRules;
import dev.afterbay.rules.SessionRules.Turn;
import dev.afterbay.store.SessionLease;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The order within sessions, and who holds them.
 *
 * <p>A session that nobody holds or works on can leave memory at any time between groups: what is
 * known of it follows from the LINE table.
 */
final class SessionQueues {

  /** Members of a session in memory; the first is what matters. */
  private static final int WINDOW_MAX = 32;

  /** Sessions that a group may look at to evict some, beside twice as many as it brought. */
  private static final int EVICTION_STEPS = 100;

  private final Tables tables;
  private final JobCache cache;
  private final ReadyIndex ready;
  private final Timers timers;
  private final int linesMax;
  private final TreeMap<Position, SessionQueue> holds = new TreeMap<>();
  private final List<SessionQueue> ended = new ArrayList<>();

  /** Queues with sessions in memory; where the next one is evicted comes first. */
  private final Set<QueueEntry> crowded = new LinkedHashSet<>();

  private int size;
  private int added;

  SessionQueues(Tables tables, JobCache cache, ReadyIndex ready, Timers timers, int linesMax) {
    this.tables = tables;
    this.cache = cache;
    this.ready = ready;
    this.timers = timers;
    this.linesMax = linesMax;
  }

  /** A job that has not ended joins its session. */
  void join(CachedJob entry) {
    SessionQueue line = of(entry);
    JobId id = entry.job.id();
    tables.put(Tables.Table.LINE, Keys.member(line.prefix, entry.job.seq()), Keys.id(id));
    line.members.add(entry.job.seq(), id, _ -> {});
  }

  /** A job has ended. */
  void leave(CachedJob entry) {
    SessionQueue line = of(entry);
    tables.delete(Tables.Table.LINE, Keys.member(line.prefix, entry.job.seq()));
    line.members.remove(entry.job.seq());
  }

  /** Sees to it that the first of a session is offered if it may be, and no other. */
  void refresh(SessionQueue line, Moment now) {
    CachedJob first = first(line);
    Turn turn = turn(line, first);
    JobId wanted = turn == Turn.ANYBODY && first != null ? first.job.id() : null;
    if (line.offered != null && !line.offered.equals(wanted)) {
      CachedJob other = located(line, line.offered);
      line.offered = null;
      if (other != null && other.place == CachedJob.Place.READY) {
        ready.withdraw(other);
      }
    }
    if (first != null && wanted != null && line.offered == null) {
      line.offered = wanted;
      ready.offer(first);
    }
    if (turn == Turn.CONSUMER) {
      ready.wake(line.queue, line.session);
    }
    if (line.isIdle() && line.members.isVoid()) {
      ended.add(line);
    }
  }

  /** Whoever waits for the session itself gets it, though it has nothing to offer. */
  void wakeIfVacant(SessionQueue line) {
    if (line.isIdle() && line.offered == null) {
      ready.wake(line.queue, null);
    }
  }

  /** All who want jobs of the queue look again, as after a pause. */
  void wakeConsumers(QueueEntry book) {
    ready.wake(book, null);
    for (SessionQueue line : book.sessionQueues.values()) {
      if (line.held != null) {
        ready.wake(book, line.session);
      }
    }
  }

  /** The first job of a held session, if its consumer may have it now. */
  @Nullable CachedJob next(SessionQueue line) {
    CachedJob first = first(line);
    return turn(line, first) == Turn.CONSUMER ? first : null;
  }

  private static Turn turn(SessionQueue line, @Nullable CachedJob first) {
    boolean isFirstDue = first != null && isDue(first);
    return SessionRules.turn(isFirstDue, line.held != null, line.processing != null);
  }

  SessionQueue of(CachedJob entry) {
    String session = entry.job.line();
    if (session == null) {
      throw new IllegalStateException(entry.job.id() + " has no session");
    }
    return of(entry.queue, session);
  }

  SessionQueue of(QueueEntry book, String session) {
    SessionQueue line = book.sessionQueues.get(session);
    if (line == null) {
      line = load(book, session);
      // Nobody works on a job of a session that was not in memory, so its first one is offered.
      CachedJob first = first(line);
      if (first != null && isDue(first)) {
        line.offered = first.job.id();
        first.place = CachedJob.Place.READY;
      }
    }
    return line;
  }

  /** Whose sessions are stored; at open, before any other call. */
  void restore(Function<String, QueueEntry> queues) {
    byte @Nullable [] next = {};
    while (next != null) {
      byte[] key = tables.firstKey(Tables.Table.LINE, next);
      QueueEntry book = key == null ? null : queues.apply(Keys.queueOf(key));
      if (book != null) {
        book.hasStoredLines = true;
      }
      next = book == null ? null : Keys.after(book.key);
    }
  }

  /** A session that somebody works on; at open, before any other call for it. */
  void restoreProcessing(CachedJob entry) {
    SessionQueue line = load(entry.queue, Objects.requireNonNull(entry.job.line()));
    line.processing = entry.job.id();
  }

  /** A session that somebody holds; at open, after those that somebody works on. */
  void restoreHeld(QueueEntry book, SessionLease held) {
    SessionQueue line = book.sessionQueues.get(held.session());
    hold(line != null ? line : load(book, held.session()), held);
  }

  void hold(SessionQueue line, SessionLease held) {
    unhold(line);
    line.held = held;
    line.queue.heldSessions++;
    holds.put(new Position(held.untilTick(), held.fence()), line);
  }

  void unhold(SessionQueue line) {
    SessionLease held = line.held;
    if (held != null) {
      holds.remove(new Position(held.untilTick(), held.fence()));
      line.held = null;
      line.queue.heldSessions--;
      line.queue.notRefused(line.session);
    }
  }

  /** A session whose consumer did not renew it; null: there is none. */
  @Nullable SessionQueue lapsed(Moment now) {
    return nextLapse() <= now.tick() ? holds.firstEntry().getValue() : null;
  }

  /** The next tick at which a hold lapses. */
  long nextLapse() {
    return holds.isEmpty() ? Long.MAX_VALUE : holds.firstKey().rank();
  }

  /**
   * The group is written: sessions that ended leave memory, and idle ones beyond the limit.
   *
   * @param ofEnded told of queues of which sessions may have ended
   * @return how many it looked at
   */
  int written(Consumer<QueueEntry> ofEnded) {
    for (SessionQueue line : ended) {
      if (line.isIdle()
          && line.members.isVoid()
          && line.queue.sessionQueues.remove(line.session, line)) {
        left(line.queue);
        line.queue.hasStoredLines &= line.queue.depth() > 0;
      }
    }
    // In use may be more than the limit, and a group must not look at all of them.
    int steps = 0;
    while (size > linesMax && steps < EVICTION_STEPS + 2 * added) {
      evict(crowded.iterator().next());
      steps++;
    }
    added = 0;
    ended.forEach(line -> ofEnded.accept(line.queue));
    ended.clear();
    return steps;
  }

  /** Of a queue, the one that was not used for the longest time goes first, unless it is in use. */
  private void evict(QueueEntry book) {
    SessionQueue oldest = book.sessionQueues.firstEntry().getValue();
    if (oldest.isIdle()) {
      book.hasStoredLines = true;
      book.sessionQueues.pollFirstEntry();
      left(book);
    } else {
      book.sessionQueues.get(oldest.session); // which makes it the last one
      crowded.remove(book);
      crowded.add(book);
    }
  }

  private void left(QueueEntry book) {
    size--;
    if (book.sessionQueues.isEmpty()) {
      crowded.remove(book);
    }
  }

  private static boolean isDue(CachedJob entry) {
    return entry.place == CachedJob.Place.BLOCKED || entry.place == CachedJob.Place.READY;
  }

  private @Nullable CachedJob first(SessionQueue line) {
    if (line.members.wantsRefill()) {
      refill(line);
    }
    Map.Entry<Long, JobId> first = line.members.first();
    return first == null ? null : located(line, first.getValue());
  }

  /** The job with its place, which is not stored but follows from the tables. */
  @Nullable CachedJob located(JobId id) {
    CachedJob entry = cache.find(id, false);
    if (entry != null && entry.isUnplaced()) {
      place(entry, entry.job.line() == null ? null : of(entry));
    }
    return entry == null || entry.isGone() ? null : entry;
  }

  /** The same of a job of the session, which does not count as a use of it. */
  private @Nullable CachedJob located(SessionQueue line, JobId id) {
    CachedJob entry = cache.find(id, true);
    if (entry != null && entry.isUnplaced()) {
      place(entry, line);
    }
    return entry;
  }

  private void place(CachedJob entry, @Nullable SessionQueue line) {
    JobId id = entry.job.id();
    boolean isTimed = entry.job.status() instanceof Status.Pending(var due) && timers.has(due, id);
    boolean isBlocked = line != null && !id.equals(line.offered);
    entry.place =
        isTimed ? CachedJob.Place.DUE : isBlocked ? CachedJob.Place.BLOCKED : CachedJob.Place.READY;
  }

  private SessionQueue load(QueueEntry book, String session) {
    // A session that nothing is stored of costs no scan: a send may have a thousand new ones.
    SessionQueue line = new SessionQueue(book, session, WINDOW_MAX, !book.hasStoredLines);
    if (book.hasStoredLines) {
      refill(line);
    }
    book.sessionQueues.put(session, line);
    crowded.add(book);
    size++;
    added++;
    return line;
  }

  private void refill(SessionQueue line) {
    Long covered = line.members.covered();
    byte[] from = covered == null ? line.prefix : Keys.next(Keys.member(line.prefix, covered));
    line.members.refill(
        tables,
        Tables.Table.LINE,
        from,
        Keys.after(line.prefix),
        Keys::seqOf,
        value -> Keys.idAt(value, 0));
  }
}
