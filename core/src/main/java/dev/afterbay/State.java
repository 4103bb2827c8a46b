package dev.afterbay;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The part of a job that changes.
 *
 * @param version grows by one with each transition
 * @param attempts claims that were not released, since the job was accepted or last redriven
 * @param ended attempts that ended in all, those that history has dropped included
 * @param redrives how often somebody gave the job a fresh set of attempts
 * @param cancelRequested somebody wants it cancelled; its handler can see that
 * @param noted an attempt has told something that is kept beside the job ({@link JobNotes})
 * @param then jobs that wait for this one to end
 * @param since when it was accepted or last redriven; {@code give_up_after} counts from here
 * @param firstDeliveredAt when it was handed out for the first time; null: never yet
 * @param changedAt when its status last became another one, or was given another due time: for an
 *     processing job, when it was claimed; a longer lease and the wish to cancel it move nothing
 * @param rescheduledTo the due time that it was given after it was accepted, until an attempt makes
 *     it due again; null: none
 */
public record State(
    long version,
    Status status,
    int attempts,
    int ended,
    int redrives,
    boolean cancelRequested,
    boolean noted,
    List<JobId> then,
    Instant since,
    @Nullable Instant firstDeliveredAt,
    Instant changedAt,
    @Nullable Instant rescheduledTo) {

  public State {
    then = List.copyOf(then);
    assert attempts >= 0 && version >= 0 : "version " + version + ", attempts " + attempts;
  }

  /** Of a job that was just accepted. */
  static State accepted(Status status, Instant now) {
    return new State(0, status, 0, 0, 0, false, false, List.of(), now, null, now, null);
  }

  /** With a longer lease: no transition, so no new version. */
  public State renewed(Lease lease) {
    Fields next = new Fields(this);
    next.status = new Status.Processing(lease);
    return next.made();
  }

  /** With something that is kept beside the job: no transition, so no new version. */
  public State noted(boolean noted) {
    if (noted == this.noted) {
      return this;
    }
    Fields next = new Fields(this);
    next.noted = noted;
    return next.made();
  }

  /** In that state from the beginning, as a job that waits for others. */
  public State in(Status status) {
    Fields next = new Fields(this);
    next.status = status;
    return next.made();
  }

  /** With jobs that wait for this one to end. */
  public State then(List<JobId> then) {
    Fields next = new Fields(this);
    next.then = then;
    return next.made();
  }

  State next(Status status, int attempts, Instant now) {
    Fields next = changed(status, now);
    next.attempts = attempts;
    return next.made();
  }

  /** Due at another time than before. */
  State rescheduled(Status status, Instant due, Instant now) {
    Fields next = changed(status, now);
    next.rescheduledTo = due;
    return next.made();
  }

  /** With the due time that it was given after it was accepted. */
  public State rescheduledTo(Instant due) {
    Fields next = new Fields(this);
    next.rescheduledTo = due;
    return next.made();
  }

  /** Handed out: one more attempt. */
  State handedOut(Status status, Instant now) {
    Fields next = changed(status, now);
    next.attempts++;
    next.firstDeliveredAt = firstDeliveredAt == null ? now : firstDeliveredAt;
    return next.made();
  }

  State ended(Status status, int attempts, Instant now) {
    Fields next = changed(status, now);
    next.attempts = attempts;
    next.ended++;
    next.rescheduledTo = status.kind().isFinal() ? rescheduledTo : null;
    return next.made();
  }

  /** With the wish to cancel it. */
  State askedToStop() {
    Fields next = new Fields(this);
    next.version++;
    next.cancelRequested = true;
    return next.made();
  }

  /** Cancelled while nobody worked on it. */
  State cancelled(Status status, Instant now) {
    Fields next = changed(status, now);
    next.cancelRequested = false;
    return next.made();
  }

  /** With a fresh set of attempts. */
  State redriven(Status status, Instant now) {
    Fields next = changed(status, now);
    next.attempts = 0;
    next.redrives++;
    next.cancelRequested = false;
    next.since = now;
    next.rescheduledTo = null;
    return next.made();
  }

  private Fields changed(Status status, Instant now) {
    Fields next = new Fields(this);
    next.version++;
    next.status = status;
    next.changedAt = now;
    return next;
  }

  /** All fields, to change some of them. */
  private static final class Fields {
    private long version;
    private Status status;
    private int attempts;
    private int ended;
    private int redrives;
    private boolean cancelRequested;
    private boolean noted;
    private List<JobId> then;
    private Instant since;
    private @Nullable Instant firstDeliveredAt;
    private Instant changedAt;
    private @Nullable Instant rescheduledTo;

    Fields(State from) {
      version = from.version;
      status = from.status;
      attempts = from.attempts;
      ended = from.ended;
      redrives = from.redrives;
      cancelRequested = from.cancelRequested;
      noted = from.noted;
      then = from.then;
      since = from.since;
      firstDeliveredAt = from.firstDeliveredAt;
      changedAt = from.changedAt;
      rescheduledTo = from.rescheduledTo;
    }

    State made() {
      return new State(
          version,
          status,
          attempts,
          ended,
          redrives,
          cancelRequested,
          noted,
          then,
          since,
          firstDeliveredAt,
          changedAt,
          rescheduledTo);
    }
  }

  /**
   * What a step in a job's life comes to, as computed by {@link Job} and written by a store.
   *
   * @param ended the attempt that this step ended, if it did
   * @param event what watchers are told; null: nothing that they could see has changed
   */
  public record Transition(State after, @Nullable Attempt ended, Event.@Nullable Type event) {}
}
