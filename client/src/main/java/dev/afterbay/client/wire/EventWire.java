package dev.afterbay.client.wire;

import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.JobId;
import dev.afterbay.Status;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** An event on the wire: a block of Server-Sent Events (http-api.md, Live). */
public final class EventWire {

  public static final String RESET = "reset";

  private static final Map<String, Event.Type> TYPES = types();

  private EventWire() {}

  private static Map<String, Event.Type> types() {
    Map<String, Event.Type> types = new HashMap<>();
    for (Event.Type type : Event.Type.values()) {
      types.put(type.word(), type);
    }
    return Map.copyOf(types);
  }

  public static Event.@Nullable Type type(String word) {
    return TYPES.get(word);
  }

  /** The block of an event. */
  public static String block(Event event) {
    return "id: "
        + event.position()
        + "\nevent: "
        + event.type().word()
        + "\ndata: "
        + new String(data(event), StandardCharsets.UTF_8)
        + "\n\n";
  }

  /** Moves the place where a client would go on, and keeps a quiet stream alive. */
  public static String comment(String position) {
    return ": alive\nid: " + position + "\n\n";
  }

  /** Tells that events were missed: list again. */
  public static String reset(String position) {
    return "id: " + position + "\nevent: " + RESET + "\ndata: {}\n\n";
  }

  private static byte[] data(Event event) {
    return Json.write(json -> {
      json.writeStartObject();
      json.writeStringProperty("at", Times.format(event.at()));
      json.writeStringProperty("queue", event.queue());
      JobId job = event.job();
      if (job != null) {
        json.writeStringProperty("id", job.toString());
        json.writeStringProperty("job_type", event.subject());
      } else {
        json.writeNullProperty("id");
        json.writeStringProperty("subject", event.subject());
      }
      String status = status(event);
      if (status != null) {
        json.writeStringProperty("status", status);
      }
      json.writeNumberProperty("attempt", event.attempt());
      MessageWire.writeText(json, "consumer", event.consumer());
      MessageWire.writeText(json, "error", event.error());
      Instant due = event.due();
      MessageWire.writeText(json, "due", due == null ? null : Times.format(due));
      MessageWire.writeText(json, "correlation_id", event.correlationId());
      if (event.progress() != null) {
        json.writeNumberProperty("progress", event.progress());
      }
      MessageWire.writeText(json, "text", event.text());
      MessageWire.writeText(json, "session", event.session());
      Instant since = event.since();
      MessageWire.writeText(json, "since", since == null ? null : Times.format(since));
      MessageWire.writeText(json, "schedule", event.schedule());
      json.writeEndObject();
    });
  }

  /** A job that was forgotten as it ended is shown as it ended. */
  private static @Nullable String status(Event event) {
    Status.Kind kind = event.status();
    if (kind == null) {
      return null;
    }
    if (kind != Status.Kind.GONE) {
      return JobWire.word(kind);
    }
    return switch (event.type()) {
      case DONE -> "done";
      case FAILED, EXPIRED -> "failed";
      case CANCELLED -> "cancelled";
      case LEASED -> "processing";
      default -> null;
    };
  }

  /** The event of a block as a server sent it, or null if its word is not known here. */
  public static @Nullable Event read(String position, String word, String data) {
    Event.Type type = type(word);
    if (type == null) {
      return null;
    }
    Fields fields = new Fields();
    try (JsonReader json = JsonReader.lenient(data.getBytes(StandardCharsets.UTF_8))) {
      json.root(name -> fields.take(json, name));
      return new Event(
          position,
          type,
          json.required("at", fields.at),
          json.required("queue", fields.queue),
          fields.id == null ? null : JobId.parse(fields.id),
          fields.subject,
          fields.status == null ? null : JobWire.kind(fields.status),
          fields.attempt,
          fields.consumer,
          fields.error,
          fields.due,
          fields.correlationId,
          fields.progress,
          fields.text,
          fields.session,
          fields.since,
          fields.schedule);
    } catch (BrokerException.Rejected e) {
      throw new BrokerException.Unavailable("the server sent an event that is none", e);
    }
  }

  private static final class Fields {
    private @Nullable Instant at;
    private @Nullable String queue;
    private @Nullable String id;
    private String subject = "";
    private @Nullable String status;
    private int attempt;
    private @Nullable String consumer;
    private @Nullable String error;
    private @Nullable Instant due;
    private @Nullable String correlationId;
    private @Nullable Double progress;
    private @Nullable String text;
    private @Nullable String session;
    private @Nullable Instant since;
    private @Nullable String schedule;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "at" -> at = json.time(name);
        case "queue" -> queue = json.text(name);
        case "id" -> id = json.text(name);
        case "job_type", "subject" -> subject = json.required(name, json.text(name));
        case "status" -> status = json.text(name);
        case "attempt" ->
            attempt = json.required(name, json.integer(name, 0, Integer.MAX_VALUE)).intValue();
        case "consumer" -> consumer = json.text(name);
        case "error" -> error = json.text(name);
        case "due" -> due = json.time(name);
        case "correlation_id" -> correlationId = json.text(name);
        case "progress" -> progress = json.number(name);
        case "text" -> text = json.text(name);
        case "session" -> session = json.text(name);
        case "since" -> since = json.time(name);
        case "schedule" -> schedule = json.text(name);
        default -> {
          return false;
        }
      }
      return true;
    }
  }
}
