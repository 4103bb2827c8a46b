package dev.afterbay.rules;

import dev.afterbay.Due;
import dev.afterbay.Event;
import dev.afterbay.Job;
import dev.afterbay.JobNotes;
import dev.afterbay.Lease;
import dev.afterbay.Moment;
import dev.afterbay.QueueState;
import dev.afterbay.Schedules;
import dev.afterbay.State;
import dev.afterbay.Status;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What watchers are told of a change. The feed gives the events their positions. */
public final class EventRules {

  /** The position of an event that no feed has taken yet. */
  private static final String NONE = "";

  private EventRules() {}

  /** What is told of a job that was just accepted; of one that had ended before, its end. */
  public static Event.Type accepted(Job job, Moment now) {
    return switch (job.status()) {
      case Status.Failed _ -> Event.Type.FAILED;
      case Status.Done _ -> Event.Type.DONE;
      case Status.Cancelled _ -> Event.Type.CANCELLED;
      case Status.Waiting _ -> Event.Type.SCHEDULED;
      default -> TimeRules.isScheduled(job, now) ? Event.Type.SCHEDULED : Event.Type.ENQUEUED;
    };
  }

  /**
   * Of a job.
   *
   * @param job as it is after the change
   * @param before its state before the change; null: it is new, or its state stays what it is
   */
  public static Event ofJob(Event.Type type, Job job, @Nullable State before, Moment now) {
    return ofJob(type, null, null, job, before, now);
  }

  private static Event ofJob(
      Event.Type type,
      @Nullable Double progress,
      @Nullable String text,
      Job job,
      @Nullable State before,
      Moment now) {
    boolean wrong =
        switch (type) {
          case FAILED, EXPIRED, RETRIED, LAPSED -> true;
          default -> false;
        };
    return new Event(
        NONE,
        type,
        now.wall(),
        job.queue(),
        job.id(),
        job.message().type(),
        kind(type, job),
        job.state().attempts(),
        consumer(job.state(), before),
        wrong ? job.lastError() : null,
        due(type, job, now),
        job.message().options().correlationId(),
        progress,
        text,
        job.message().options().session(),
        before == null ? null : before.changedAt(),
        Schedules.sentBy(job.message()));
  }

  /** Who has the lease, else who had it. */
  private static @Nullable String consumer(State now, @Nullable State before) {
    State leased = now.status() instanceof Status.Processing ? now : before;
    return leased != null && leased.status() instanceof Status.Processing(Lease lease)
        ? lease.consumer()
        : null;
  }

  /** Of what an attempt tells; never a checkpoint or a result itself. */
  public static Event ofNote(JobNotes.Note note, Job job, Moment now) {
    return switch (note) {
      case JobNotes.Progress(double share, String text) ->
          ofJob(Event.Type.PROGRESS, share, text, job, null, now);
      case JobNotes.Line(String text) -> ofJob(Event.Type.LOGGED, null, text, job, null, now);
      case JobNotes.Checkpoint _ -> ofJob(Event.Type.CHECKPOINT, job, null, now);
      case JobNotes.Result _ -> ofJob(Event.Type.RESULT, job, null, now);
    };
  }

  /**
   * Of a session that is held or free from now on.
   *
   * @param consumer who holds it, or did
   */
  public static Event ofSession(
      Event.Type type, String queue, String session, String consumer, Moment now) {
    return ofQueue(type, now.wall(), queue, session, consumer, null);
  }

  /** Of what is no change of the store, such as the state of a circuit breaker. */
  public static Event ofQueue(
      Event.Type type, Instant at, String queue, String subject, String error) {
    return ofQueue(type, at, queue, subject, null, error);
  }

  /** Of a setting; null: none is told of. */
  public static @Nullable Event ofSetting(Setting setting, Moment now) {
    if (!setting.kind().equals(Setting.QUEUE_STATE)) {
      return null;
    }
    QueueState.Kind kind =
        setting.isDeleted() ? QueueState.Kind.ACTIVE : SettingCodec.state(setting.values()).kind();
    Event.Type type =
        kind == QueueState.Kind.PAUSED ? Event.Type.QUEUE_PAUSED : Event.Type.QUEUE_RESUMED;
    String subject = kind.name().toLowerCase(Locale.ROOT);
    return ofQueue(type, now.wall(), setting.name(), subject, null, null);
  }

  private static Event ofQueue(
      Event.Type type,
      Instant at,
      String queue,
      String subject,
      @Nullable String consumer,
      @Nullable String error) {
    return new Event(
        NONE, type, at, queue, null, subject, null, 0, consumer, error, null, null, null, null,
        null, null, null);
  }

  /** Of what waits for its time; null: it does not. */
  private static @Nullable Instant due(Event.Type type, Job job, Moment now) {
    return switch (type) {
      case SCHEDULED, RETRIED, LAPSED ->
          job.status() instanceof Status.Pending(Due due) ? due.shown(now) : null;
      default -> null;
    };
  }

  /** The state that people are told; of a job that was forgotten the one that it ended in. */
  private static Status.Kind kind(Event.Type type, Job job) {
    if (!(job.status() instanceof Status.Gone)) {
      return job.status().kind();
    }
    return switch (type) {
      case DONE -> Status.Kind.DONE;
      case FAILED, EXPIRED -> Status.Kind.FAILED;
      case LEASED -> Status.Kind.PROCESSING;
      default -> Status.Kind.CANCELLED;
    };
  }
}
