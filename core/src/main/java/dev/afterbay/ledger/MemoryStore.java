package dev.afterbay.ledger;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.EventFeed;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import dev.afterbay.store.StoreHealth;
import dev.afterbay.store.SystemClock;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * A store that forgets everything when it is closed: for tests, and where losing work is fine. Its
 * rules are those of every other store, for they share the {@link Ledger}.
 */
public final class MemoryStore implements Store {

  private static final String CLOSED = "the store is closed: open it again";

  private static final String HALF_DONE =
      "the store stopped at a failure, half of a change may be in it: open another one";

  private final Tables tables;
  private final Ledger ledger;
  private final Clock clock;
  private final Runnable whenClosed;
  private final EarliestAlarm alarm;
  private boolean closed;
  private @Nullable Throwable failure;

  /** Over the machine's clocks. */
  public static MemoryStore open() {
    SystemClock clock = new SystemClock();
    return new MemoryStore(new MemoryTables(), clock, Ledger.Sizes.STANDARD, clock::close);
  }

  /** Over a clock that the caller owns. */
  public static MemoryStore open(Clock clock) {
    return open(new MemoryTables(), clock, Ledger.Sizes.STANDARD);
  }

  /** Over tables and a clock that the caller owns, with other sizes: for tests of stores. */
  public static MemoryStore open(Tables tables, Clock clock, Ledger.Sizes sizes) {
    return new MemoryStore(tables, clock, sizes, () -> {});
  }

  private MemoryStore(Tables tables, Clock clock, Ledger.Sizes sizes, Runnable whenClosed) {
    this.tables = tables;
    this.ledger = Ledger.open(tables, clock, sizes);
    this.clock = ledger.clock();
    this.alarm = new EarliestAlarm(this.clock, this::promote);
    this.whenClosed = whenClosed;
    locked(() -> true);
  }

  @Override
  public Clock clock() {
    return clock;
  }

  @Override
  public List<Committed> commit(List<Commit> commits) {
    return locked(() -> commits.stream().map(ledger::commit).toList());
  }

  @Override
  public List<Job> claim(Claim claim) {
    return locked(() -> ledger.claim(claim).jobs());
  }

  @Override
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    return this.<@Nullable SessionLease>locked(
        () -> ledger.hold(queue, session, consumer, leaseTicks));
  }

  @Override
  public @Nullable SessionLease held(String queue, String session) {
    return this.<@Nullable SessionLease>locked(() -> ledger.reads().held(queue, session));
  }

  @Override
  public List<Job> find(List<JobId> ids, long bytesMax) {
    return locked(() -> ledger.reads().find(ids, bytesMax));
  }

  @Override
  public JobNotes notes(JobId id) {
    return locked(() -> ledger.reads().notes(id));
  }

  @Override
  public Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    return locked(() -> Listing.list(tables, query, cursor, max, bytesMax));
  }

  @Override
  public Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max) {
    return locked(() -> Listing.ended(tables, queue, kind, newestFirst, cursor, max));
  }

  @Override
  public List<Job> peek(String queue, int max, long bytesMax) {
    return locked(() -> ledger.reads().peek(queue, max, bytesMax));
  }

  @Override
  public List<Job> overdue(Overdue overdue, int max) {
    return locked(() -> ledger.reads().overdue(overdue, max));
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    return locked(() -> ledger.reads().queues(after, max));
  }

  @Override
  public QueueStats stats(String queue) {
    return locked(() -> ledger.reads().stats(queue));
  }

  @Override
  public Optional<Setting> setting(String kind, String name) {
    return locked(() -> ledger.reads().setting(kind, name));
  }

  @Override
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return locked(() -> ledger.reads().settings(kind, after, max));
  }

  @Override
  public AutoCloseable wake(Consumer<Wake> listener) {
    return ledger.wake(listener);
  }

  @Override
  public EventFeed events() {
    return ledger.events();
  }

  @Override
  public synchronized StoreHealth health() {
    if (closed) {
      return StoreHealth.failed(CLOSED);
    }
    return failure == null ? StoreHealth.GOOD : StoreHealth.failed(HALF_DONE + ": " + failure);
  }

  @Override
  public boolean shared() {
    return false;
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      alarm.cancel();
      whenClosed.run();
    }
  }

  private synchronized <T extends @Nullable Object> T locked(Supplier<T> call) {
    if (closed) {
      throw new BrokerException.Unavailable(CLOSED);
    }
    if (failure != null) {
      throw new BrokerException.Unavailable(HALF_DONE, failure);
    }
    return whole(call);
  }

  /**
   * Each call is a group of its own: what time asks for, the call, and the write. What throws
   * anything but a typed refusal may have left half of a change behind.
   */
  private <T extends @Nullable Object> T whole(Supplier<T> call) {
    try {
      ledger.promote();
      T result = call.get();
      ledger.write();
      alarm.by(ledger.promote());
      ledger.write();
      return result;
    } catch (BrokerException e) {
      throw e;
    } catch (RuntimeException | Error e) {
      failure = e;
      throw e;
    }
  }

  private synchronized void promote() {
    if (!closed && failure == null) {
      whole(() -> true);
    }
  }
}
