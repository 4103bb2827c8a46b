package dev.afterbay.http;

import dev.afterbay.Message;
import dev.afterbay.PlainText;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.MessageWire;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What people see of a body: its beginning as text if it is text, else its first bytes. */
final class ShownBody {

  /** Of a text; the rest is cut off. */
  static final int CHARS_MAX = 64 << 10;

  private static final int HEX_BYTES_MAX = 256;

  /** Of a character, so that so many bytes have at least so many of them. */
  private static final int CHAR_BYTES_MAX = 4;

  private ShownBody() {}

  /**
   * The beginning of a body that is text.
   *
   * @return perhaps longer than asked for; null: it is not text
   */
  static @Nullable String text(Message message, int chars) {
    byte[] body = message.body();
    if (!Json.isUtf8(body, 0, body.length)
        || !(Json.isTextType(message.contentType()) || isPlain(body))) {
      return null;
    }
    int bytes = Math.min(body.length, CHAR_BYTES_MAX * (chars + 1));
    return new String(body, 0, bytes, StandardCharsets.UTF_8);
  }

  /** Whether bytes that nobody says are text look like it. */
  private static boolean isPlain(byte[] bytes) {
    for (byte b : bytes) {
      if (b >= 0 && b < ' ' && b != '\t' && b != '\n' && b != '\r') {
        return false;
      }
    }
    return true;
  }

  /** The members of an object. */
  static void write(JsonGenerator json, Message message) {
    json.writeStringProperty("content_type", message.contentType());
    json.writeNumberProperty("bytes", message.body().length);
    String text = text(message, CHARS_MAX);
    if (text == null) {
      byte[] first = Arrays.copyOf(message.body(), Math.min(HEX_BYTES_MAX, message.body().length));
      json.writeStringProperty("hex", HexFormat.of().formatHex(first));
      json.writeBooleanProperty("cut", first.length < message.body().length);
    } else {
      writeCut(json, "text", text);
    }
    Optional<ShownNotification> notification = ShownNotification.of(message);
    if (notification.isPresent()) {
      json.writeObjectPropertyStart("sns");
      write(json, notification.get());
      json.writeEndObject();
    }
  }

  private static void write(JsonGenerator json, ShownNotification notification) {
    json.writeStringProperty("message_id", cut(notification.messageId()));
    json.writeStringProperty("topic_arn", cut(notification.topicArn()));
    MessageWire.writeText(json, "subject", cutOrNull(notification.subject()));
    MessageWire.writeText(json, "timestamp", cutOrNull(notification.timestamp()));
    writeCut(json, "message", notification.message());
    json.writeArrayPropertyStart("untrusted_attributes");
    for (ShownNotification.Attribute attribute : notification.attributes()) {
      json.writeStartObject();
      json.writeStringProperty("name", cut(attribute.name()));
      json.writeStringProperty("type", cut(attribute.type()));
      json.writeStringProperty("value", cut(attribute.value()));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeCut(JsonGenerator json, String name, String text) {
    String shown = PlainText.cut(text, CHARS_MAX);
    json.writeStringProperty(name, shown);
    json.writeBooleanProperty("cut", shown.length() < text.length());
  }

  /** Of what is short where SNS wrote it. */
  private static String cut(String text) {
    return PlainText.cut(text, 1_024);
  }

  private static @Nullable String cutOrNull(@Nullable String text) {
    return text == null ? null : cut(text);
  }
}
