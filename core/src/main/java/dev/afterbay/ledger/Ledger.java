package dev.afterbay.ledger;

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
import dev.afterbay.rules.CommitRules;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.Overdue;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
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
  private final Queues queues;
  private final JobCache cache;
  private final Timers timers;
  private final ReadyIndex ready;
  private final SessionQueues sessionQueues;
  private final DedupKeys dedupKeys;
  private final RetentionIndex retention;
  private final SessionLocks sessions;
  private final JobIndexes indexes;
  private final Claiming claiming;
  private final OverdueJobs overdueJobs;
  private final EventRing events;
  private final EventBuffer eventBuffer = new EventBuffer();
  private final List<Consumer<Store.Wake>> wakes = new CopyOnWriteArrayList<>();
  private final long epoch;
  private long commitNumber;
  private long writtenTick;
  private boolean gathered;

  private Ledger(Tables written, Clock clock, Sizes sizes, LedgerHead head) {
    Tables tables = new WriteBuffer(written);
    this.tables = tables;
    this.clock = clock;
    this.tickOffset = head.tick() - clock.now().tick();
    this.epoch = head.epoch() + 1;
    this.commitNumber = head.commitNumber();
    this.events = new EventRing(epoch);
    this.queues = new Queues(tables);
    this.cache = new JobCache(tables, queues::of, head.highest());
    this.timers = new Timers(tables, Math.max(16, sizes.windowMax()));
    this.ready = new ReadyIndex(tables, cache, sizes.windowMax());
    this.sessionQueues = new SessionQueues(tables, cache, ready, timers, sizes.sessionsMax());
    this.dedupKeys = new DedupKeys(tables);
    this.retention = new RetentionIndex(tables);
    DeferredIndex deferred = new DeferredIndex(tables);
    this.indexes =
        new JobIndexes(cache, timers, ready, sessionQueues, deferred, retention, eventBuffer);
    this.sessions = new SessionLocks(tables, queues, ready, sessionQueues, indexes, eventBuffer);
    this.claiming = new Claiming(epoch, queues, cache, ready, sessionQueues, indexes);
    this.overdueJobs = new OverdueJobs(cache, indexes, timers, claiming);
    indexes.lastSeq(head.seq());
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
    return new Restore(tables, queues, cache, ready, sessionQueues, indexes, overdueJobs, page);
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

  /** See {@link Store#events}. */
  public EventFeed events() {
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
    Committed answer = CommitRules.answer(commit, state(now), now);
    if (answer != null) {
      return answer;
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
            indexes.predecessorEnded(waiting, good, now);
        case Change.Hold hold -> sessions.change(hold, now);
        case Change.Put(Setting setting) -> put(setting, now);
        case Change.Forget forget -> affected += forget(forget, now);
        case Change.Drop(String queue) -> {
          queues.drop(queue);
          retention.drop(queue);
        }
      }
    }
    return ids.isEmpty() && affected == 0
        ? Committed.Done.PLAIN
        : new Committed.Done(ids, affected);
  }

  /** See {@link Store#claim}. */
  public Claimed claim(Claim claim) {
    QueueEntry book = queues.known(claim.queue());
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
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    Moment now = now();
    SessionQueue line = sessions.vacant(queue, session, now);
    if (line == null) {
      return null;
    }
    gathered = true;
    SessionLease held =
        new SessionLease(line.session, consumer, claiming.nextFence(), now.tick() + leaseTicks);
    sessions.hold(line, held, now);
    return held;
  }

  /** See {@link Store#held}. */
  public @Nullable SessionLease held(String queue, String session) {
    return queues.held(queue, session, now());
  }

  /** See {@link Store#find}. */
  public List<Job> find(List<JobId> ids, long bytesMax) {
    boolean bodies = bytesMax != Store.NO_BODIES;
    BoundedJobs jobs = new BoundedJobs(bodies ? bytesMax : Long.MAX_VALUE);
    for (JobId id : ids) {
      Job job = find(id, bodies);
      if (job != null && !jobs.add(job)) {
        break;
      }
    }
    return jobs.all();
  }

  private @Nullable Job find(JobId id, boolean withBody) {
    CachedJob known = cache.inMemory(id);
    if (known == null) {
      return JobRecords.job(tables, id, withBody);
    }
    if (known.isGone()) {
      return null;
    }
    return withBody ? cache.whole(known) : known.job;
  }

  /** See {@link Store#peek}. */
  public List<Job> peek(String queue, int max, long bytesMax) {
    QueueEntry book = queues.known(queue);
    if (book == null) {
      return List.of();
    }
    boolean bodies = bytesMax != Store.NO_BODIES;
    BoundedJobs picked = new BoundedJobs(bodies ? bytesMax : Long.MAX_VALUE);
    new DeliveryOrder(tables, book, now(), bodies).pick(ready.peek(book, max), max, picked);
    return picked.all();
  }

  /** See {@link Store#overdue}. */
  public List<Job> overdue(Overdue overdue, int max) {
    return overdueJobs.find(overdue, max, now());
  }

  /** How many queues are in memory, for tests of what is left behind. */
  int queuesInMemory() {
    return queues.size();
  }

  /** How many sessions are. */
  int sessionsInMemory() {
    return sessionQueues.size();
  }

  /** See {@link Store#queues}. */
  public List<String> queues(@Nullable String after, int max) {
    return queues.names(after, max);
  }

  /** See {@link Store#stats}. */
  public QueueStats stats(String queue) {
    QueueEntry book = queues.known(queue);
    if (book == null) {
      return QueueStats.EMPTY;
    }
    Moment now = now();
    ready.look(book);
    return queues.stats(book, now);
  }

  /** See {@link Store#setting}. */
  public Optional<Setting> setting(String kind, String name) {
    return queues.setting(kind, name);
  }

  /** See {@link Store#settings}. */
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return queues.settings(kind, after, max);
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
   * Does what time asks for: makes jobs due, frees sessions whose consumers are gone, forgets keys.
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
      indexes.makeDue(indexes.need(due), now);
      refillTimers();
      due = timers.nextDue(now);
    }
    left = LAPSED_MAX;
    SessionQueue lapsed = sessionQueues.lapsed(now);
    while (lapsed != null && left-- > 0) {
      gathered = true;
      sessions.lapse(lapsed, now);
      lapsed = sessionQueues.lapsed(now);
    }
    if (dedupKeys.nextLook() <= now.tick()) {
      gathered |= dedupKeys.forget(now);
    }
    // What waits for a tick waits longer if the process ends before that tick was written.
    long nextWrite = timers.waitForTicks() ? writtenTick + UNWRITTEN_TICKS_MAX : Long.MAX_VALUE;
    gathered |= nextWrite <= now.tick();
    long next = Math.min(timers.nextLook(now), sessionQueues.nextLapse());
    next = Math.min(next, nextWrite <= now.tick() ? now.tick() + UNWRITTEN_TICKS_MAX : nextWrite);
    return Math.min(next, dedupKeys.nextLook());
  }

  /** Writes what has gathered as one batch, and tells those who listen. */
  public void write() {
    if (gathered) {
      queues.writeCounts();
      commitNumber++;
      writtenTick = now().tick();
      new LedgerHead(epoch, writtenTick, indexes.lastSeq(), commitNumber, cache.highest())
          .write(tables);
      tables.write();
      cache.written();
      sessionQueues.written();
      sessionQueues.vacated().forEach(queues::forgetUnused);
      gathered = false;
    } else {
      cache.written();
    }
    events.publish(eventBuffer.take());
    ready.woken().forEach(wake -> wakes.forEach(listener -> tell(listener, wake)));
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

  private LedgerState state(Moment now) {
    return new LedgerState(cache, indexes, queues, dedupKeys, now);
  }

  private void swap(Change.Swap swap, Moment now) {
    CachedJob entry = indexes.need(swap.id());
    Transition transition = swap.transition();
    State after = CommitRules.keepingLease(entry.job, transition.after());
    indexes.apply(entry, new Transition(after, transition.ended(), transition.event()), now);
  }

  private JobId append(Change.Append append, Moment now) {
    JobId first = dedupKeys.take(append, now);
    if (first != null) {
      return first;
    }
    indexes.append(append.job(), now);
    return append.job().id();
  }

  private void renew(JobId id, long untilTick, Moment now) {
    CachedJob entry = indexes.need(id);
    indexes.renew(entry, untilTick);
    eventBuffer.tell(EventType.RENEWED, entry, null, now);
  }

  private void put(Setting setting, Moment now) {
    QueueEntry book = queues.put(setting);
    if (book != null && setting.kind().equals(Setting.QUEUE_STATE)) {
      EventType type = book.isPaused() ? EventType.QUEUE_PAUSED : EventType.QUEUE_RESUMED;
      eventBuffer.tell(type, book, book.state.kind().name().toLowerCase(Locale.ROOT), null, now);
    }
    if (book != null) {
      ready.wake(book, null);
      sessionQueues.wakeConsumers(book);
    }
  }

  private long forget(Change.Forget forget, Moment now) {
    QueueEntry book = queues.known(forget.queue());
    if (book == null || book.count(forget.kind()) == 0) {
      return 0;
    }
    long affected = 0;
    for (JobId id : retention.before(forget)) {
      CachedJob entry = indexes.located(id);
      if (entry != null && entry.job.status().kind() == forget.kind()) {
        gathered = true;
        indexes.apply(entry, entry.job.deleted(now), now);
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
