package dev.afterbay.ledger;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import java.util.List;
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

  private final LedgerClock clock;
  private final GatheredBatch batch;
  private final CommitApplier commits;
  private final Claiming claiming;
  private final SessionLocks sessions;
  private final Promotion promotion;
  private final LedgerReads reads;
  private final Notifications notifications;

  /**
   * Reads what the tables hold and raises the epoch; the caller makes that durable before it
   * answers anything.
   *
   * @throws BrokerException.Unavailable if the tables are of another format
   */
  public static Ledger open(Tables written, Clock clock, Sizes sizes) {
    return new Ledger(written, clock, sizes);
  }

  /** Makes all parts, and has them read, before any other call, what they need in memory. */
  private Ledger(Tables written, Clock machine, Sizes sizes) {
    LedgerHead head = LedgerHead.read(written);
    long epoch = head.epoch() + 1;
    Tables tables = new WriteBuffer(written);
    Queues queues = new Queues(tables);
    JobCache cache = new JobCache(tables, queues::of, head.highest());
    Timers timers = new Timers(tables, Math.max(16, sizes.windowMax()));
    ReadyIndex ready = new ReadyIndex(tables, cache, sizes.windowMax());
    SessionQueues sessionQueues =
        new SessionQueues(tables, cache, ready, timers, sizes.sessionsMax());
    DedupKeys keys = new DedupKeys(tables);
    RetentionIndex retention = new RetentionIndex(tables);
    DeferredIndex deferred = new DeferredIndex(tables);
    notifications = new Notifications(new EventRing(epoch), ready);
    JobIndexes indexes =
        new JobIndexes(
            cache, timers, ready, sessionQueues, deferred, retention, notifications, head.seq());
    OverdueJobs overdue = new OverdueJobs(cache, indexes, timers, epoch);
    clock = new LedgerClock(machine, head.tick());
    batch =
        new GatheredBatch(
            epoch, head.commitNumber(), tables, queues, cache, sessionQueues, indexes);
    sessions = new SessionLocks(tables, queues, ready, sessionQueues, indexes, notifications);
    commits =
        new CommitApplier(
            cache, queues, indexes, sessions, sessionQueues, keys, retention, notifications);
    claiming = new Claiming(epoch, queues, cache, ready, sessionQueues, indexes);
    promotion = new Promotion(timers, indexes, sessions, sessionQueues, keys);
    reads = new LedgerReads(clock, tables, cache, queues, ready, overdue);
    queues.restore();
    ready.restore(queues::of);
    sessionQueues.restore(queues::of);
    overdue.restore(tables, clock.now(), this::writeAll);
    sessions.restore();
    writeAll();
  }

  private void writeAll() {
    batch.add();
    write();
  }

  /** The store's clock: its ticks go on after the last one that was written. */
  public Clock clock() {
    return clock;
  }

  /** See {@link Store#events}. */
  public EventFeed events() {
    return notifications.events();
  }

  /** The number of the last batch that is in the tables, counted from 1; 0: there is none. */
  public static long commitNumber(TableView tables) {
    return LedgerHead.commitNumber(tables);
  }

  /**
   * Raises the epoch by more than one, for tables of an earlier time: whoever used the later ones,
   * which are gone, must not have been given a fence that will be given again.
   *
   * <p>The number of the commit stays, as all else that the tables hold.
   */
  public static void skipEpochs(Tables tables, long epochs) {
    LedgerHead.read(tables).later(epochs).write(tables);
    tables.write();
  }

  /** See {@link Store#wake}. */
  public AutoCloseable wake(Consumer<Store.Wake> listener) {
    return notifications.listen(listener);
  }

  /** Guards all changes of a commit, then does all of them, or none. */
  public Committed commit(Commit commit) {
    return commits.apply(commit, clock.now(), batch);
  }

  /** See {@link Store#claim}. */
  public Claimed claim(Claim claim) {
    Claimed claimed = claiming.claim(claim, clock.now());
    if (!claimed.jobs().isEmpty()) {
      batch.add();
    }
    return claimed;
  }

  /** See {@link Store#hold}; synced. */
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    Moment now = clock.now();
    SessionQueue vacant = sessions.vacant(queue, session, now);
    if (vacant == null) {
      return null;
    }
    batch.add();
    SessionLease held =
        new SessionLease(vacant.session, consumer, claiming.nextFence(), now.tick() + leaseTicks);
    sessions.hold(vacant, held, now);
    return held;
  }

  /** What is asked of it, and changes nothing; lists are made by {@link Listing}. */
  public LedgerReads reads() {
    return reads;
  }

  /**
   * Does what time asks for: makes jobs due, frees sessions whose consumers are gone, forgets keys.
   *
   * @return the tick at which it wants to be called again
   */
  public long promote() {
    return promotion.promote(clock.now(), batch);
  }

  /** Writes what has gathered as one batch, and tells those who listen. */
  public void write() {
    batch.write(clock);
    notifications.publish();
  }
}
