package dev.afterbay.handlers;

import dev.afterbay.Message;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * A notification of Amazon SNS, as the SNS webhook stores it: the envelope without Signature, URLs
 * and Token (config.md, "An SNS job").
 *
 * @param type such as {@code Notification}
 * @param timestamp when SNS accepted it, as SNS wrote it; null: not given
 */
record SnsEnvelope(
    String type,
    String messageId,
    String topicArn,
    @Nullable String subject,
    @Nullable String timestamp,
    String message) {

  /** Jobs of the SNS webhook have this type. */
  private static final String JOB_TYPE = "sns";

  /** The envelope in a job's message; empty if it is no SNS job, or not shaped like one. */
  static Optional<SnsEnvelope> in(Message message) {
    boolean candidate =
        message.type().equals(JOB_TYPE) && PayloadJson.isJson(message.contentType());
    String envelope = candidate ? PayloadJson.utf8(message.body()) : null;
    if (envelope == null) {
      return Optional.empty();
    }
    try {
      JsonNode json = PayloadJson.MAPPER.readTree(envelope);
      String type = nonEmpty(json, "Type");
      String id = nonEmpty(json, "MessageId");
      String topic = nonEmpty(json, "TopicArn");
      String body = text(json, "Message");
      return type == null || id == null || topic == null || body == null
          ? Optional.empty()
          : Optional.of(
              new SnsEnvelope(
                  type, id, topic, text(json, "Subject"), text(json, "Timestamp"), body));
    } catch (JacksonException _) {
      return Optional.empty();
    }
  }

  private static @Nullable String nonEmpty(JsonNode json, String name) {
    String text = text(json, name);
    return text == null || text.isEmpty() ? null : text;
  }

  private static @Nullable String text(JsonNode json, String name) {
    JsonNode value = json.get(name);
    return value != null && value.isString() ? value.stringValue() : null;
  }
}
