package dev.afterbay;

import java.time.Instant;
import java.util.List;

/**
 * The part of a job that changes.
 *
 * @param version grows by one with each transition
 * @param attempts claims that were not released, since the job was accepted or last redriven
 * @param ended attempts that ended in all, those that history has dropped included
 * @param redrives how often somebody gave the job a fresh set of attempts
 * @param cancelRequested somebody wants it cancelled; its handler can see that
 * @param then jobs that wait for this one to end
 * @param since when it was accepted or last redriven; {@code give_up_after} counts from here
 * @param changedAt when its status last became another one, or was given another due time: for an
 *     processing job, when it was claimed; a longer lease and the wish to cancel it move nothing
 */
public record State(
    long version,
    Status status,
    int attempts,
    int ended,
    int redrives,
    boolean cancelRequested,
    List<JobId> then,
    Instant since,
    Instant changedAt) {

  public State {
    then = List.copyOf(then);
    assert attempts >= 0 && version >= 0 : "version " + version + ", attempts " + attempts;
  }

  /** With a longer lease: no transition, so no new version. */
  public State renewed(Lease lease) {
    return new State(
        version,
        new Status.Processing(lease),
        attempts,
        ended,
        redrives,
        cancelRequested,
        then,
        since,
        changedAt);
  }

  State next(Status status, int attempts, Instant now) {
    return new State(
        version + 1, status, attempts, ended, redrives, cancelRequested, then, since, now);
  }

  State ended(Status status, int attempts, Instant now) {
    return new State(
        version + 1, status, attempts, ended + 1, redrives, cancelRequested, then, since, now);
  }

  /** With the wish to cancel it. */
  State askedToStop() {
    return new State(version + 1, status, attempts, ended, redrives, true, then, since, changedAt);
  }

  /** Cancelled while nobody worked on it. */
  State cancelled(Status status, Instant now) {
    return new State(version + 1, status, attempts, ended, redrives, false, then, since, now);
  }

  /** With a fresh set of attempts. */
  State redriven(Status status, Instant now) {
    return new State(version + 1, status, 0, ended, redrives + 1, false, then, now, now);
  }
}
