package dev.afterbay.client.wire;

import dev.afterbay.BrokerException;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;

/**
 * What went wrong, as RFC 9457 {@code application/problem+json} (http-api.md, table of outcomes).
 *
 * @param field what was wrong with the request; null: not one field
 * @param retryAfter when to retry; null: the same request will fail again
 * @param heldUntil when the session is free that somebody else holds; null: it is not that
 */
public record Problem(
    Type type,
    String detail,
    @Nullable String field,
    @Nullable Duration retryAfter,
    @Nullable Instant heldUntil) {

  /** Of no session. */
  public Problem(Type type, String detail, @Nullable String field, @Nullable Duration retryAfter) {
    this(type, detail, field, retryAfter, null);
  }

  public static final String CONTENT_TYPE = "application/problem+json";

  private static final String PREFIX = "/problems/";
  private static final Duration SOON = Duration.ofSeconds(1);
  private static final Duration LATER = Duration.ofSeconds(10);

  /** The kinds of problem; the words are the contract. */
  public enum Type {
    INVALID(400, "The request is invalid"),
    FORBIDDEN(403, "The request is not allowed from there"),
    NOT_FOUND(404, "There is no such thing"),
    METHOD_NOT_ALLOWED(405, "The method is not allowed here"),
    CONFLICT(409, "The state does not allow it"),
    LEASE_LOST(409, "The lease is lost"),
    SESSION_LOST(409, "The session is lost"),
    SESSION_LOCKED(409, "Somebody else holds the session"),
    TOO_LARGE(413, "The request is too large"),
    URI_TOO_LONG(414, "The address is too long"),
    UNSUPPORTED_MEDIA_TYPE(415, "The encoding is not supported"),
    EXPECTATION_FAILED(417, "The expectation cannot be met"),
    UNKNOWN_TYPE(422, "No handler knows this type"),
    INVALID_PAYLOAD(422, "The payload is not one of its handler"),
    UNSUPPORTED(422, "Not supported here"),
    QUEUE_FULL(429, "The queue is full"),
    THROTTLED(429, "Too many requests; nothing was stored"),
    HEADERS_TOO_LARGE(431, "The headers are too large"),
    OUTCOME_UNKNOWN(500, "It is unknown whether this was stored"),
    INTERNAL(500, "Something went wrong in the server"),
    UNAVAILABLE(503, "Not available now; nothing was stored"),
    HTTP_VERSION_NOT_SUPPORTED(505, "This version of HTTP is not spoken here"),
    DISK_FULL(507, "The disk is full; nothing was stored");

    private final int status;
    private final String title;
    private final String word = name().toLowerCase(Locale.ROOT).replace('_', '-');

    Type(int status, String title) {
      this.status = status;
      this.title = title;
    }

    public int status() {
      return status;
    }

    /** The last part of the type's address. */
    public String word() {
      return word;
    }
  }

  public static Problem of(Type type, String detail) {
    return new Problem(type, detail, null, null);
  }

  public static Problem notFound(String detail) {
    return of(Type.NOT_FOUND, detail);
  }

  public static Problem invalid(String field, String detail) {
    return new Problem(Type.INVALID, detail, field, null);
  }

  public static Problem unavailable(String detail) {
    return new Problem(Type.UNAVAILABLE, detail, null, SOON);
  }

  public static Problem of(BrokerException e) {
    String detail = String.valueOf(e.getMessage());
    return switch (e) {
      case BrokerException.Rejected r ->
          new Problem(r.tooLarge() ? Type.TOO_LARGE : Type.INVALID, detail, r.field(), null);
      case BrokerException.QueueNotFound _,
          BrokerException.JobNotFound _,
          BrokerException.ScheduleNotFound _ ->
          notFound(detail);
      case BrokerException.Conflict _ -> of(Type.CONFLICT, detail);
      case BrokerException.QueueFull _ -> soon(Type.QUEUE_FULL, e, SOON);
      case BrokerException.DiskFull _ -> soon(Type.DISK_FULL, e, LATER);
      case BrokerException.LeaseLost _ -> of(Type.LEASE_LOST, detail);
      case BrokerException.SessionLost _ -> of(Type.SESSION_LOST, detail);
      case BrokerException.Unsupported _ -> of(Type.UNSUPPORTED, detail);
      case BrokerException.SessionLocked locked ->
          new Problem(Type.SESSION_LOCKED, detail, null, null, locked.heldUntil());
      case BrokerException.NotAuthorized _ -> of(Type.FORBIDDEN, detail);
      case BrokerException.Throttled _ -> soon(Type.THROTTLED, e, SOON);
      case BrokerException.Unavailable _ -> soon(Type.UNAVAILABLE, e, SOON);
      case BrokerException.OutcomeUnknown _ -> of(Type.OUTCOME_UNKNOWN, detail);
    };
  }

  private static Problem soon(Type type, BrokerException e, Duration standard) {
    return new Problem(type, String.valueOf(e.getMessage()), null, e.retryAfter().orElse(standard));
  }

  /** What the client should be told, or null if it is a fault of ours. */
  public static @Nullable Problem of(Throwable e) {
    return switch (e) {
      case BrokerException broker -> of(broker);
      case Failure failure -> failure.problem;
      case JacksonException json -> of(MalformedJson.rejected(json));
      default -> null;
    };
  }

  public byte[] json() {
    return json(_ -> {});
  }

  /** With members that only one call has. */
  public byte[] json(Consumer<JsonGenerator> members) {
    return Json.write(json -> {
      json.writeStartObject();
      json.writeStringProperty("type", PREFIX + type.word);
      json.writeStringProperty("title", type.title);
      json.writeNumberProperty("status", type.status);
      json.writeStringProperty("detail", detail);
      MessageWire.writeText(json, "field", field);
      if (retryAfter != null) {
        json.writeNumberProperty("retry_after_ms", retryAfter.toMillis());
      }
      MessageWire.writeText(json, "held_until", heldUntil == null ? null : Times.format(heldUntil));
      members.accept(json);
      json.writeEndObject();
    });
  }

  /** A problem that is not one of the broker's. */
  public static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;

    @SuppressWarnings("serial")
    private final Problem problem;

    public Failure(Problem problem) {
      super(problem.detail());
      this.problem = problem;
    }

    public Problem problem() {
      return problem;
    }
  }

  /** What a server said, with what the caller asked about. */
  public static BrokerException exception(Said said, Subject subject) {
    return made(said, subject).retryAfter(said.retryAfter());
  }

  private static BrokerException made(Said said, Subject subject) {
    String detail = said.detail();
    return switch (said.word()) {
      case "not-found" ->
          subject.job() != null
              ? new BrokerException.JobNotFound(subject.job())
              : new BrokerException.QueueNotFound(subject.name());
      case "conflict" -> new BrokerException.Conflict(detail);
      case "lease-lost" -> new BrokerException.LeaseLost(subject.name());
      case "session-lost" -> new BrokerException.SessionLost(subject.name());
      case "session-locked" ->
          BrokerException.SessionLocked.said(
              detail, said.heldUntil() == null ? Instant.EPOCH : said.heldUntil());
      case "throttled" -> new BrokerException.Throttled(detail);
      case "too-large" -> BrokerException.Rejected.tooLarge(said.field(), detail);
      case "queue-full" -> new BrokerException.QueueFull(detail);
      case "disk-full" -> new BrokerException.DiskFull(detail);
      case "unsupported" -> new BrokerException.Unsupported(detail);
      case "unavailable" -> new BrokerException.Unavailable(detail);
      case "outcome-unknown" ->
          new BrokerException.OutcomeUnknown(detail, new IllegalStateException(said.word()));
      case "forbidden" -> new BrokerException.NotAuthorized(detail);
      // A fault of the setup, not of the message: who is Rejected would drop it.
      case "internal" -> new BrokerException.Unavailable(detail);
      case "method-not-allowed" -> new BrokerException.Unsupported(detail);
      default -> new BrokerException.Rejected(said.field(), detail);
    };
  }

  /** A problem as it was read from an answer. */
  public record Said(
      String word,
      String detail,
      String field,
      @Nullable Duration retryAfter,
      @Nullable Instant heldUntil) {

    /** With nothing said of a time. */
    public Said(String word, String detail, String field) {
      this(word, detail, field, null, null);
    }
  }

  /**
   * What a request was about.
   *
   * @param name of the queue or session
   */
  public record Subject(String name, @Nullable JobId job) {
    public static Subject of(String name) {
      return new Subject(name, null);
    }

    public static Subject of(JobId job) {
      return new Subject(job.toString(), job);
    }
  }

  /** The problem in the body of an answer; null: it is none of ours. */
  public static @Nullable Said read(byte[] bytes) {
    Fields fields = new Fields();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> fields.take(json, name));
    } catch (BrokerException.Rejected _) {
      return null;
    }
    return fields.type.startsWith(PREFIX)
        ? new Said(
            fields.type.substring(PREFIX.length()),
            fields.detail,
            fields.field,
            fields.retryAfter,
            fields.heldUntil)
        : null;
  }

  private static final class Fields {
    private String type = "";
    private String detail = "";
    private String field = "";
    private @Nullable Duration retryAfter;
    private @Nullable Instant heldUntil;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "type" -> type = json.required(name, json.text(name));
        case "detail" -> detail = json.required(name, json.text(name));
        case "field" -> field = json.required(name, json.text(name));
        case "retry_after_ms" -> {
          Long millis = json.integer(name, 0, Message.DURATION_MAX.toMillis());
          retryAfter = millis == null ? null : Duration.ofMillis(millis);
        }
        case "held_until" -> heldUntil = json.time(name);
        default -> {
          return false;
        }
      }
      return true;
    }
  }
}
