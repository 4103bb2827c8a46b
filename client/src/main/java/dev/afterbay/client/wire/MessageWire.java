package dev.afterbay.client.wire;

import dev.afterbay.Broker.Addressed;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Limits;
import dev.afterbay.Message;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * A message on the wire: a line of {@code /messages/batch} and {@code /queues/{q}/messages/batch},
 * or a job of {@code POST /jobs} (http-api.md, Jobs and Messages). Filled field by field while it
 * is read.
 */
public final class MessageWire {

  private static final String JSON = "application/json";
  private static final byte[] JSON_NULL = "null".getBytes(StandardCharsets.US_ASCII);

  private @Nullable String type;
  private @Nullable String queue;
  private @Nullable String contentType;
  private byte @Nullable [] body;
  private @Nullable String session;
  private @Nullable String key;
  private @Nullable Duration keyWindow;
  private @Nullable Long priority;
  private @Nullable Instant runAt;
  private @Nullable Duration delay;
  private @Nullable Duration timeToLive;
  private @Nullable Integer maxAttempts;
  private @Nullable String correlationId;
  private @Nullable Boolean tracked;
  private @Nullable Map<String, String> attributes;

  private final int attributesBytesMax;

  private MessageWire(Limits limits) {
    this.attributesBytesMax = limits.attributesBytesMax();
  }

  /** A line of a batch of messages. */
  public static Message readMessage(byte[] bytes, int from, int length, Limits limits) {
    MessageWire wire = new MessageWire(limits);
    try (JsonReader json = JsonReader.strict(bytes, from, length)) {
      json.root(name -> wire.messageField(json, name));
    }
    return wire.message(Message.TYPE_DEFAULT, Message.BYTES);
  }

  /** A line of a batch of messages for several queues: a message that names its queue. */
  public static Addressed readAddressed(byte[] bytes, int from, int length, Limits limits) {
    MessageWire wire = new MessageWire(limits);
    try (JsonReader json = JsonReader.strict(bytes, from, length)) {
      json.root(name -> {
        boolean isQueue = name.equals("queue");
        wire.queue = isQueue ? json.text(name) : wire.queue;
        return isQueue || wire.messageField(json, name);
      });
    }
    if (wire.queue == null) {
      throw new Rejected("queue", "queue must be given");
    }
    return new Addressed(wire.queue, wire.message(Message.TYPE_DEFAULT, Message.BYTES));
  }

  /**
   * A job.
   *
   * @param idempotencyKey the header of that name; null: none
   */
  public static Addressed readJob(
      byte[] bytes, int from, int length, @Nullable String idempotencyKey, Limits limits) {
    MessageWire wire = new MessageWire(limits);
    try (JsonReader json = JsonReader.strictAround(bytes, from, length, 1)) {
      json.root(name -> wire.jobField(json, name));
    }
    wire.key = oneKey(wire.key, idempotencyKey);
    return wire.job();
  }

  /** The job of a schedule: as {@link #readJob}, and a body that is not JSON is base64. */
  static @Nullable Addressed readScheduled(JsonReader json, String field, Limits limits) {
    MessageWire wire = new MessageWire(limits);
    boolean given =
        json.object(
            field,
            name -> {
              switch (name) {
                case "payload" -> wire.oneBody(json.rawOrNull(), field, JSON);
                case "body_base64" -> wire.oneBody(json.base64(name), field, Message.BYTES);
                case "content_type" -> wire.contentType = mediaType(name, json.text(name));
                default -> {
                  return wire.jobField(json, name);
                }
              }
              return true;
            });
    try {
      return given ? wire.job() : null;
    } catch (Rejected e) {
      throw new Rejected(field + "." + e.field(), field + "." + e.getMessage(), e);
    }
  }

  /** The form that {@link #readScheduled} reads. */
  static void writeScheduled(JsonGenerator json, Addressed job) {
    Message message = job.message();
    Message.Options options = message.options();
    json.writeStartObject();
    json.writeStringProperty("job_type", message.type());
    json.writeStringProperty("queue", job.queue());
    if (Json.isJsonType(message.contentType()) && JobWire.isPayload(message.body(), true)) {
      json.writeName("payload");
      json.writeRawValue(message.text());
    } else {
      json.writeBinaryProperty("body_base64", message.body());
    }
    json.writeStringProperty("content_type", message.contentType());
    writeText(json, "session", options.session());
    writeText(json, "correlation_id", options.correlationId());
    json.writeNumberProperty("priority", options.priority());
    writeDuration(json, "ttl", options.timeToLive());
    if (options.maxAttempts() != null) {
      JobWire.writeAttempts(json, "max_attempts", options.maxAttempts());
    }
    writeTexts(json, "attributes", message.attributes());
    json.writeEndObject();
  }

  private Addressed job() {
    if (type == null) {
      throw new Rejected("job_type", "job_type must be given");
    }
    tracked = true;
    body = body == null ? JSON_NULL : body;
    String named = queue == null ? JobWire.QUEUE_DEFAULT : queue;
    try {
      return new Addressed(named, message(type, JSON));
    } catch (Rejected e) {
      throw e.field().equals("type") ? new Rejected("job_type", "job_" + e.getMessage(), e) : e;
    }
  }

  /** The key, which may be given twice if it is the same. */
  public static @Nullable String oneKey(@Nullable String key, @Nullable String idempotencyKey) {
    if (key != null && idempotencyKey != null && !key.equals(idempotencyKey)) {
      throw new Rejected("key", "key contradicts the header Idempotency-Key: give one");
    }
    return key == null ? idempotencyKey : key;
  }

  /** The form that {@link #readMessage} reads. */
  public static void write(JsonGenerator json, Message message) {
    json.writeStartObject();
    writeFields(json, message);
    json.writeEndObject();
  }

  /** The form that {@link #readAddressed} reads. */
  public static void write(JsonGenerator json, Addressed addressed) {
    json.writeStartObject();
    json.writeStringProperty("queue", addressed.queue());
    writeFields(json, addressed.message());
    json.writeEndObject();
  }

  private static void writeFields(JsonGenerator json, Message message) {
    Message.Options options = message.options();
    json.writeStringProperty("type", message.type());
    writeBody(json, message);
    if (!message.attributes().isEmpty()) {
      writeTexts(json, "attributes", message.attributes());
    }
    writeText(json, "session", options.session());
    writeText(json, "key", options.key());
    writeDuration(json, "key_window", options.keyWindow());
    writeText(json, "correlation_id", options.correlationId());
    if (options.priority() != Message.PRIORITY_DEFAULT) {
      json.writeNumberProperty("priority", options.priority());
    }
    writeText(json, "run_at", options.notBefore() == null ? null : options.notBefore().toString());
    writeDuration(json, "delay", options.delay());
    writeDuration(json, "ttl", options.timeToLive());
    if (options.maxAttempts() != null) {
      json.writeNumberProperty("max_attempts", options.maxAttempts());
    }
    if (options.tracked()) {
      json.writeBooleanProperty("tracked", true);
    }
  }

  /** {@code body} or {@code body_base64}, and {@code content_type}. */
  static void writeBody(JsonGenerator json, Message message) {
    byte[] body = message.body();
    if (Json.isTextType(message.contentType()) && Json.isUtf8(body, 0, body.length)) {
      json.writeName("body");
      json.writeUTF8String(body, 0, body.length);
    } else {
      json.writeBinaryProperty("body_base64", body);
    }
    json.writeStringProperty("content_type", message.contentType());
  }

  static void writeTexts(JsonGenerator json, String name, Map<String, String> texts) {
    json.writeObjectPropertyStart(name);
    texts.forEach(json::writeStringProperty);
    json.writeEndObject();
  }

  /** Leaves null out. */
  public static void writeText(JsonGenerator json, String name, @Nullable String text) {
    if (text != null) {
      json.writeStringProperty(name, text);
    }
  }

  /** Leaves null out. */
  public static void writeDuration(JsonGenerator json, String name, @Nullable Duration duration) {
    if (duration != null) {
      json.writeStringProperty(name, Durations.format(duration));
    }
  }

  private boolean messageField(JsonReader json, String name) {
    switch (name) {
      case "type" -> type = json.text(name);
      case "body" -> onlyBody(json.utf8(name), Message.TEXT);
      case "body_base64" -> onlyBody(json.base64(name), Message.BYTES);
      case "content_type" -> contentType = mediaType(name, json.text(name));
      case "key_window" -> keyWindow = json.duration(name);
      case "tracked" -> tracked = json.flag(name);
      default -> {
        return sharedField(json, name);
      }
    }
    return true;
  }

  private boolean jobField(JsonReader json, String name) {
    switch (name) {
      case "job_type" -> type = json.text(name);
      case "queue" -> queue = json.text(name);
      case "payload" -> body = json.raw();
      default -> {
        return sharedField(json, name);
      }
    }
    return true;
  }

  private boolean sharedField(JsonReader json, String name) {
    switch (name) {
      case "session" -> session = json.text(name);
      case "key" -> key = json.text(name);
      case "priority" -> priority = json.integer(name, 0, Message.PRIORITY_MAX);
      case "run_at" -> runAt = json.time(name);
      case "delay" -> delay = json.duration(name);
      case "ttl" -> timeToLive = json.duration(name);
      case "max_attempts" -> maxAttempts = json.attempts(name);
      case "correlation_id" -> correlationId = json.text(name);
      case "attributes" -> attributes = json.attributes(name, attributesBytesMax);
      default -> {
        return false;
      }
    }
    return true;
  }

  private static @Nullable String mediaType(String name, @Nullable String given) {
    return given == null ? null : MediaType.require(name, given);
  }

  private @Nullable String standardContentType;

  private void onlyBody(byte @Nullable [] given, String contentType) {
    if (given != null) {
      if (body != null) {
        throw new Rejected("body", "body contradicts body_base64: give one");
      }
      body = given;
      standardContentType = contentType;
    }
  }

  private void oneBody(byte @Nullable [] given, String object, String contentType) {
    if (given != null && body != null) {
      String at = object + ".payload";
      throw new Rejected(at, at + " contradicts " + object + ".body_base64: give one");
    }
    onlyBody(given, contentType);
  }

  private Message message(String typeDefault, String contentTypeDefault) {
    if (runAt != null && delay != null) {
      throw new Rejected("run_at", "run_at contradicts delay: give one");
    }
    Message.Options options =
        new Message.Options(
            session,
            key,
            keyWindow,
            priority == null ? Message.PRIORITY_DEFAULT : priority.intValue(),
            runAt,
            delay,
            timeToLive,
            maxAttempts,
            correlationId,
            tracked != null && tracked);
    String standard = standardContentType == null ? contentTypeDefault : standardContentType;
    return new Message(
        type == null ? typeDefault : type,
        contentType == null ? standard : contentType,
        body == null ? new byte[0] : body,
        attributes == null ? Map.of() : attributes,
        options);
  }
}
