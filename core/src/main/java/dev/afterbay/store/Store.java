package dev.afterbay.store;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Jobs;
import dev.afterbay.QueueStats;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Status;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Remembers jobs and tells the time. Everything durable goes through {@link #commit} and {@link
 * #claim}; {@link Job} computes, the store guards and writes (store.md).
 *
 * <p>Every method may throw {@link dev.afterbay.BrokerException.Unavailable} when the store is
 * closed or has failed, and {@link dev.afterbay.BrokerException.OutcomeUnknown} when it failed
 * during the write. Safe for use by many threads; all of them block.
 */
public interface Store extends AutoCloseable {

  /**
   * How many bytes of jobs ({@link Job#bytes}) one call brings where its caller does not say: 16
   * MiB, or an eighth of the heap if that is less.
   */
  long BYTES_STANDARD = ReceiveOptions.BYTES_STANDARD;

  /** For {@link #find(List, long)} and {@link #peek}: jobs may be {@link Job#bare}. */
  long NO_BODIES = 0;

  /** The store's time, shared by all processes on it. */
  Clock clock();

  /**
   * Writes commits, each all or none; the list is only a gathering: one round trip, one sync. Later
   * ones see what earlier ones did.
   *
   * @throws dev.afterbay.BrokerException.DiskFull if a commit has an append and the disk is full
   */
  List<Committed> commit(List<Commit> commits);

  /** Writes one commit, see {@link #commit(List)}. */
  default Committed commit(Commit commit) {
    return commit(List.of(commit)).getFirst();
  }

  /**
   * Picks jobs in the order of rank, then sequence, among the lanes that are open, and leases them.
   * From an at-most-once queue they are removed durably instead.
   *
   * <p>It may come to fewer jobs than there are, so that no claim takes long or brings more bytes
   * than it asks for: of very many types, behind very many expired jobs, or when the next one would
   * be too large. Then there is a wake, and who claims again gets the next ones.
   *
   * @return the jobs as they are now; empty if there are none, or the session is not held any more
   */
  List<Job> claim(Claim claim);

  /**
   * Takes a session that nobody holds or works on, durably.
   *
   * @param session null: the free one whose first message comes first
   * @return null: there is none
   */
  @Nullable SessionLease hold(
      String queue, @Nullable String session, String consumer, long leaseTicks);

  /** Who holds the session; null: nobody. */
  @Nullable SessionLease held(String queue, String session);

  /**
   * The jobs that exist among the given, in that order, as many as the limit allows: to have the
   * others, ask again for those that come after the last one.
   *
   * @param bytesMax the jobs have at most so many bytes together, or there is only one; {@link
   *     #NO_BODIES}: all of them, but they may be {@link Job#bare}
   */
  List<Job> find(List<JobId> ids, long bytesMax);

  /** As {@link #find(List, long)}, with the limit {@link #BYTES_STANDARD} if with bodies. */
  default List<Job> find(List<JobId> ids, boolean bodies) {
    return find(ids, bodies ? BYTES_STANDARD : NO_BODIES);
  }

  /** What attempts told of a job; {@link JobNotes#NONE}: nothing, or there is no such job. */
  JobNotes notes(JobId id);

  /**
   * A page of jobs, newest first, see {@link Jobs#list}.
   *
   * @param bytesMax the jobs have at most so many bytes together, or there is only one
   */
  Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax);

  /** With the limit {@link #BYTES_STANDARD}. */
  default Jobs.JobPage list(Jobs.JobQuery query, @Nullable String cursor, int max) {
    return list(query, cursor, max, BYTES_STANDARD);
  }

  /**
   * Jobs of a queue that ended in one way, {@link Job#bare}, in the order in which they ended; one
   * that ends meanwhile comes last.
   *
   * @param kind done, failed or cancelled
   * @param newestFirst backwards; one that ends meanwhile is then not seen
   * @param cursor as the page before says; null: from the first on
   */
  Jobs.JobPage ended(
      String queue, Status.Kind kind, boolean newestFirst, @Nullable String cursor, int max);

  /**
   * The jobs that would be claimed next, with their bodies, in the order in which they come if each
   * is done before the next is claimed. Of a session that is in use they stand where they come once
   * what is being processed is done; those behind a job whose time has not come stand last, with
   * it.
   *
   * @param bytesMax they have at most so many bytes together, or there is only one; {@link
   *     #NO_BODIES}: as many as asked for, {@link Job#bare}
   */
  List<Job> peek(String queue, int max, long bytesMax);

  /** With the limit {@link #BYTES_STANDARD}. */
  default List<Job> peek(String queue, int max) {
    return peek(queue, max, BYTES_STANDARD);
  }

  /**
   * Up to {@code max} jobs whose time has come, {@link Job#bare}; those that expired with the last
   * attempt that failed, as what it said is their error.
   */
  List<Job> overdue(Overdue overdue, int max);

  /**
   * Names of queues that have a job or a setting, sorted, after the given name.
   *
   * @param after null: from the first on
   */
  List<String> queues(@Nullable String after, int max);

  /** O(1), exact at rest. */
  QueueStats stats(String queue);

  /** The setting of that kind and name; empty: there is none. */
  Optional<Setting> setting(String kind, String name);

  /** Settings of a kind in the order of their names, after the given name. */
  List<Setting> settings(String kind, @Nullable String after, int max);

  /**
   * Tells when a queue may have something to claim. A hint: it may be joined with others or come
   * for nothing. The listener must be brief and must not block.
   */
  AutoCloseable wake(Consumer<Wake> listener);

  /** What happened, bounded; not durable. */
  EventFeed events();

  /** Whether it can do its work now; at once, and also when it is closed or has failed. */
  StoreHealth health();

  /**
   * Writes all that the store holds at one moment, while it goes on: whatever was confirmed before
   * this call is in it, and of later commits all up to one. What became of the bytes when this does
   * not return says itself that it is no whole backup.
   *
   * @param to whose writes may block, and end when they are interrupted; before the first one all
   *     is well
   * @throws dev.afterbay.BrokerException.Unsupported if there is nothing that could be restored
   * @throws dev.afterbay.BrokerException.Conflict if another one is under way
   * @throws dev.afterbay.BrokerException.DiskFull if there is no room for what it holds meanwhile
   * @throws IOException if it cannot be written, or files of the store cannot be read
   * @throws InterruptedException if the caller is interrupted, which ends it
   */
  default void backup(OutputStream to) throws IOException, InterruptedException {
    throw new BrokerException.Unsupported(
        "this store has no backup of its own: export its jobs, or back up where it keeps them");
  }

  /**
   * Whether other processes may use the same jobs at the same time. Then a setting may change
   * without this one's doing, so it is asked for each time, and the store sees to it that this is
   * cheap. Else only this process writes settings.
   */
  boolean shared();

  @Override
  void close();

  /**
   * Where there may be something to claim.
   *
   * @param session null: for anybody; else only for the consumer of that session
   */
  record Wake(String queue, @Nullable String session) {}

  /** Jobs whose time has come for a transition that the engine computes. */
  enum Overdue {
    /** Active, and the lease has lapsed. */
    LAPSED,
    /** Pending, and the time to live is over. */
    EXPIRED,
    /** Active for a consumer inside of a process that ended, when the store was opened since. */
    ORPHANED
  }
}
