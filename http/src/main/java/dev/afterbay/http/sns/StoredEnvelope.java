package dev.afterbay.http.sns;

import java.io.ByteArrayOutputStream;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.core.json.JsonWriteFeature;

/** Writes what is kept of a notification: see {@link Verdict.Notification#storedEnvelope()}. */
final class StoredEnvelope {
  /*
   * Written from the known fields instead of copied without the secret ones: an unknown field is
   * not signed, and another spelling of a secret one ("UnsubscribeUrl", as Lambda has it) would
   * slip through. Never longer than the body that it came from, which had a signature and URLs too.
   */

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .disable(JsonWriteFeature.ESCAPE_FORWARD_SLASHES)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  private StoredEnvelope() {}

  static byte[] write(Verdict.Notification notification) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream(512 + notification.message().length());
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      json.writeStringProperty("Type", MessageType.NOTIFICATION.text());
      json.writeStringProperty("MessageId", notification.messageId());
      json.writeStringProperty("TopicArn", notification.topic().arn());
      String subject = notification.subject();
      if (subject != null) {
        json.writeStringProperty("Subject", subject);
      }
      json.writeStringProperty("Message", notification.message());
      json.writeStringProperty("Timestamp", SnsText.text(notification.timestamp()));
      json.writeStringProperty(
          "SignatureVersion", Integer.toString(notification.signatureVersion()));
      writeAttributes(json, notification);
      json.writeEndObject();
    }
    return bytes.toByteArray();
  }

  private static void writeAttributes(JsonGenerator json, Verdict.Notification notification) {
    if (notification.untrustedAttributes().isEmpty()) {
      return;
    }
    json.writeObjectPropertyStart("MessageAttributes");
    notification
        .untrustedAttributes()
        .forEach((name, attribute) -> {
          json.writeObjectPropertyStart(name);
          json.writeStringProperty("Type", attribute.type());
          json.writeStringProperty("Value", attribute.value());
          json.writeEndObject();
        });
    json.writeEndObject();
    json.writeArrayPropertyStart("Untrusted");
    json.writeString("MessageAttributes");
    json.writeEndArray();
  }
}
