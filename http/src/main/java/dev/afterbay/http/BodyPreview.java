package dev.afterbay.http;

import dev.afterbay.Message;
import dev.afterbay.PlainText;
import dev.afterbay.client.wire.MessageWire;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * What a row of the page shows of a body, in one line.
 *
 * @param text its first characters, of a message of SNS those of its Message; null: it is no text
 * @param cut whether there are more
 * @param sns null: it is no message of SNS
 */
record BodyPreview(
    String contentType, int bytes, @Nullable String text, boolean cut, @Nullable Sns sns) {

  static final int CHARS_MAX = 100;

  /** An ARN has at most about so many. */
  private static final int NAME_CHARS_MAX = 400;

  /** What tells one message of SNS from another. */
  record Sns(@Nullable String subject, String topicArn, String messageId) {}

  static BodyPreview of(Message message) {
    Optional<ShownNotification> notification = ShownNotification.of(message);
    String text =
        notification.isPresent()
            ? notification.get().message()
            : ShownBody.text(message, CHARS_MAX);
    return new BodyPreview(
        message.contentType(),
        message.body().length,
        text == null ? null : PlainText.line(text, CHARS_MAX),
        text != null && text.length() > CHARS_MAX,
        notification.map(BodyPreview::sns).orElse(null));
  }

  private static Sns sns(ShownNotification notification) {
    String subject = notification.subject();
    return new Sns(
        subject == null ? null : PlainText.line(subject, CHARS_MAX),
        PlainText.line(notification.topicArn(), NAME_CHARS_MAX),
        PlainText.line(notification.messageId(), CHARS_MAX));
  }

  /** As a member {@code body} of what has it. */
  void write(JsonGenerator json) {
    json.writeObjectPropertyStart("body");
    json.writeStringProperty("content_type", contentType);
    json.writeNumberProperty("bytes", bytes);
    MessageWire.writeText(json, "text", text);
    json.writeBooleanProperty("cut", cut);
    if (sns != null) {
      json.writeObjectPropertyStart("sns");
      MessageWire.writeText(json, "subject", sns.subject);
      json.writeStringProperty("topic_arn", sns.topicArn);
      json.writeStringProperty("message_id", sns.messageId);
      json.writeEndObject();
    }
    json.writeEndObject();
  }
}
