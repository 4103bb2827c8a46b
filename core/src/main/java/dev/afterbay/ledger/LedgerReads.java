package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.QueueStats;
import dev.afterbay.Status;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import dev.afterbay.store.Store.Overdue;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The reads of a {@link Ledger} that see what has gathered; {@link Listing} does not. */
public final class LedgerReads {

  private final LedgerClock clock;
  private final Tables tables;
  private final JobCache cache;

  /** Not hidden, for tests of what is left in memory. */
  final Queues queues;

  private final ReadyIndex ready;
  private final OverdueJobs overdueJobs;

  LedgerReads(
      LedgerClock clock,
      Tables tables,
      JobCache cache,
      Queues queues,
      ReadyIndex ready,
      OverdueJobs overdueJobs) {
    this.clock = clock;
    this.tables = tables;
    this.cache = cache;
    this.queues = queues;
    this.ready = ready;
    this.overdueJobs = overdueJobs;
  }

  /** See {@link Store#held}. */
  public @Nullable SessionLease held(String queue, String session) {
    return queues.held(queue, session, clock.now());
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

  /** See {@link Store#notes}. */
  public JobNotes notes(JobId id) {
    return NoteRows.read(tables, id);
  }

  /** See {@link Store#peek}. */
  public List<Job> peek(String queue, int max, long bytesMax) {
    QueueEntry entry = queues.known(queue);
    if (entry == null) {
      return List.of();
    }
    boolean bodies = bytesMax != Store.NO_BODIES;
    BoundedJobs picked = new BoundedJobs(bodies ? bytesMax : Long.MAX_VALUE);
    new DeliveryOrder(tables, ready, entry, clock.now(), bodies).pick(max, picked);
    return picked.all();
  }

  /** See {@link Store#overdue}. */
  public List<Job> overdue(Overdue overdue, int max) {
    return overdueJobs.find(overdue, max, clock.now());
  }

  /** See {@link Store#queues}. */
  public List<String> queues(@Nullable String after, int max) {
    return queues.names(after, max);
  }

  /** See {@link Store#stats}. */
  public QueueStats stats(String queue) {
    QueueEntry entry = queues.known(queue);
    if (entry == null) {
      return QueueStats.EMPTY;
    }
    ready.look(entry);
    boolean isDue = entry.count(Status.Kind.PENDING) > 0;
    return entry.stats(isDue ? OldestPending.age(tables, entry, clock.now()) : Duration.ZERO);
  }

  /** See {@link Store#setting}. */
  public Optional<Setting> setting(String kind, String name) {
    return queues.setting(kind, name);
  }

  /** See {@link Store#settings}. */
  public List<Setting> settings(String kind, @Nullable String after, int max) {
    return queues.settings(kind, after, max);
  }
}
