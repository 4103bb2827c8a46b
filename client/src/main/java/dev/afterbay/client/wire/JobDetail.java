package dev.afterbay.client.wire;

import dev.afterbay.Attempt;
import dev.afterbay.Due;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Lease;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.State;
import dev.afterbay.Status;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The object {@code detail} of a job: what our own client needs beyond the contract to have the
 * same {@link Job} as the server. Times and durations are exact in it.
 */
public final class JobDetail {

  private static final int THEN_MAX = 100_000;

  private @Nullable JobId id;
  private @Nullable String type;
  private @Nullable String queue;
  private byte @Nullable [] payload;
  private byte @Nullable [] body;
  private @Nullable Instant createdAt;
  private @Nullable Long priority;
  private @Nullable String session;
  private @Nullable String key;
  private @Nullable Map<String, String> attributes;
  private @Nullable Long attempts;
  private final List<Attempt> history = new ArrayList<>();

  private @Nullable String contentType;
  private @Nullable Duration keyWindow;
  private @Nullable Instant notBefore;
  private @Nullable Duration delay;
  private @Nullable Duration timeToLive;
  private @Nullable Integer maxAttempts;
  private @Nullable String correlationId;
  private @Nullable Boolean tracked;
  private @Nullable String line;
  private @Nullable Long seq;
  private @Nullable Long rank;
  private @Nullable Long version;
  private @Nullable Long ended;
  private @Nullable Long redrives;
  private @Nullable Boolean cancelRequested;
  private @Nullable List<String> then;
  private @Nullable Boolean noted;
  private @Nullable Instant since;
  private @Nullable Instant firstDeliveredAt;
  private @Nullable Instant changedAt;
  private @Nullable Instant rescheduledTo;

  private @Nullable String kind;
  private @Nullable Instant at;
  private @Nullable Long tick;
  private @Nullable Long left;
  private @Nullable Long failed;
  private @Nullable Long fence;
  private @Nullable String text;
  private @Nullable String reason;
  private @Nullable Boolean detached;

  /** What {@link #take} takes, less what a delivery says beside it. */
  static void writeDelivered(JsonGenerator json, Job job) {
    json.writeStartObject();
    json.writeStringProperty("queue", job.queue());
    json.writeNumberProperty("priority", job.message().options().priority());
    MessageWire.writeText(json, "key", job.message().options().key());
    if (!job.history().isEmpty()) {
      JobWire.writeHistory(json, job);
    }
    write(json, job);
    json.writeEndObject();
  }

  /** The member; what is as most often is left out. */
  static void write(JsonGenerator json, Job job) {
    Message.Options options = job.message().options();
    State state = job.state();
    json.writeObjectPropertyStart("detail");
    json.writeStringProperty("content_type", job.message().contentType());
    MessageWire.writeDuration(json, "key_window", options.keyWindow());
    writeTime(json, "run_at", options.notBefore());
    MessageWire.writeDuration(json, "delay", options.delay());
    MessageWire.writeDuration(json, "ttl", options.timeToLive());
    if (options.maxAttempts() != null) {
      json.writeNumberProperty("max_attempts", options.maxAttempts());
    }
    writeIfTrue(json, "tracked", options.tracked());
    MessageWire.writeText(json, "line", job.line());
    json.writeNumberProperty("seq", job.seq());
    json.writeNumberProperty("rank", job.rank());
    writeTime(json, "created_at", job.createdAt());
    json.writeNumberProperty("version", state.version());
    writeUnlessZero(json, "ended", state.ended());
    writeUnlessZero(json, "redrives", state.redrives());
    writeIfTrue(json, "cancel_requested", state.cancelRequested());
    writeIfTrue(json, "noted", state.noted());
    if (!state.then().isEmpty()) {
      json.writeArrayPropertyStart("then");
      state.then().forEach(next -> json.writeString(next.toString()));
      json.writeEndArray();
    }
    writeTime(json, "since", state.since());
    writeTime(json, "first_delivered_at", state.firstDeliveredAt());
    writeTime(json, "changed_at", state.changedAt());
    writeTime(json, "rescheduled_to", state.rescheduledTo());
    json.writeObjectPropertyStart("state");
    writeStatus(json, job.status());
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeStatus(JsonGenerator json, Status status) {
    json.writeStringProperty("kind", status.kind().name());
    switch (status) {
      case Status.Pending(Due.At(Instant wall)) -> writeTime(json, "at", wall);
      case Status.Pending(Due.AtTick(long tick)) -> json.writeNumberProperty("tick", tick);
      case Status.Waiting(int left, int failed) -> {
        json.writeNumberProperty("left", left);
        json.writeNumberProperty("failed", failed);
      }
      case Status.Processing(Lease lease) -> {
        json.writeStringProperty("text", lease.consumer());
        json.writeNumberProperty("fence", lease.fence());
        writeTime(json, "at", lease.since());
        json.writeNumberProperty("tick", lease.untilTick());
        writeIfTrue(json, "detached", lease.detached());
      }
      case Status.Done(Instant at) -> writeTime(json, "at", at);
      case Status.Failed(Instant at, Status.Reason reason, String error) -> {
        writeTime(json, "at", at);
        json.writeStringProperty("reason", reason.words());
        json.writeStringProperty("text", error);
      }
      case Status.Cancelled(Instant at) -> writeTime(json, "at", at);
      case Status.Gone() -> {}
    }
  }

  private static void writeTime(JsonGenerator json, String name, @Nullable Instant time) {
    MessageWire.writeText(json, name, time == null ? null : Times.exact(time));
  }

  private static void writeIfTrue(JsonGenerator json, String name, boolean flag) {
    if (flag) {
      json.writeBooleanProperty(name, true);
    }
  }

  private static void writeUnlessZero(JsonGenerator json, String name, int number) {
    if (number != 0) {
      json.writeNumberProperty(name, number);
    }
  }

  /** Takes one field of a job. */
  public boolean take(JsonReader json, String name) {
    switch (name) {
      case "id" -> id = JobId.parse(json.required(name, json.text(name)));
      case "job_type" -> type = json.text(name);
      case "queue" -> queue = json.text(name);
      case "payload" -> payload = json.raw();
      case "body_base64" -> body = json.base64(name);
      case "attempts" -> attempts = json.integer(name, 0, Integer.MAX_VALUE);
      case "priority" -> priority = json.integer(name, 0, Message.PRIORITY_MAX);
      case "session" -> session = json.text(name);
      case "key" -> key = json.text(name);
      case "correlation_id" -> correlationId = json.text(name);
      case "attributes" -> attributes = json.attributes(name, Integer.MAX_VALUE);
      case "history" -> readHistory(json);
      case "detail" -> json.object(name, field -> takeDetail(json, field));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean takeDetail(JsonReader json, String name) {
    switch (name) {
      case "content_type" -> contentType = json.text(name);
      case "key_window" -> keyWindow = json.duration(name);
      case "run_at" -> notBefore = json.time(name);
      case "delay" -> delay = json.duration(name);
      case "ttl" -> timeToLive = json.duration(name);
      case "max_attempts" -> maxAttempts = json.attempts(name);
      case "tracked" -> tracked = json.flag(name);
      case "line" -> line = json.text(name);
      case "seq" -> seq = number(json, name);
      case "rank" -> rank = number(json, name);
      case "created_at" -> createdAt = json.time(name);
      case "version" -> version = json.integer(name, 0, Long.MAX_VALUE);
      case "ended" -> ended = json.integer(name, 0, Integer.MAX_VALUE);
      case "redrives" -> redrives = json.integer(name, 0, Integer.MAX_VALUE);
      case "cancel_requested" -> cancelRequested = json.flag(name);
      case "noted" -> noted = json.flag(name);
      case "then" -> then = json.textList(name, THEN_MAX);
      case "since" -> since = json.time(name);
      case "first_delivered_at" -> firstDeliveredAt = json.time(name);
      case "changed_at" -> changedAt = json.time(name);
      case "rescheduled_to" -> rescheduledTo = json.time(name);
      case "state" -> json.object(name, field -> takeState(json, field));
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean takeState(JsonReader json, String name) {
    switch (name) {
      case "kind" -> kind = json.text(name);
      case "at" -> at = json.time(name);
      case "tick" -> tick = number(json, name);
      case "left" -> left = json.integer(name, 0, Integer.MAX_VALUE);
      case "failed" -> failed = json.integer(name, 0, Integer.MAX_VALUE);
      case "fence" -> fence = number(json, name);
      case "text" -> text = json.text(name);
      case "reason" -> reason = json.text(name);
      case "detached" -> detached = json.flag(name);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static @Nullable Long number(JsonReader json, String name) {
    return json.integer(name, Long.MIN_VALUE, Long.MAX_VALUE);
  }

  private void readHistory(JsonReader json) {
    json.array(
        "history",
        Job.HISTORY_MAX,
        () -> {
          AttemptFields attempt = new AttemptFields();
          json.object("history", field -> attempt.take(json, field));
          history.add(attempt.attempt(json));
        });
  }

  /** One entry of the history. */
  private static final class AttemptFields {
    private @Nullable Instant startedAt;
    private @Nullable Instant endedAt;
    private @Nullable String consumer;
    private @Nullable String outcome;
    private @Nullable String error;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "started_at" -> startedAt = json.time(name);
        case "ended_at" -> endedAt = json.time(name);
        case "consumer" -> consumer = json.text(name);
        case "outcome" -> outcome = json.text(name);
        case "error" -> error = json.text(name);
        case "duration_ms" -> {
          var _ = json.integer(name, 0, Long.MAX_VALUE); // It follows from the two times.
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    Attempt attempt(JsonReader json) {
      String reason = error == null ? "" : error;
      Outcome ended = JobWire.outcome(json.required("outcome", outcome), reason, null);
      return new Attempt(
          json.required("consumer", consumer),
          json.required("started_at", startedAt),
          json.required("ended_at", endedAt),
          json.required("outcome", ended));
    }
  }

  /**
   * The job, once all of its fields were taken.
   *
   * @param delivered the body where a delivery carries it beside its job; null: it is in the job
   */
  public Job job(JsonReader json, byte @Nullable [] delivered) {
    byte[] bytes = delivered != null ? delivered : body != null ? body : payload;
    Message message =
        new Message(
            json.required("job_type", type),
            json.required("content_type", contentType),
            bytes == null ? new byte[0] : bytes,
            attributes == null ? Map.of() : attributes,
            options());
    return new Job(
        json.required("id", id),
        json.required("queue", queue),
        message,
        line,
        or(seq, 0),
        or(rank, 0),
        state(json),
        history,
        json.required("created_at", createdAt));
  }

  private Message.Options options() {
    return new Message.Options(
        session,
        key,
        keyWindow,
        (int) or(priority, Message.PRIORITY_DEFAULT),
        notBefore,
        delay,
        timeToLive,
        maxAttempts,
        correlationId,
        tracked != null && tracked);
  }

  private State state(JsonReader json) {
    return new State(
        or(version, 0),
        status(json),
        (int) or(attempts, 0),
        (int) or(ended, 0),
        (int) or(redrives, 0),
        cancelRequested != null && cancelRequested,
        noted != null && noted,
        then == null ? List.of() : then.stream().map(JobId::parse).toList(),
        json.required("since", since),
        firstDeliveredAt,
        json.required("changed_at", changedAt),
        rescheduledTo);
  }

  private Status status(JsonReader json) {
    return switch (Status.Kind.valueOf(json.required("kind", kind))) {
      case PENDING -> new Status.Pending(at == null ? new Due.AtTick(or(tick, 0)) : new Due.At(at));
      case WAITING -> new Status.Waiting((int) or(left, 0), (int) or(failed, 0));
      case PROCESSING ->
          new Status.Processing(
              new Lease(
                  json.required("text", text),
                  or(fence, 0),
                  json.required("at", at),
                  or(tick, 0),
                  detached != null && detached));
      case DONE -> new Status.Done(json.required("at", at));
      case FAILED ->
          new Status.Failed(
              json.required("at", at),
              Status.Reason.ofWords(json.required("reason", reason)),
              json.required("text", text));
      case CANCELLED -> new Status.Cancelled(json.required("at", at));
      case GONE -> new Status.Gone();
    };
  }

  private static long or(@Nullable Long number, long standard) {
    return number == null ? standard : number;
  }
}
