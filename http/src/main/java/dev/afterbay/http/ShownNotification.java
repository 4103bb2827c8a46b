package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.JsonReader;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A message of Amazon SNS as it was stored ({@link
 * dev.afterbay.http.sns.Verdict.Notification#storedEnvelope}), for people to look at.
 *
 * @param timestamp as SNS wrote it
 * @param attributes which SNS does not sign, so that anybody may have written them
 */
record ShownNotification(
    String messageId,
    String topicArn,
    @Nullable String subject,
    @Nullable String timestamp,
    String message,
    List<Attribute> attributes) {

  /** SNS has ten; whoever sends a job of this type himself may have more. */
  private static final int ATTRIBUTES_MAX = 100;

  /** One that SNS does not sign. */
  record Attribute(String name, String type, String value) {}

  /** Empty: it is none, or not shaped like one. */
  static Optional<ShownNotification> of(Message message) {
    byte[] body = message.body();
    if (!message.type().equals(SnsRoutes.TYPE) || !Json.isUtf8(body, 0, body.length)) {
      return Optional.empty();
    }
    Fields fields = new Fields();
    try (JsonReader json = JsonReader.lenient(body)) {
      json.root(name -> fields.take(json, name));
    } catch (Rejected _) {
      return Optional.empty();
    }
    return fields.notification();
  }

  private static final class Fields {
    private final List<Attribute> attributes = new ArrayList<>();
    private @Nullable String messageId;
    private @Nullable String topicArn;
    private @Nullable String subject;
    private @Nullable String timestamp;
    private @Nullable String message;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "MessageId" -> messageId = json.text(name);
        case "TopicArn" -> topicArn = json.text(name);
        case "Subject" -> subject = json.text(name);
        case "Timestamp" -> timestamp = json.text(name);
        case "Message" -> message = json.text(name);
        case "MessageAttributes" -> json.object(name, each -> takeAttribute(json, each));
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean takeAttribute(JsonReader json, String name) {
      String[] parts = {"", ""};
      json.object(
          name,
          part -> {
            int place = part.equals("Type") ? 0 : part.equals("Value") ? 1 : -1;
            String text = place < 0 ? null : json.text(part);
            if (text != null) {
              parts[place] = text;
            }
            return place >= 0;
          });
      if (attributes.size() < ATTRIBUTES_MAX) {
        attributes.add(new Attribute(name, parts[0], parts[1]));
      }
      return true;
    }

    Optional<ShownNotification> notification() {
      if (messageId == null || topicArn == null || message == null) {
        return Optional.empty();
      }
      return Optional.of(
          new ShownNotification(messageId, topicArn, subject, timestamp, message, attributes));
    }
  }
}
