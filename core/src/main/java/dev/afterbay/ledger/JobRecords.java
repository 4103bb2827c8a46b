package dev.afterbay.ledger;

import dev.afterbay.Attempt;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.State;
import org.jspecify.annotations.Nullable;

/** Puts a job together from its records. */
final class JobRecords {

  private JobRecords() {}

  /** Whole, or {@link Job#bare}. */
  static @Nullable Job job(TableView view, JobId id, boolean whole) {
    byte[] key = Keys.id(id);
    byte[] body = view.get(Tables.Table.BODY, key);
    return body == null ? null : job(view, id, body, state(view, key), whole);
  }

  /** As lists show it: with attributes, and perhaps a body. */
  static @Nullable Job listed(TableView view, JobId id, boolean withBody) {
    byte[] key = Keys.id(id);
    byte[] body = view.get(Tables.Table.BODY, key);
    return body == null ? null : read(view, id, body, state(view, key), withBody, true);
  }

  /** The record of the state that a job has now; null: it is as it was accepted. */
  static byte @Nullable [] state(TableView view, byte[] key) {
    byte[] state = view.get(Tables.Table.JOB, key);
    return state != null ? state : view.get(Tables.Table.ACTIVE, key);
  }

  /**
   * Whole, or {@link Job#bare}.
   *
   * @param state null: the job is as it was accepted
   */
  static Job job(TableView view, JobId id, byte[] body, byte @Nullable [] state, boolean whole) {
    Job job = read(view, id, body, state, whole, whole);
    return whole ? job : job.bare();
  }

  /** The last attempt that a record of a state has; null: it has none. */
  static @Nullable Attempt lastAttempt(byte[] state) {
    RowReader in = new RowReader(state);
    RowFormat.state(in);
    return RowFormat.lastAttempt(in);
  }

  /** A job that lacks its history, with it. */
  static Job withHistory(TableView view, Job job, @Nullable Attempt last) {
    if (last == null) {
      return job;
    }
    Job[] whole = {job};
    int ended = job.state().ended();
    if (ended > 1) {
      view.scan(
          Tables.Table.ATTEMPT,
          Keys.attempt(job.id(), Math.max(0, ended - Job.HISTORY_MAX)),
          Keys.attempt(job.id(), ended - 1),
          false,
          (_, value) -> {
            Attempt earlier = RowFormat.attempt(new RowReader(value));
            whole[0] = whole[0].with(job.state(), earlier);
            return true;
          });
    }
    return whole[0].with(job.state(), last);
  }

  /**
   * With its body or not, and with its history or not.
   *
   * @param state null: the job is as it was accepted
   */
  static Job read(
      TableView view,
      JobId id,
      byte[] body,
      byte @Nullable [] state,
      boolean withBody,
      boolean withHistory) {
    Job first = RowFormat.body(id, body, withBody);
    if (state == null) {
      return first;
    }
    RowReader in = new RowReader(state);
    State read = RowFormat.state(in);
    Attempt last = RowFormat.lastAttempt(in);
    State now = RowFormat.rescheduled(in, read);
    Job job = first.with(now, null);
    return withHistory ? withHistory(view, job, last) : job;
  }
}
