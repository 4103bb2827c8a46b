package dev.afterbay.engine;

import dev.afterbay.Attempt;
import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.BrokerException.Unavailable;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.PlainText;
import dev.afterbay.QueueSettings;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Takes back jobs that ended, from an export. */
final class Restoring {
  /*
   * What comes was perhaps written by a stranger, so nothing of it is believed: each part has the
   * limits that it has when a job comes to it by itself, and what belongs to the settings of the
   * queue (its order) is made anew. An id of the future would be above all that are still to come,
   * which a store looks up faster than those below; so there is none.
   */

  /** Clocks of two brokers may differ by this. */
  private static final Duration AHEAD_MAX = Duration.ofHours(1);

  private static final Instant TIME_MIN = Instant.EPOCH;
  private static final Instant TIME_MAX = Instant.parse("9999-12-31T23:59:59.999Z");
  private static final int CONSUMER_CHARS_MAX = 256;

  /** How often somebody may restore the same jobs meanwhile. */
  private static final int TRIES_MAX = 10;

  /** Histories come beside the messages. */
  private static final int BYTES_FACTOR = 2;

  private final Engine engine;

  Restoring(Engine engine) {
    this.engine = engine;
  }

  int restore(List<Job> jobs) {
    engine.requireOpen();
    Limits limits = engine.settings.limits();
    SendLimits.check(limits, jobs.stream().map(Job::message).toList());
    long bytes = jobs.stream().mapToLong(Job::bytes).sum();
    long most = (long) limits.batchBytesMax() * BYTES_FACTOR;
    if (bytes > most) {
      throw Rejected.tooLarge(
          "jobs", "the jobs have " + bytes + " B, the limit is " + most + " B: restore less");
    }
    Moment now = engine.clock().now();
    Map<JobId, Job> wanted = new LinkedHashMap<>();
    for (Job job : jobs) {
      wanted.putIfAbsent(job.id(), taken(job, now));
    }
    for (int tries = 0; tries < TRIES_MAX; tries++) {
      List<Change.Append> unknown = unknown(wanted.values());
      if (unknown.isEmpty()) {
        return 0;
      }
      // One of them may have come meanwhile, by somebody who restores the same.
      if (engine.store.commit(Commit.synced(unknown)) instanceof Committed.Done done
          && !done.before()) {
        return unknown.size();
      }
    }
    throw new Unavailable(
        "others restored the same jobs " + TRIES_MAX + " times meanwhile: retry later");
  }

  private List<Change.Append> unknown(Collection<Job> wanted) {
    Map<JobId, Job> left = new LinkedHashMap<>();
    wanted.forEach(job -> left.put(job.id(), job));
    engine.store.find(List.copyOf(left.keySet()), false).forEach(job -> left.remove(job.id()));
    left.values().stream().map(Job::queue).distinct().forEach(engine::create);
    List<Change.Append> unknown = new ArrayList<>(left.size());
    left.values().forEach(job -> unknown.add(new Change.Append(job, null)));
    return unknown;
  }

  /** Whoever gave many learns which one it is that cannot be taken. */
  private Job taken(Job job, Moment now) {
    try {
      return ended(job, now);
    } catch (BrokerException e) {
      throw e.at(new BrokerException.Context(job.queue(), job.id(), "restore", now.wall()));
    }
  }

  private Job ended(Job job, Moment now) {
    if (!job.status().kind().isFinal()) {
      throw new Rejected(
          "status",
          "job "
              + job.id()
              + " is "
              + job.status().kind()
              + ": only jobs that are done, failed or cancelled can be restored");
    }
    Instant latest = now.wall().plus(AHEAD_MAX);
    if (job.id().madeAtMillis() > latest.toEpochMilli()) {
      throw new Rejected("id", "id " + job.id() + " is of the future: no broker has made it yet");
    }
    Message message = job.message();
    QueueSettings settings = engine.settingsOf(Message.requireName("queue", job.queue()));
    boolean fifo = settings.order() == QueueSettings.Order.FIFO;
    String session = message.options().session();
    if (fifo && session != null) {
      throw new Rejected(
          "session", "job " + job.id() + " has a session, but queue " + job.queue() + " is fifo");
    }
    return new Job(
        job.id(),
        job.queue(),
        message,
        fifo ? "" : session,
        0,
        (long) Message.PRIORITY_MAX - message.options().priority(),
        state(job.state(), latest),
        job.history().stream().map(attempt -> attempt(attempt, latest)).toList(),
        time("created_at", job.createdAt(), latest));
  }

  private static State state(State state, Instant latest) {
    Instant first = state.firstDeliveredAt();
    return new State(
        Math.max(1, state.version()), // Not 0, as one that was just sent.
        status(state.status(), latest),
        state.attempts(),
        state.ended(),
        state.redrives(),
        false,
        false,
        List.of(),
        time("since", state.since(), latest),
        first == null ? null : time("first_delivered_at", first, latest),
        time("changed_at", state.changedAt(), latest),
        rescheduledTo(state.rescheduledTo()));
  }

  /** It may be still to come, of a job that was cancelled before. */
  private static @Nullable Instant rescheduledTo(@Nullable Instant due) {
    return due == null ? null : time("rescheduled_to", due, TIME_MAX);
  }

  private static Status status(Status status, Instant latest) {
    return switch (status) {
      case Status.Failed(Instant at, Status.Reason reason, String error) ->
          new Status.Failed(
              time("at", at, latest), reason, PlainText.lines(error, Outcome.REASON_CHARS_MAX));
      case Status.Done(Instant at) -> new Status.Done(time("at", at, latest));
      case Status.Cancelled(Instant at) -> new Status.Cancelled(time("at", at, latest));
      default -> throw new IllegalArgumentException("not final: " + status);
    };
  }

  private static Attempt attempt(Attempt attempt, Instant latest) {
    return new Attempt(
        PlainText.line(attempt.consumer(), CONSUMER_CHARS_MAX),
        time("started_at", attempt.startedAt(), latest),
        time("ended_at", attempt.endedAt(), latest),
        attempt.outcome());
  }

  private static Instant time(String field, Instant time, Instant latest) {
    if (time.isBefore(TIME_MIN) || time.isAfter(latest)) {
      String end = latest.equals(TIME_MAX) ? "9999" : "now";
      throw new Rejected(field, field + " must be from 1970 to " + end + ": " + time);
    }
    return time;
  }
}
