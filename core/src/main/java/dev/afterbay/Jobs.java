package dev.afterbay;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The record of every job a broker has, for people and dashboards. */
public interface Jobs {

  /** Most jobs of one page. */
  int PAGE_MAX = 500;

  /** The job with that id, with its body and attempts; empty: there is none, or not any more. */
  Optional<Job> find(JobId id);

  /** What attempts told of a job; {@link JobNotes#NONE}: nothing, or there is no such job. */
  JobNotes notes(JobId id);

  /**
   * A page of jobs, newest first. Stable while jobs are added. A page may hold fewer than {@code
   * max} jobs, even none, while there are more: the next cursor tells.
   *
   * @param cursor null: the first page
   * @param bytesMax they have at most so many bytes together ({@link Job#bytes}), or there is only
   *     one; a broker elsewhere may have a limit of its own
   * @throws BrokerException.Rejected if the cursor is not one of ours
   */
  JobPage list(JobQuery query, @Nullable String cursor, int max, long bytesMax);

  /** With the limit {@link ReceiveOptions#BYTES_STANDARD}. */
  default JobPage list(JobQuery query, @Nullable String cursor, int max) {
    return list(query, cursor, max, ReceiveOptions.BYTES_STANDARD);
  }

  /**
   * Stops a job that has not ended. A processing one is only asked to stop.
   *
   * @throws BrokerException.JobNotFound if there is no such job
   * @throws BrokerException.Conflict if it has ended
   */
  Job cancel(JobId id);

  /** Tries a job that ended again; errors as {@link #cancel}. */
  Job redrive(JobId id);

  /**
   * Tries jobs that ended again, each by itself.
   *
   * @return for each in order what went wrong, or empty; errors as {@link #cancel}
   */
  List<Optional<BrokerException>> redrive(List<JobId> ids);

  /** Makes a pending job due now; errors as {@link #cancel}. */
  Job runNow(JobId id);

  /** Makes a pending job due at another time; errors as {@link #cancel}. */
  Job reschedule(JobId id, Instant due);

  /** Forgets a job that ended; errors as {@link #cancel}. */
  void delete(JobId id);

  /**
   * Takes back jobs that ended, as {@link #list} showed them, here or at another broker: with their
   * ids, messages, states and histories. All or none; one whose id is known, whatever became of it,
   * stays as it is. Their retention goes on from when they ended.
   *
   * <p>What attempts told of them ({@link JobNotes}) is not taken back, as only who holds the lease
   * of a job tells something of it: an attempt after a redrive has no checkpoint to go on from. Nor
   * is who waited for them ({@link State#then}): they were told when the job ended.
   *
   * @param jobs as many and as large as one send may be ({@link Limits})
   * @return how many are new here
   * @throws BrokerException.Rejected if one has not ended, is larger than a message may be, or
   *     comes from the future
   */
  int restore(List<Job> jobs);

  /** Watches all jobs change, see {@link #watch(Watch.Filter, String)}. */
  default Watch watch(@Nullable String after) {
    return watch(Watch.Filter.ALL, after);
  }

  /**
   * Watches jobs change.
   *
   * @param filter which events are wanted
   * @param after where an earlier watch stopped ({@link Watch#position}); null: from now on
   */
  Watch watch(Watch.Filter filter, @Nullable String after);

  /**
   * Which jobs to list; null: any. Made from {@link #ALL} or {@link #ofQueue}, such as {@code
   * JobQuery.ofQueue("orders").status(Status.Kind.FAILED)}.
   *
   * @param bodies the messages come with their bodies, and the jobs with their history; attributes
   *     come in any case
   */
  record JobQuery(
      @Nullable String queue,
      Status.@Nullable Kind status,
      @Nullable String type,
      @Nullable String session,
      @Nullable Instant createdAfter,
      boolean bodies) {

    public JobQuery {
      Check.time("created_after", createdAfter);
    }

    /** Every job, without its body. */
    public static final JobQuery ALL = new JobQuery(null, null, null, null, null, false);

    /** The jobs of one queue, without their bodies. */
    public static JobQuery ofQueue(String queue) {
      return ALL.queue(queue);
    }

    /** Of this queue only; null: of any. */
    public JobQuery queue(@Nullable String queue) {
      return new JobQuery(queue, status, type, session, createdAfter, bodies);
    }

    /** In this state only; null: in any. */
    public JobQuery status(Status.@Nullable Kind status) {
      return new JobQuery(queue, status, type, session, createdAfter, bodies);
    }

    /** Of this type only; null: of any. */
    public JobQuery type(@Nullable String type) {
      return new JobQuery(queue, status, type, session, createdAfter, bodies);
    }

    /** Of this session only; null: of any and of none. */
    public JobQuery session(@Nullable String session) {
      return new JobQuery(queue, status, type, session, createdAfter, bodies);
    }

    /** Created after this time only; null: at any time. */
    public JobQuery createdAfter(@Nullable Instant createdAfter) {
      return new JobQuery(queue, status, type, session, createdAfter, bodies);
    }

    /** With bodies and history, or without. */
    public JobQuery bodies(boolean bodies) {
      return new JobQuery(queue, status, type, session, createdAfter, bodies);
    }
  }

  /**
   * Some jobs, and where to go on.
   *
   * @param next null: that was the last page
   */
  record JobPage(List<Job> jobs, @Nullable String next) {}
}
