package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.JobNotes;
import dev.afterbay.Moment;
import dev.afterbay.State;
import dev.afterbay.State.Transition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The records of the jobs, and those jobs that are in memory.
 *
 * <p>Every job that the group has touched stays in memory until it is written, as one object: what
 * is known of a job is known once.
 */
final class JobCache {

  private final Tables tables;
  private final Function<String, QueueEntry> queues;
  private final Map<JobId, CachedJob> live = new HashMap<>();
  private final List<CachedJob> touched = new ArrayList<>();
  private final KnownIds seen;

  JobCache(Tables tables, Function<String, QueueEntry> queues, JobId highest) {
    this.tables = tables;
    this.queues = queues;
    this.seen = new KnownIds(highest);
  }

  /** No job with a greater id was ever stored. */
  JobId highest() {
    return seen.highest();
  }

  /**
   * The job if it is in memory; it may be one that the group has forgotten, see {@link CachedJob}.
   */
  @Nullable CachedJob inMemory(JobId id) {
    return live.get(id);
  }

  boolean exists(JobId id) {
    return seen.mayHave(id)
        && (live.containsKey(id) || tables.get(Tables.Table.BODY, Keys.id(id)) != null);
  }

  /** The job, which is in memory from now on; null: there is none in the tables either. */
  @Nullable CachedJob find(JobId id, boolean withBody) {
    CachedJob known = live.get(id);
    if (known != null) {
      return known;
    }
    byte[] key = Keys.id(id);
    byte[] body = tables.get(Tables.Table.BODY, key);
    if (body == null) {
      return null;
    }
    byte[] state = JobRecords.state(tables, key);
    return place(JobRecords.job(tables, id, body, state, withBody), state != null, !withBody);
  }

  CachedJob place(Job job, boolean stored, boolean bare) {
    CachedJob entry = new CachedJob(queues.apply(job.queue()), job);
    entry.stored = stored;
    entry.bare = bare;
    live.put(job.id(), entry);
    touch(entry);
    return entry;
  }

  /** The job with its body, attributes and history. */
  Job whole(CachedJob entry) {
    if (!entry.bare) {
      return entry.job;
    }
    JobId id = entry.job.id();
    byte[] key = Keys.id(id);
    byte[] body = tables.get(Tables.Table.BODY, key);
    if (body == null) {
      throw new IllegalStateException("the body of " + id + " is missing: verify the store");
    }
    Job bare = entry.job.bare().with(RowFormat.body(id, body, true).message());
    return JobRecords.withHistory(tables, bare, last(entry, key));
  }

  /** All that its expiry needs: what it fails with is its last error. */
  Job withLastFailure(CachedJob entry) {
    Job bare = entry.job.bare();
    return bare.state().ended() == 0 ? bare : bare.with(bare.state(), whole(entry).lastFailure());
  }

  CachedJob append(Job job) {
    seen.add(job.id());
    byte[] key = Keys.id(job.id());
    tables.put(Tables.Table.BODY, key, RowFormat.body(job));
    CachedJob entry = place(job, false, false);
    boolean isRescheduled = job.state().rescheduledTo() != null;
    if (!job.history().isEmpty() || entry.isProcessing() || isRescheduled) {
      appendHistory(entry, key);
    }
    return entry;
  }

  /** Of a job that had a life elsewhere. */
  private void appendHistory(CachedJob entry, byte[] key) {
    List<Attempt> history = entry.job.history();
    int first = entry.job.state().ended() - history.size();
    for (int i = 0; i < history.size() - 1; i++) {
      tables.put(
          Tables.Table.ATTEMPT,
          Keys.attempt(entry.job.id(), first + i),
          RowFormat.attempt(history.get(i)));
    }
    writeState(entry, key, history.isEmpty() ? null : history.getLast());
  }

  /**
   * Writes the state that a job came to; of one that is not gone.
   *
   * @param ended null: the attempt goes on, as after a renewal, or there is none
   */
  void update(CachedJob entry, State after, @Nullable Attempt ended) {
    Job before = entry.job;
    byte[] key = Keys.id(before.id());
    Attempt last = last(entry, key);
    if (ended != null && last != null) {
      spill(before, last);
    }
    deleteState(entry, key);
    entry.become(after, ended);
    writeState(entry, key, ended == null ? last : ended);
    touch(entry);
  }

  /** Keeps what an attempt tells of its job. */
  void note(CachedJob entry, JobNotes.Note note, Moment now) {
    if (!entry.job.state().noted()) {
      update(entry, entry.job.state().noted(true), null);
    }
    NoteRows.add(tables, entry.job, note, now);
  }

  /** Forgets a job. It stays in memory as gone, for the tables show it until the write. */
  void remove(CachedJob entry, Transition transition) {
    if (transition.event() == Event.Type.EXPIRED) {
      entry.job = withLastFailure(entry); // Of which watchers are told.
    }
    Job job = entry.job;
    byte[] key = Keys.id(job.id());
    tables.delete(Tables.Table.BODY, key);
    deleteState(entry, key);
    if (job.state().noted()) {
      NoteRows.remove(tables, job.id());
    }
    for (int n = Math.max(0, job.state().ended() - Job.HISTORY_MAX);
        n < job.state().ended() - 1;
        n++) {
      tables.delete(Tables.Table.ATTEMPT, Keys.attempt(job.id(), n));
    }
    entry.become(transition.after(), transition.ended());
    touch(entry);
  }

  void touch(CachedJob entry) {
    if (!entry.touched) {
      entry.touched = true;
      touched.add(entry);
    }
  }

  /** The group is written: jobs that are neither near a head nor being processed leave memory. */
  void written() {
    for (CachedJob entry : touched) {
      entry.touched = false;
      entry.forget();
      if (!entry.windowed && !entry.isProcessing()) {
        live.remove(entry.job.id(), entry);
      }
    }
    touched.clear();
  }

  /** A record of a state is deleted before there is another one, which a store may rely on. */
  private void deleteState(CachedJob entry, byte[] key) {
    if (entry.stored) {
      tables.delete(stateTable(entry), key);
    }
  }

  /** The last attempt that ended; its record has it, if the job lacks its history. */
  private @Nullable Attempt last(CachedJob entry, byte[] key) {
    List<Attempt> history = entry.job.history();
    if (!history.isEmpty()) {
      return history.getLast();
    }
    boolean isStored = entry.bare && entry.stored && entry.job.state().ended() > 0;
    byte[] state = isStored ? tables.get(stateTable(entry), key) : null;
    return state == null ? null : JobRecords.lastAttempt(state);
  }

  private void writeState(CachedJob entry, byte[] key, @Nullable Attempt last) {
    tables.put(stateTable(entry), key, RowFormat.state(entry.job.state(), last));
    entry.stored = true;
  }

  private static Tables.Table stateTable(CachedJob entry) {
    return entry.isProcessing() ? Tables.Table.ACTIVE : Tables.Table.JOB;
  }

  /**
   * The last attempt stands in the record of the state; before the next takes its place, it goes to
   * a record of its own. So a job that is done at its first attempt, as most are, costs none.
   */
  private void spill(Job before, Attempt last) {
    JobId id = before.id();
    int ended = before.state().ended();
    tables.put(Tables.Table.ATTEMPT, Keys.attempt(id, ended - 1), RowFormat.attempt(last));
    if (ended >= Job.HISTORY_MAX) {
      tables.delete(Tables.Table.ATTEMPT, Keys.attempt(id, ended - Job.HISTORY_MAX));
    }
  }
}
