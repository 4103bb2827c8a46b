package dev.afterbay.store;

import dev.afterbay.BrokerException;
import dev.afterbay.EventType;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Moment;
import dev.afterbay.QueueStats;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.Transition;
import java.lang.System.Logger;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The rules of a {@link Store} over {@link Tables}: guards, lanes, sessions, keys, timers, counts
 * and events, once for every store that is made of sorted tables.
 *
 * <p>For one thread at a time. Calls gather until {@link #write}; nothing may be answered before
 * that, and nothing that was promised as synced before the tables were made durable after it. When
 * a write fails, the ledger must not be used any more: its memory is ahead of its tables.
 */
public final class Ledger {

  /**
   * How much is kept in memory.
   *
   * @param windowMax jobs at the head of each lane
   * @param sessionsMax sessions that nobody uses
   */
  public record Sizes(int windowMax, int sessionsMax) {
    public static final Sizes STANDARD = new Sizes(1_000, 20_000);
  }

  /**
   * Jobs that were handed out.
   *
   * @param durability how durable the claim must be before it is answered
   */
  public record Claimed(List<Job> jobs, Commit.Durability durability) {
    static final Claimed NONE = new Claimed(List.of(), Commit.Durability.WRITTEN);
  }

  /** Jobs that become due in one go; each costs reads, and all others wait meanwhile. */
  private static final int PROMOTED_MAX = 50;

  /** Sessions that lapse in one go. */
  private static final int LAPSED_MAX = 100;

  /** How far the tick on the disk may be behind while delays wait for one. */
  private static final long UNWRITTEN_TICKS_MAX = 10_000;

  private static final Logger LOG = System.getLogger(Ledger.class.getName());

  private final Tables tables;
  private final Clock clock;
  private final long tickOffset;
  private final Books books;
  private final Shelf shelf;
  private final Timers timers;
  private final Lanes lanes;
  private final Lines lines;
  private final Uniques uniques;
  private final Room room;
  private final Ends ends;
  private final Sessions sessions;
  private final Moves moves;
  private final Claiming claiming;
  private final Latecomers latecomers;
  private final Guard.Keeper guards;
  private final EventLog events;
  private final Facts facts = new Facts();
  private final List<Consumer<Store.Wake>> wakes = new CopyOnWriteArrayList<>();
  private final long epoch;
  private long commitNumber;
  private long writtenTick;
  private boolean gathered;

  private Ledger(Tables written, Clock clock, Sizes sizes, LedgerHead head) {
    Tables tables = new Group(written);
    this.tables = tables;
    this.clock = clock;
    this.tickOffset = head.tick() - clock.now().tick();
    this.epoch = head.epoch() + 1;
    this.commitNumber = head.commitNumber();
    this.events = new EventLog(epoch);
    this.books = new Books(tables);
    this.shelf = new Shelf(tables, books::of, head.highest());
    this.timers = new Timers(tables, Math.max(16, sizes.windowMax()));
    this.lanes = new Lanes(tables, shelf, sizes.windowMax());
    this.lines = new Lines(tables, shelf, lanes, timers, sizes.sessionsMax());
    this.uniques = new Uniques(tables);
    this.room = new Room(books, uniques);
    this.ends = new Ends(tables);
    this.moves = new Moves(shelf, timers, lanes, lines, ends, facts);
    this.sessions = new Sessions(tables, books, lanes, lines, moves, facts);
    this.claiming = new Claiming(epoch, books, shelf, lanes, lines, moves);
    this.latecomers = new Latecomers(shelf, moves, timers, claiming);
    this.guards = new Guard.Keeper(shelf, moves, books);
    moves.lastSeq(head.seq());
  }

  /**
   * Reads what the tables hold and raises the epoch; the caller makes that durable before it
   * answers anything.
   *
   * @throws BrokerException.Unavailable if the tables are of a newer format
   */
  public static Ledger open(Tables tables, Clock clock, Sizes sizes) {
    Ledger ledger = new Ledger(tables, clock, sizes, LedgerHead.read(tables));
    ledger.restore().all(ledger.now());
    ledger.gathered = true;
    ledger.write();
    return ledger;
  }

  private Restore restore() {
    Runnable page =
        () -> {
          gathered = true;
          write();
        };
    return new Restore(tables, books, shelf, lanes, lines, moves, latecomers, page);
  }

  /** The store's clock: its ticks go on after the last one that was written. */
  public Clock clock() {
    return new Clock() {
      @Override
      public Moment now() {
        return Ledger.this.now();
      }

      @Override
      public Alarm at(long tick, Runnable action) {
        return clock.at(tick - tickOffset, action);
      }
    };
  }

  public EventLog events() {
    return events;
  }

  /** The number of the last batch that is in the tables, counted from 1; 0: there is none. */
  public static long commitNumber(TableView tables) {
    return LedgerHead.read(tables).commitNumber();
  }

  /** See {@link Store#wake}. */
  public AutoCloseable wake(Consumer<Store.Wake> listener) {
    wakes.add(listener);
    return () -> wakes.remove(listener);
  }

  /** Guards all changes of a commit, then does all of them, or none. */
  public Committed commit(Commit commit) {
    Moment now = now();
    int repeat = -1;
    for (int i = 0; i < commit.changes().size(); i++) {
      switch (guards.guard(commit.changes().get(i), now)) {
        case Guard.Ok _ -> {}
        case Guard.Repeat _ -> repeat = i;
        case Guard.Refused(Job job, Setting setting) -> {
          return new Committed.Stale(i, job, setting);
        }
      }
    }
    if (repeat >= 0) {
      return repeated(commit, repeat, now);
    }
    Committed.Stale refused = room.refused(commit.changes(), now);
    if (refused != null) {
      return refused;
    }
    Committed.Full full = room.lacking(commit.changes(), now);
    if (full != null) {
      return full;
    }
    List<JobId> ids = new ArrayList<>();
    long affected = 0;
    for (Change change : commit.changes()) {
      gathered |= !(change instanceof Change.Forget);
      switch (change) {
        case Change.Append append -> ids.add(append(append, now));
        case Change.Swap swap -> swap(swap, now);
        case Change.Renew(JobId id, long _, long untilTick) -> renew(id, untilTick, now);
        case Change.Ended(JobId waiting, boolean good) ->
            moves.predecessorEnded(waiting, good, now);
        case Change.Hold hold -> sessions.change(hold, now);
        case Change.Put(Setting setting) -> put(setting, now);
        case Change.Forget forget -> affected += forget(forget, now);
        case Change.Drop(String queue) -> {
          books.drop(queue);
          ends.drop(queue);
        }
      }
    }
    return ids.isEmpty() && affected == 0
        ? Committed.Done.PLAIN
        : new Committed.Done(ids, affected);
  }

  /** See {@link Store#claim}. */
  public Claimed claim(Claim claim) {
    Book book = books.known(claim.queue());
    if (book == null || book.isPaused()) {
      return Claimed.NONE;
    }
    List<Job> jobs = claiming.claim(book, claim, now());
    if (jobs.isEmpty()) {
      return Claimed.NONE;
    }
    gathered = true;
    boolean synced = book.isAtMostOnce();
    return new Claimed(jobs, synced ? Commit.Durability.SYNCED : Commit.Durability.WRITTEN);
  }

  /** See {@link Store#hold}; synced. */
  public @Nullable Held hold(
      String queue, @Nullable String session, String holder, long leaseTicks) {
    Moment now = now();
    Line line = sessions.vacant(queue, session, now);
    if (line == null) {
      return null;
    }
    gathered = true;
    Held held = new Held(line.session, holder, claiming.nextFence(), now.tick() + leaseTicks);
    sessions.hold(line, held, now);
    return held;
  }

  /** See {@link Store#held}. */
  public @Nullable Held held(String queue, String session) {
    return books.held(queue, session, now());
  }

  /** See {@link Store#find}. */
  public List<Job> find(List<JobId> ids, long bytesMax) {
    boolean bodies = bytesMax != Store.NO_BODIES;
    Picked jobs = new Picked(bodies ? bytesMax : Long.MAX_VALUE);
    for (JobId id : ids) {
      Job job = find(id, bodies);
      if (job != null && !jobs.add(job)) {
        break;
      }
    }
    return jobs.all();
  }

  private @Nullable Job find(JobId id, boolean withBody) {
    Live known = shelf.inMemory(id);
    if (known == null) {
      return Records.job(tables, id, withBody);
    }
    if (known.isGone()) {
      return null;
    }
    return withBody ? shelf.whole(known) : known.job;
  }

  /** See {@link Store#peek}. */
  public List<Job> peek(String queue, int max, long bytesMax) {
    Book book = books.known(queue);
    if (book == null) {
      return List.of();
    }
    boolean bodies = bytesMax != Store.NO_BODIES;
    Picked picked = new Picked(bodies ? bytesMax : Long.MAX_VALUE);
    new DeliveryOrder(tables, book, now(), bodies).pick(lanes.peek(book, max), max, picked);
    return picked.all();
  }

  /** See {@link Store#overdue}. */
  public List<Job> overdue(Overdue overdue, int max) {
    return latecomers.find(overdue, max, now());
  }

  /** How many queues are in memory, for tests of what is left behind. */
  int queuesInMemory() {
    return books.size();
  }

  /** See {@link Store#queues}. */
  public List<String> queues(@Nullable String after, int max) {
    return books.names(after, max);
  }

  /** See {@link Store#stats}. */
  public QueueStats stats(String queue) {
    Book book = books.known(queue);
    if (book == null) {
      return QueueStats.EMPTY;
    }
    Moment now = now();
    lanes.look(book);
    return books.stats(book, now);
  }

  /** See {@link Store#setting}. */
  public Optional<Setting> setting(String kind, String name) {
    return books.setting(kind, name);
  }

  /** See {@link Store#settings}. */
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return books.settings(kind, after, max);
  }

  /** See {@link Store#list}; over any view that does not change meanwhile. */
  public static Jobs.JobPage list(
      TableView view, Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    return new Listing(view, query, max, bytesMax).page(cursor);
  }

  /** See {@link Store#ended}; over any view that does not change meanwhile. */
  public static Jobs.JobPage ended(
      TableView view, String queue, Status.Kind kind, @Nullable String cursor, int max) {
    return Listing.ended(view, queue, kind, cursor, max);
  }

  /**
   * Does what time asks for: makes jobs due, frees sessions whose holders are gone, forgets keys.
   *
   * @return the tick at which it wants to be called again
   */
  public long promote() {
    Moment now = now();
    refillTimers();
    int left = PROMOTED_MAX;
    JobId due = timers.nextDue(now);
    while (due != null && left-- > 0) {
      gathered = true;
      moves.makeDue(moves.need(due), now);
      refillTimers();
      due = timers.nextDue(now);
    }
    left = LAPSED_MAX;
    Line lapsed = lines.lapsed(now);
    while (lapsed != null && left-- > 0) {
      gathered = true;
      sessions.lapse(lapsed, now);
      lapsed = lines.lapsed(now);
    }
    if (uniques.nextLook() <= now.tick()) {
      gathered |= uniques.forget(now);
    }
    // What waits for a tick waits longer if the process ends before that tick was written.
    long nextWrite = timers.waitForTicks() ? writtenTick + UNWRITTEN_TICKS_MAX : Long.MAX_VALUE;
    gathered |= nextWrite <= now.tick();
    long next = Math.min(timers.nextLook(now), lines.nextLapse());
    next = Math.min(next, nextWrite <= now.tick() ? now.tick() + UNWRITTEN_TICKS_MAX : nextWrite);
    return Math.min(next, uniques.nextLook());
  }

  /** Writes what has gathered as one batch, and tells those who listen. */
  public void write() {
    if (gathered) {
      books.writeCounts();
      commitNumber++;
      writtenTick = now().tick();
      new LedgerHead(epoch, writtenTick, moves.lastSeq(), commitNumber, shelf.highest())
          .write(tables);
      tables.write();
      shelf.written();
      lines.written();
      lines.vacated().forEach(books::forgetUnused);
      gathered = false;
    } else {
      shelf.written();
    }
    events.publish(facts.take());
    lanes.woken().forEach(wake -> wakes.forEach(listener -> tell(listener, wake)));
  }

  /** A listener that throws is told of in the log: it must not stop the store for all others. */
  private static void tell(Consumer<Store.Wake> listener, Store.Wake wake) {
    try {
      listener.accept(wake);
    } catch (RuntimeException e) {
      LOG.log(Logger.Level.ERROR, "a listener for wakes failed at " + wake, e);
    }
  }

  Moment now() {
    Moment raw = clock.now();
    return new Moment(raw.wall(), raw.tick() + tickOffset);
  }

  /**
   * A change was done before. Either all that can be told apart was, or somebody else did it, and
   * then nothing of this commit happened: half of it must not be answered as done.
   */
  private Committed repeated(Commit commit, int repeat, Moment now) {
    List<JobId> ids = new ArrayList<>();
    for (Change other : commit.changes()) {
      if (other instanceof Change.Append append) {
        JobId own = append.job().id();
        JobId stored = shelf.exists(own) ? own : uniques.find(append, now);
        if (stored == null) {
          return new Committed.Stale(repeat, null, null);
        }
        ids.add(stored);
      } else if (!guards.hasHappened(other, now)) {
        return new Committed.Stale(repeat, null, null);
      }
    }
    return new Committed.Done(ids, 0, true);
  }

  private void swap(Change.Swap swap, Moment now) {
    Live entry = moves.need(swap.id());
    Transition transition = swap.transition();
    State after = Guard.keepingLease(entry, transition.after());
    moves.apply(entry, new Transition(after, transition.ended(), transition.event()), now);
  }

  private JobId append(Change.Append append, Moment now) {
    JobId first = uniques.take(append, now);
    if (first != null) {
      return first;
    }
    moves.append(append.job(), now);
    return append.job().id();
  }

  private void renew(JobId id, long untilTick, Moment now) {
    Live entry = moves.need(id);
    moves.renew(entry, untilTick);
    facts.tell(EventType.RENEWED, entry, null, now);
  }

  private void put(Setting setting, Moment now) {
    Book book = books.put(setting);
    if (book != null && setting.kind().equals(Setting.QUEUE_STATE)) {
      EventType type = book.isPaused() ? EventType.QUEUE_PAUSED : EventType.QUEUE_RESUMED;
      facts.tell(type, book, book.state.kind().name().toLowerCase(Locale.ROOT), null, now);
    }
    if (book != null) {
      lanes.wake(book, null);
      lines.wakeHolders(book);
    }
  }

  private long forget(Change.Forget forget, Moment now) {
    Book book = books.known(forget.queue());
    if (book == null || book.count(forget.kind()) == 0) {
      return 0;
    }
    long affected = 0;
    for (JobId id : ends.before(forget)) {
      Live entry = moves.located(id);
      if (entry != null && entry.job.status().kind() == forget.kind()) {
        gathered = true;
        moves.apply(entry, entry.job.deleted(now), now);
        affected++;
      }
    }
    return affected;
  }

  private void refillTimers() {
    if (timers.wantsRefill()) {
      timers.refill();
    }
  }
}
