package dev.afterbay.http.sns;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A body that has the form of an SNS message; nothing in it is proven yet.
 *
 * @param fields all fields of {@link MessageType#required()}, perhaps others
 * @param timestamp the field Timestamp, read
 */
record Envelope(
    MessageType type,
    Map<Field, String> fields,
    Instant timestamp,
    Map<String, UntrustedAttribute> attributes) {

  /** A field that every message of this type has. */
  String text(Field field) {
    String text = fields.get(field);
    if (text == null) {
      throw new IllegalStateException("a " + type.text() + " has no " + field.text());
    }
    return text;
  }

  @Nullable String find(Field field) {
    return fields.get(field);
  }

  String topicArn() {
    return text(Field.TOPIC_ARN);
  }

  /** Without the message, which is the publisher's, and without token and URLs. */
  @Override
  public String toString() {
    return "Envelope[" + type.text() + " " + text(Field.MESSAGE_ID) + " of " + topicArn() + "]";
  }
}
