package dev.afterbay.client.wire;

import dev.afterbay.Attempt;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobNotes;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Moment;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A job as the wire shows it (http-api.md, Jobs). */
public final class JobWire {

  public static final String QUEUE_DEFAULT = "default";
  static final String UNLIMITED = "unlimited";

  /** Clocks that are read one after another may differ by this. */
  private static final Duration DUE_APART_MAX = Duration.ofSeconds(1);

  private JobWire() {}

  /**
   * Which parts of a job are shown besides its own fields.
   *
   * @param payload its body
   * @param history its attempts
   * @param detail all that a {@link Job} knows and the contract does not name, so that our own
   *     client gets the same job
   * @param known that it was there before it was sent again
   */
  public record View(boolean payload, boolean history, boolean detail, boolean known) {
    public static final View FULL = new View(true, true, false);
    public static final View KNOWN = new View(true, true, false, true);
    public static final View PLAIN = new View(false, false, false);

    /** What a look shows. */
    public View(boolean payload, boolean history, boolean detail) {
      this(payload, history, detail, false);
    }
  }

  /**
   * @param notes what is shown of what attempts told; {@link JobNotes#NONE}: nothing
   * @param maxAttempts of the job in its queue
   */
  public static void write(
      JsonGenerator json, Job job, JobNotes notes, View view, int maxAttempts, Moment now) {
    Message message = job.message();
    json.writeStartObject();
    json.writeStringProperty("id", job.id().toString());
    if (view.known()) {
      json.writeBooleanProperty("known", true);
    }
    json.writeStringProperty("job_type", message.type());
    json.writeStringProperty("queue", job.queue());
    if (view.payload()) {
      writePayload(json, message, view.detail());
    }
    json.writeStringProperty("status", word(job.status().kind()));
    json.writeNumberProperty("attempts", job.state().attempts());
    writeMaxAttempts(json, maxAttempts);
    writeNullable(json, "last_error", unlessEmpty(job.lastError()));
    writeNullable(json, "reason", reason(job));
    json.writeStringProperty("scheduled_at", Times.format(scheduledAt(job, now)));
    json.writeStringProperty("created_at", Times.format(job.createdAt()));
    json.writeStringProperty("updated_at", Times.format(job.state().changedAt()));
    writeTime(json, "processing_started_at", startedAt(job));
    writeTime(json, "first_delivered_at", job.state().firstDeliveredAt());
    json.writeNumberProperty("priority", message.options().priority());
    writeNullable(json, "session", message.options().session());
    writeNullable(json, "key", message.options().key());
    writeNullable(json, "correlation_id", message.options().correlationId());
    MessageWire.writeTexts(json, "attributes", message.attributes());
    NotesWire.writeShown(json, notes);
    if (view.history()) {
      writeHistory(json, job);
    }
    if (view.detail()) {
      JobDetail.write(json, job);
    }
    json.writeEndObject();
  }

  private static void writeMaxAttempts(JsonGenerator json, int attempts) {
    if (attempts == QueueSettings.UNLIMITED) {
      json.writeNullProperty("max_attempts");
    } else {
      json.writeNumberProperty("max_attempts", attempts);
    }
  }

  /** The status that the wire shows, by one of five words. */
  public static String word(Status.Kind kind) {
    return switch (kind) {
      case PENDING, WAITING -> "pending";
      case PROCESSING -> "processing";
      case DONE, GONE -> "done";
      case FAILED -> "failed";
      case CANCELLED -> "cancelled";
    };
  }

  public static Status.@Nullable Kind kind(String word) {
    return switch (word) {
      case "pending" -> Status.Kind.PENDING;
      case "processing" -> Status.Kind.PROCESSING;
      case "done" -> Status.Kind.DONE;
      case "failed" -> Status.Kind.FAILED;
      case "cancelled" -> Status.Kind.CANCELLED;
      default -> null;
    };
  }

  public static String word(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Done _ -> "done";
      case Outcome.Retry _ -> "retry";
      case Outcome.Fail _ -> "fail";
      case Outcome.Release _ -> "release";
    };
  }

  static @Nullable String reason(Outcome outcome) {
    return switch (outcome) {
      case Outcome.Retry(String reason, Duration _) -> reason;
      case Outcome.Fail(String reason) -> reason;
      case Outcome.Done _, Outcome.Release _ -> null;
    };
  }

  /** Null if the word is none. */
  static @Nullable Outcome outcome(String word, String reason, @Nullable Duration delay) {
    return switch (word) {
      case "done" -> Outcome.done();
      case "retry" -> new Outcome.Retry(reason, delay);
      case "fail" -> Outcome.fail(reason);
      case "release" -> Outcome.release();
      default -> null;
    };
  }

  static void writeAttempts(JsonGenerator json, String name, int attempts) {
    if (attempts == QueueSettings.UNLIMITED) {
      json.writeStringProperty(name, UNLIMITED);
    } else {
      json.writeNumberProperty(name, attempts);
    }
  }

  public static void writeNullable(JsonGenerator json, String name, @Nullable String text) {
    if (text == null) {
      json.writeNullProperty(name);
    } else {
      json.writeStringProperty(name, text);
    }
  }

  /** An absent one is null. */
  private static void writeTime(JsonGenerator json, String name, @Nullable Instant time) {
    writeNullable(json, name, time == null ? null : Times.format(time));
  }

  private static @Nullable String unlessEmpty(@Nullable String error) {
    return error == null || error.isEmpty() ? null : error;
  }

  /** Why it is failed for good; null: it is not. */
  private static @Nullable String reason(Job job) {
    return job.status() instanceof Status.Failed failed ? failed.reason().words() : null;
  }

  /**
   * JSON stays JSON if it is; anything else is base64.
   *
   * @param exact blanks around the JSON, which a reader of JSON cannot see, count too
   */
  private static void writePayload(JsonGenerator json, Message message, boolean exact) {
    String type = message.contentType();
    boolean shown = Json.isJsonType(type) || Json.isFormType(type);
    if (shown && isPayload(message.body(), exact)) {
      json.writeName("payload");
      json.writeRawValue(message.text());
    } else {
      json.writeBinaryProperty("body_base64", message.body());
      json.writeStringProperty("content_type", type);
    }
  }

  /** Whether a body can stand in JSON as it is. */
  static boolean isPayload(byte[] body, boolean exact) {
    return Json.isJson(body) && !(exact && Json.hasBlanksAround(body));
  }

  static void writeHistory(JsonGenerator json, Job job) {
    json.writeArrayPropertyStart("history");
    for (Attempt attempt : job.history()) {
      json.writeStartObject();
      json.writeStringProperty("started_at", Times.format(attempt.startedAt()));
      json.writeStringProperty("ended_at", Times.format(attempt.endedAt()));
      Duration duration = Duration.between(attempt.startedAt(), attempt.endedAt());
      json.writeNumberProperty("duration_ms", Math.max(0, duration.toMillis()));
      json.writeStringProperty("consumer", attempt.consumer());
      json.writeStringProperty("outcome", word(attempt.outcome()));
      writeNullable(json, "error", unlessEmpty(reason(attempt.outcome())));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /**
   * When it becomes or last became due.
   *
   * <p>That follows from what was sent, from what it was given later and from the attempts, and so
   * it is the same with each look. Only of a job that is not due yet, where the clock was set or
   * the store was closed meanwhile, the tick says another time, which is then true.
   */
  private static Instant scheduledAt(Job job, Moment now) {
    Instant due = dueAfter(job);
    if (job.status() instanceof Status.Pending(Due exact) && !exact.isOver(now)) {
      Instant live = exact.shown(now);
      return Duration.between(live, due).abs().compareTo(DUE_APART_MAX) > 0 ? live : due;
    }
    return due;
  }

  private static Instant dueAfter(Job job) {
    if (job.state().rescheduledTo() != null) {
      return job.state().rescheduledTo();
    }
    Attempt before = attemptBefore(job);
    Instant since = job.state().since();
    if (job.state().redrives() > 0 && (before == null || !before.endedAt().isAfter(since))) {
      return since;
    }
    if (before != null) {
      Duration pause = before.outcome() instanceof Outcome.Retry(var _, var delay) ? delay : null;
      return pause == null ? before.endedAt() : before.endedAt().plus(pause);
    }
    Message.Options options = job.message().options();
    if (options.notBefore() != null) {
      return options.notBefore();
    }
    return options.delay() == null ? job.createdAt() : job.createdAt().plus(options.delay());
  }

  /** The attempt after which it became due; null: it was due from the beginning. */
  private static @Nullable Attempt attemptBefore(Job job) {
    List<Attempt> history = job.history();
    boolean endedByAttempt =
        job.status().kind().isFinal()
            && !history.isEmpty()
            && history.getLast().endedAt().equals(job.state().changedAt());
    int place = history.size() - (endedByAttempt ? 2 : 1);
    return place < 0 ? null : history.get(place);
  }

  private static @Nullable Instant startedAt(Job job) {
    return job.status() instanceof Status.Processing(Lease lease) ? lease.since() : null;
  }
}
