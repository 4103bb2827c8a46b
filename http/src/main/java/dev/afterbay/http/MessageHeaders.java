package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import dev.afterbay.client.wire.Durations;
import dev.afterbay.client.wire.MediaType;
import dev.afterbay.client.wire.MessageWire;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The fields of a message that is sent alone: all but its body are headers. */
final class MessageHeaders {

  private static final String ATTRIBUTE = "attr-";

  private @Nullable String type;
  private @Nullable String contentType;
  private @Nullable String session;
  private @Nullable String key;
  private @Nullable String idempotencyKey;
  private @Nullable String correlationId;
  private @Nullable Duration delay;
  private @Nullable Duration timeToLive;
  private @Nullable Integer priority;
  private Map<String, String> attributes = Map.of();

  /**
   * @throws Rejected if one of them is unknown, invalid or there twice
   */
  static MessageHeaders read(Iterable<Map.Entry<String, String>> headers) {
    MessageHeaders fields = new MessageHeaders();
    for (Map.Entry<String, String> header : headers) {
      fields.take(header.getKey(), header.getValue());
    }
    return fields;
  }

  private void take(String name, String value) {
    if (Headers.isOwn(name)) {
      takeOwn(name, name.substring(Headers.OWN_PREFIX.length()), value);
    } else if (name.equalsIgnoreCase("content-type")) {
      contentType = once(name, contentType, MediaType.require("content_type", value));
    } else if (name.equalsIgnoreCase("idempotency-key")) {
      idempotencyKey = once(name, idempotencyKey, Headers.utf8(name, value));
    }
  }

  private void takeOwn(String header, String name, String value) {
    switch (name.toLowerCase(Locale.ROOT)) {
      case "type" -> type = once(header, type, value);
      case "session" -> session = once(header, session, Headers.utf8(header, value));
      case "key" -> key = once(header, key, Headers.utf8(header, value));
      case "correlation-id" ->
          correlationId = once(header, correlationId, Headers.utf8(header, value));
      case "delay" -> delay = once(header, delay, Durations.parse(header, value));
      case "ttl" -> timeToLive = once(header, timeToLive, Durations.parse(header, value));
      case "priority" -> priority = once(header, priority, priority(header, value));
      default -> takeAttribute(header, name, value);
    }
  }

  private void takeAttribute(String header, String name, String value) {
    if (!name.regionMatches(true, 0, ATTRIBUTE, 0, ATTRIBUTE.length())) {
      throw new Rejected(header, "unknown header " + header);
    }
    if (attributes.isEmpty()) {
      attributes = new TreeMap<>(String.CASE_INSENSITIVE_ORDER); // As header names are.
    }
    String attribute = name.substring(ATTRIBUTE.length());
    String text = Headers.utf8(header, value);
    attributes.put(attribute, once(header, attributes.get(attribute), text));
  }

  private static <T> T once(String header, @Nullable T before, T value) {
    if (before != null) {
      throw Headers.twice(header);
    }
    return value;
  }

  private static int priority(String header, String value) {
    if (value.length() != 1 || value.charAt(0) < '0' || value.charAt(0) > '9') {
      throw new Rejected(header, "priority must be 0 to 9");
    }
    return value.charAt(0) - '0';
  }

  Message message(byte[] body) {
    Message.Options options =
        new Message.Options(
            session,
            MessageWire.oneKey(key, idempotencyKey),
            null,
            priority == null ? Message.PRIORITY_DEFAULT : priority,
            null,
            delay,
            timeToLive,
            null,
            correlationId,
            false);
    return new Message(
        type == null ? Message.TYPE_DEFAULT : type,
        contentType == null ? Message.BYTES : contentType,
        body,
        attributes,
        options);
  }
}
