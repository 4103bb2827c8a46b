package dev.afterbay.handlers;

import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.Message;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What of a job a target is sent (config.md, workers). */
public enum Payload {
  /**
   * The body with its content type. Of an SNS job its {@code Message}: {@code application/json} if
   * it is a JSON object or array, else {@code text/plain} in UTF-8.
   */
  MESSAGE,

  /**
   * The job as JSON, with the names of the jobs API (http-api.md, Job). Of an SNS job its envelope
   * as it is stored, without URLs and token.
   */
  ENVELOPE,

  /**
   * A CloudEvent 1.0 in structured mode: the id is the job's, the source {@code /queues/{queue}},
   * the type the job's. An SNS job is mapped as cloudevents/spec, adapters/aws-sns.md says, with
   * the topic as its source.
   */
  CLOUDEVENTS;

  /** What {@link OffsetDateTime} takes, but for times without seconds and offsets with them. */
  private static final Pattern RFC_3339 =
      Pattern.compile("[0-9]{4}-[0-9-]{5}T[0-9]{2}:[0-9]{2}:[0-9]{2}([.][0-9]+)?(Z|[+-][0-9:]{5})");

  private static final String JSON = "application/json";
  private static final String CLOUDEVENT = "application/cloudevents+json; charset=utf-8";

  /** RFC 3339 in UTC with milliseconds, as everywhere (http-api.md). */
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
          .withZone(ZoneOffset.UTC);

  /** A request's body. */
  @SuppressWarnings("ArrayRecordComponent") // Handed on, never compared.
  record Content(String type, byte[] bytes) {}

  Content of(Delivery delivery, @Nullable SnsEnvelope sns) {
    Message message = delivery.message();
    return switch (this) {
      case MESSAGE -> sns == null ? new Content(message.contentType(), message.body()) : text(sns);
      case ENVELOPE ->
          sns == null ? new Content(JSON, job(delivery)) : new Content(JSON, message.body());
      case CLOUDEVENTS ->
          new Content(CLOUDEVENT, sns == null ? event(delivery.job()) : event(sns, message));
    };
  }

  private static Content text(SnsEnvelope sns) {
    String type = PayloadJson.isContainer(sns.message()) ? JSON : Message.TEXT;
    return new Content(type, sns.message().getBytes(StandardCharsets.UTF_8));
  }

  private static byte[] job(Delivery delivery) {
    Job job = delivery.job();
    Message message = job.message();
    return object(json -> {
      json.writeStringProperty("id", job.id().toString());
      json.writeStringProperty("job_type", message.type());
      json.writeStringProperty("queue", job.queue());
      String payload = jsonOf(message);
      if (payload == null) {
        json.writeStringProperty("content_type", message.contentType());
        json.writeBinaryProperty("body_base64", message.body());
      } else {
        raw(json, "payload", payload);
      }
      json.writeStringProperty("status", "processing");
      json.writeNumberProperty("attempts", delivery.attempt());
      json.writeStringProperty("last_error", job.lastError());
      json.writeStringProperty("created_at", TIME.format(job.createdAt()));
      json.writeStringProperty("updated_at", TIME.format(job.state().changedAt()));
      json.writeStringProperty("processing_started_at", TIME.format(job.state().changedAt()));
      json.writeNumberProperty("priority", message.options().priority());
      json.writeStringProperty("session", message.options().session());
      json.writeStringProperty("key", message.options().key());
      json.writeObjectPropertyStart("attributes");
      for (Map.Entry<String, String> entry : message.attributes().entrySet()) {
        json.writeStringProperty(entry.getKey(), entry.getValue());
      }
      json.writeEndObject();
    });
  }

  private static byte[] event(Job job) {
    Message message = job.message();
    return object(json -> {
      context(json, job.id().toString(), "/queues/" + job.queue(), message.type());
      json.writeStringProperty("time", TIME.format(job.createdAt()));
      json.writeStringProperty("datacontenttype", message.contentType());
      String value = jsonOf(message);
      String text =
          message.contentType().startsWith("text/") ? PayloadJson.utf8(message.body()) : null;
      if (value != null) {
        raw(json, "data", value);
      } else if (text != null) {
        json.writeStringProperty("data", text);
      } else {
        json.writeBinaryProperty("data_base64", message.body());
      }
    });
  }

  private static byte[] event(SnsEnvelope sns, Message message) {
    return object(json -> {
      context(json, sns.messageId(), sns.topicArn(), "com.amazonaws.sns." + sns.type());
      if (sns.timestamp() != null && isTime(sns.timestamp())) {
        json.writeStringProperty("time", sns.timestamp());
      }
      if (sns.subject() != null && !sns.subject().isEmpty()) { // An empty one is none (2.4).
        json.writeStringProperty("subject", sns.subject());
      }
      json.writeStringProperty("datacontenttype", JSON);
      raw(json, "data", message.text());
    });
  }

  private static void context(JsonGenerator json, String id, String source, String type) {
    json.writeStringProperty("specversion", "1.0");
    json.writeStringProperty("id", id);
    json.writeStringProperty("source", source);
    json.writeStringProperty("type", type);
  }

  /** CloudEvents wants RFC 3339, with seconds, and whoever wrote this envelope may not. */
  private static boolean isTime(String text) {
    try {
      OffsetDateTime.parse(text);
      return RFC_3339.matcher(text).matches();
    } catch (DateTimeParseException _) {
      return false;
    }
  }

  /** As it is: numbers keep their form, and objects the order of their names. */
  private static void raw(JsonGenerator json, String name, String value) {
    json.writeName(name);
    json.writeRawValue(value);
  }

  /** The body if it says that it is JSON, and is. */
  private static @Nullable String jsonOf(Message message) {
    String text =
        PayloadJson.isJson(message.contentType()) ? PayloadJson.utf8(message.body()) : null;
    return text != null && PayloadJson.isValue(text) ? text : null;
  }

  private static byte[] object(Consumer<JsonGenerator> properties) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = PayloadJson.MAPPER.createGenerator(bytes)) {
      json.writeStartObject();
      properties.accept(json);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }
}
