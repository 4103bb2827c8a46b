package dev.afterbay;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Which session a message belongs to, by what is in it: for senders, and for sources of messages
 * such as an SNS topic. Pure functions, made of each other:
 *
 * <pre>{@code
 * SessionKeys keys = SessionKeys.firstOf(SessionKeys.field("tenant"), SessionKeys.field("/customer/id"));
 * queue.send(keys.in(message, Instant.now()));
 * }</pre>
 *
 * <p>A field is the name of an attribute, or, where it begins with a slash, a JSON pointer (RFC
 * 6901) into the body; a text, a number, true or false counts, anything else does not. That needs
 * {@code afterbay-client}, as {@link Codec#json} does. A key that is no name of a session, as it is
 * too long or not printable, becomes {@code sha256:} and its hash in hex, so that messages of one
 * key stay together.
 */
@FunctionalInterface
public interface SessionKeys {

  /**
   * The session; empty: none.
   *
   * @param body what JSON pointers look into; one that is not JSON has no fields
   * @param now the time of the message, for {@link #partitioned}
   */
  Optional<String> of(Map<String, String> attributes, byte[] body, Instant now);

  /** The message in its session, or as it is where it has none. */
  default Message in(Message message, Instant now) {
    return of(message.attributes(), message.body(), now).map(message::session).orElse(message);
  }

  /** No session. */
  static SessionKeys none() {
    return (_, _, _) -> Optional.empty();
  }

  /** The value of that field. */
  static SessionKeys field(String name) {
    return field(name, "");
  }

  /** That prefix, and the value of the field. */
  static SessionKeys field(String name, String prefix) {
    Pointer pointer = Pointer.of(name);
    return (attributes, body, _) ->
        (pointer == null ? attribute(attributes, name) : pointer.in(body))
            .map(value -> named(prefix + value));
  }

  /** The values of all these fields, with the separator between; none if one of them lacks. */
  static SessionKeys composite(String separator, String... names) {
    List<SessionKeys> parts = Arrays.stream(names).map(SessionKeys::field).toList();
    return (attributes, body, now) -> {
      List<String> values = new ArrayList<>();
      for (SessionKeys part : parts) {
        part.of(attributes, body, now).ifPresent(values::add);
      }
      return values.size() == parts.size()
          ? Optional.of(named(String.join(separator, values)))
          : Optional.empty();
    };
  }

  /** The first of these that there is. */
  static SessionKeys firstOf(SessionKeys... keys) {
    List<SessionKeys> all = List.of(keys);
    return (attributes, body, now) ->
        all.stream()
            .map(each -> each.of(attributes, body, now))
            .flatMap(Optional::stream)
            .findFirst();
  }

  /**
   * Those keys, each for so long: then a session of a new name begins, so that one bad message
   * holds up its key for a while only. The number of the period since 1970 is behind the key.
   *
   * @throws IllegalArgumentException if the duration is less than a second
   */
  static SessionKeys partitioned(SessionKeys keys, Duration duration) {
    if (duration.compareTo(Duration.ofSeconds(1)) < 0) {
      throw new IllegalArgumentException("a period must be at least 1s: " + duration);
    }
    return (attributes, body, now) ->
        keys.of(attributes, body, now)
            .map(key -> named(key + "@" + Math.floorDiv(now.toEpochMilli(), duration.toMillis())));
  }

  private static Optional<String> attribute(Map<String, String> attributes, String name) {
    return Optional.ofNullable(attributes.get(name)).filter(value -> !value.isEmpty());
  }

  private static String named(String key) {
    try {
      Message.requireSession(key);
      return key;
    } catch (BrokerException.Rejected _) {
      return "sha256:" + HexFormat.of().formatHex(sha256(key));
    }
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** A JSON pointer. */
  record Pointer(List<String> steps) {

    /**
     * Null: it is not one, but the name of an attribute.
     *
     * @throws BrokerException.Rejected if a tilde in it stands before anything but 0 and 1
     */
    static @Nullable Pointer of(String name) {
      if (!name.startsWith("/")) {
        return null;
      }
      Check.that(
          !name.matches("(?s).*~(?![01]).*"),
          "field",
          "must be a JSON pointer (RFC 6901): " + name);
      return new Pointer(
          Arrays.stream(name.substring(1).split("/", -1))
              .map(step -> step.replace("~1", "/").replace("~0", "~"))
              .collect(Collectors.toUnmodifiableList()));
    }

    Optional<String> in(byte[] body) {
      Object at;
      try {
        at = Codec.json(Object.class).decode(body);
      } catch (Codec.UndecodableException _) {
        return Optional.empty();
      }
      for (String step : steps) {
        at =
            switch (at) {
              case Map<?, ?> members -> members.get(step);
              case List<?> elements -> element(elements, step);
              case null, default -> null;
            };
      }
      return at instanceof String || at instanceof Number || at instanceof Boolean
          ? Optional.of(at.toString()).filter(value -> !value.isEmpty())
          : Optional.empty();
    }

    private static @Nullable Object element(List<?> elements, String step) {
      boolean isIndex = step.matches("0|[1-9][0-9]{0,8}");
      int index = isIndex ? Integer.parseUnsignedInt(step) : elements.size();
      return index < elements.size() ? elements.get(index) : null;
    }
  }
}
