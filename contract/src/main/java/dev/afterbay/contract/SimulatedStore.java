package dev.afterbay.contract;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.QueueStats;
import dev.afterbay.State.Transition;
import dev.afterbay.Status;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.store.Change;
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
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A memory store that syncs like one on a disk, and fails as a seed wants it: before a write, after
 * one, or so that nobody knows.
 */
final class SimulatedStore implements Store {

  /** A commit that happened, and when; claims are told as the swaps that they come to. */
  record Logged(long tick, Instant wall, Commit commit) {}

  private final CrashingTables tables;
  private final MemoryStore store;
  private final RandomGenerator random;
  private final List<Logged> log = new ArrayList<>();
  private double faults;
  private long syncs;
  private boolean dead;

  SimulatedStore(
      CrashingTables tables, TestClock clock, Ledger.Sizes sizes, RandomGenerator random) {
    this.tables = tables;
    this.store = MemoryStore.open(tables, clock, sizes);
    this.random = random;
    sync();
  }

  /** From now on each write fails with this probability. */
  void faults(double faults) {
    this.faults = faults;
  }

  /** How often everything that was written has become safe from a loss of power. */
  long syncs() {
    return syncs;
  }

  List<Logged> log() {
    return log;
  }

  /** The power is lost; nothing is answered any more. */
  CrashingTables crash() {
    dead = true;
    store.close();
    return tables.crash(random.nextInt(tables.unsynced() + 1));
  }

  @Override
  public Clock clock() {
    return store.clock();
  }

  @Override
  public List<Committed> commit(List<Commit> commits) {
    return write(() -> {
      List<Committed> results = store.commit(commits);
      for (int i = 0; i < commits.size(); i++) {
        if (results.get(i) instanceof Committed.Done) {
          log(commits.get(i));
          syncIf(commits.get(i).durability() == Commit.Durability.SYNCED);
        }
      }
      return results;
    });
  }

  @Override
  public List<Job> claim(Claim claim) {
    return write(() -> {
      List<Job> jobs = store.claim(claim);
      for (Job job : jobs) {
        long version = job.state().version() - 1;
        Transition transition = new Transition(job.state(), null, Event.Type.LEASED);
        log(Commit.written(new Change.Swap(job.id(), version, transition)));
        syncIf(job.status() instanceof Status.Gone);
      }
      return jobs;
    });
  }

  @Override
  public @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks) {
    return write(
            () -> {
              SessionLease held = store.hold(queue, session, consumer, leaseTicks);
              syncIf(held != null);
              return Optional.ofNullable(held);
            })
        .orElse(null);
  }

  @Override
  public @Nullable SessionLease held(String queue, String session) {
    requireAlive();
    return store.held(queue, session);
  }

  @Override
  public List<Job> find(List<JobId> ids, long bytesMax) {
    requireAlive();
    return store.find(ids, bytesMax);
  }

  @Override
  public JobNotes notes(JobId id) {
    requireAlive();
    return store.notes(id);
  }

  @Override
  public Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    requireAlive();
    return store.list(query, cursor, max, bytesMax);
  }

  @Override
  public Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max) {
    requireAlive();
    return store.ended(queue, kind, newestFirst, cursor, max);
  }

  @Override
  public List<Job> peek(String queue, int max, long bytesMax) {
    requireAlive();
    return store.peek(queue, max, bytesMax);
  }

  @Override
  public List<Job> overdue(Overdue overdue, int max) {
    requireAlive();
    return store.overdue(overdue, max);
  }

  @Override
  public List<String> queues(@Nullable String after, int max) {
    requireAlive();
    return store.queues(after, max);
  }

  @Override
  public QueueStats stats(String queue) {
    requireAlive();
    return store.stats(queue);
  }

  @Override
  public Optional<Setting> setting(String kind, String name) {
    requireAlive();
    return store.setting(kind, name);
  }

  @Override
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    requireAlive();
    return store.settings(kind, after, max);
  }

  @Override
  public AutoCloseable wake(Consumer<Wake> listener) {
    return store.wake(listener);
  }

  @Override
  public StoreHealth health() {
    return store.health();
  }

  @Override
  public boolean shared() {
    return store.shared();
  }

  @Override
  public EventFeed events() {
    return store.events();
  }

  @Override
  public void close() {
    store.close();
    sync();
  }

  private <T> T write(Supplier<T> call) {
    requireAlive();
    if (random.nextDouble() >= faults) {
      return call.get();
    }
    int fault = random.nextInt(3);
    if (fault == 0) {
      throw new BrokerException.Unavailable("simulated: certainly not stored");
    }
    String answer = "simulated: perhaps stored";
    if (fault == 1) {
      answer += ", and answered with " + call.get();
    }
    throw new BrokerException.OutcomeUnknown(answer, new IOException("simulated"));
  }

  private void requireAlive() {
    if (dead) {
      throw new BrokerException.Unavailable("simulated: the power is lost");
    }
  }

  private void log(Commit commit) {
    log.add(new Logged(clock().now().tick(), clock().now().wall(), commit));
  }

  private void syncIf(boolean promised) {
    if (promised) {
      sync();
    }
  }

  private void sync() {
    tables.sync();
    syncs++;
  }
}
