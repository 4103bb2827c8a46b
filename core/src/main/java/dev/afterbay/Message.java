package dev.afterbay;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What to do: the part of a job that the sender writes and nobody changes.
 *
 * @param type which handler it is for, such as {@code email}; 1-128 of {@code A-Za-z0-9._-}
 * @param contentType media type of the body, up to {@value #CONTENT_TYPE_CHARS_MAX} characters
 * @param body opaque to the broker; shared, not copied, so do not write to it
 * @param attributes up to {@value #ATTRIBUTES_MAX}; names and values are text
 */
@SuppressWarnings("ArrayRecordComponent") // shared on purpose, see body
public record Message(
    String type, String contentType, byte[] body, Map<String, String> attributes, Options options) {

  public static final String TYPE_DEFAULT = "message";
  public static final String BYTES = "application/octet-stream";
  public static final String TEXT = "text/plain; charset=utf-8";

  public static final int ATTRIBUTES_MAX = 64;
  public static final int CONTENT_TYPE_CHARS_MAX = 256;

  /**
   * Deepest nesting of a body that is shown and handed on as JSON; a deeper one is a text or bytes,
   * so that whoever reads the JSON around it can read it everywhere.
   */
  public static final int JSON_DEPTH_MAX = 64;

  /** Longest name in a body that is shown and handed on as JSON. */
  public static final int JSON_NAME_CHARS_MAX = 1_024;

  public static final int PRIORITY_DEFAULT = 4;
  public static final int PRIORITY_MAX = 9;

  /** Longest delay and time to live: ten years. */
  public static final Duration DURATION_MAX = Duration.ofDays(3_653);

  private static final byte[] NO_BODY = {};
  private static final int ATTRIBUTE_NAME_CHARS_MAX = 128;

  public Message {
    Check.name("type", type);
    Check.that(
        !contentType.isEmpty()
            && contentType.length() <= CONTENT_TYPE_CHARS_MAX
            && Check.isPrintableAscii(contentType),
        "content_type",
        "must be 1 to 256 printable ASCII characters");
    // Before they are copied: that is quadratic where names have one hash.
    Check.that(attributes.size() <= ATTRIBUTES_MAX, "attributes", "must be at most 64");
    attributes = Map.copyOf(attributes);
    for (String name : attributes.keySet()) {
      Check.that(
          !name.isEmpty() && name.length() <= ATTRIBUTE_NAME_CHARS_MAX,
          "attributes",
          "must have names of 1 to 128 characters");
    }
  }

  /**
   * How to deliver it; all of it is optional.
   *
   * @param session messages with the same session are handled one at a time, in the order sent
   * @param key a second message with the same key within the queue's dedup window is the same one
   * @param keyWindow how long the key is remembered; null: as the queue says
   * @param priority 0 lowest to 9 highest
   * @param notBefore do not deliver before this wall time; not together with {@code delay}
   * @param delay do not deliver before this much time has passed
   * @param timeToLive do not deliver after this much time; null: as the queue says
   * @param maxAttempts attempts in all before it is failed; null: as the queue says
   * @param correlationId what it belongs to, such as the id of a request: shown with its job and
   *     its events, and never looked at; 1-256 printable characters; null: nothing
   * @param tracked its sender wants to look it up afterwards, so it is kept for a day once it is
   *     done, even if the queue keeps nothing (the jobs API, schedules and SNS set this)
   */
  public record Options(
      @Nullable String session,
      @Nullable String key,
      @Nullable Duration keyWindow,
      int priority,
      @Nullable Instant notBefore,
      @Nullable Duration delay,
      @Nullable Duration timeToLive,
      @Nullable Integer maxAttempts,
      @Nullable String correlationId,
      boolean tracked) {

    public static final Options NONE =
        new Options(null, null, null, PRIORITY_DEFAULT, null, null, null, null, null, false);

    public Options {
      Check.printable("session", session);
      Check.printable("key", key);
      Check.printable("correlation_id", correlationId);
      Check.duration("key_window", keyWindow, DURATION_MAX);
      Check.that(priority >= 0 && priority <= PRIORITY_MAX, "priority", "must be 0 to 9");
      Check.duration("delay", delay, DURATION_MAX);
      Check.duration("ttl", timeToLive, DURATION_MAX);
      Check.time("run_at", notBefore);
      notBefore = notBefore == null ? null : millisRoundedUp(notBefore);
      Check.that(notBefore == null || delay == null, "delay", "contradicts run_at: give one");
      Check.that(maxAttempts == null || maxAttempts >= 1, "max_attempts", "must be at least 1");
    }
  }

  /** All options, to change one of them. */
  private static final class OptionFields {
    private @Nullable String session;
    private @Nullable String key;
    private @Nullable Duration keyWindow;
    private int priority;
    private @Nullable Instant notBefore;
    private @Nullable Duration delay;
    private @Nullable Duration timeToLive;
    private @Nullable Integer maxAttempts;
    private @Nullable String correlationId;
    private boolean tracked;

    OptionFields(Options from) {
      session = from.session;
      key = from.key;
      keyWindow = from.keyWindow;
      priority = from.priority;
      notBefore = from.notBefore;
      delay = from.delay;
      timeToLive = from.timeToLive;
      maxAttempts = from.maxAttempts;
      correlationId = from.correlationId;
      tracked = from.tracked;
    }

    Options made() {
      return new Options(
          session,
          key,
          keyWindow,
          priority,
          notBefore,
          delay,
          timeToLive,
          maxAttempts,
          correlationId,
          tracked);
    }
  }

  /** Due times round up: never early. */
  private static Instant millisRoundedUp(Instant time) {
    return time.plusNanos(999_999).truncatedTo(ChronoUnit.MILLIS);
  }

  /** Bytes of the type {@code message}. */
  public static Message of(byte[] body) {
    return of(TYPE_DEFAULT, body);
  }

  /** Bytes of that type. */
  public static Message of(String type, byte[] body) {
    return new Message(type, BYTES, body, Map.of(), Options.NONE);
  }

  /** Text of that type, as UTF-8. */
  public static Message of(String type, String text) {
    byte[] body = text.getBytes(StandardCharsets.UTF_8);
    return new Message(type, TEXT, body, Map.of(), Options.NONE);
  }

  /** With that media type. */
  public Message contentType(String contentType) {
    return new Message(type, contentType, body, attributes, options);
  }

  /** With these attributes in place of those that it has. */
  public Message attributes(Map<String, String> attributes) {
    return new Message(type, contentType, body, attributes, options);
  }

  /** With these options in place of those that it has. */
  public Message options(Options options) {
    return new Message(type, contentType, body, attributes, options);
  }

  /** In that session, see {@link Options#session}. */
  public Message session(String session) {
    return with(next -> next.session = session);
  }

  /** With that key, see {@link Options#key}. */
  public Message key(String key) {
    return with(next -> next.key = key);
  }

  /** With a key that is remembered for {@code window}, whatever the queue says. */
  public Message key(String key, Duration window) {
    return with(next -> {
      next.key = key;
      next.keyWindow = window;
    });
  }

  /** With that priority, 0 to 9. */
  public Message priority(int priority) {
    return with(next -> next.priority = priority);
  }

  /** Not delivered before that time. */
  public Message notBefore(Instant notBefore) {
    return with(next -> next.notBefore = notBefore);
  }

  /** Not delivered before so much time has passed. */
  public Message delay(Duration delay) {
    return with(next -> next.delay = delay);
  }

  /** Not delivered once so much time has passed. */
  public Message timeToLive(Duration timeToLive) {
    return with(next -> next.timeToLive = timeToLive);
  }

  /** With so many attempts in all, whatever the queue says. */
  public Message maxAttempts(int maxAttempts) {
    return with(next -> next.maxAttempts = maxAttempts);
  }

  /** As a part of what that id stands for, see {@link Options#correlationId}. */
  public Message correlationId(String correlationId) {
    return with(next -> next.correlationId = correlationId);
  }

  /**
   * The same message to be sent on: all that it has but its key, by which it would count as known,
   * and its time to live, which has begun. A delay is over, too.
   */
  public Message copy() {
    return with(next -> {
      next.key = null;
      next.keyWindow = null;
      next.timeToLive = null;
      next.notBefore = null;
      next.delay = null;
    });
  }

  /** Its sender wants to look it up afterwards, see {@link Options#tracked}. */
  public Message tracked() {
    return with(next -> next.tracked = true);
  }

  private Message with(Consumer<OptionFields> change) {
    OptionFields next = new OptionFields(options);
    change.accept(next);
    return options(next.made());
  }

  /**
   * Refuses what is no name of a queue or type: 1-128 of {@code A-Za-z0-9._-}, not only dots.
   *
   * @throws BrokerException.Rejected naming the field
   */
  public static String requireName(String field, String name) {
    return Check.name(field, name);
  }

  /**
   * Refuses what is no name of a session: 1-256 printable characters; null is none.
   *
   * @throws BrokerException.Rejected naming the field
   */
  public static void requireSession(@Nullable String session) {
    Check.printable("session", session);
  }

  Message bare() {
    return new Message(type, contentType, NO_BODY, Map.of(), options);
  }

  /** The body as UTF-8 text. */
  public String text() {
    return new String(body, StandardCharsets.UTF_8);
  }

  /** UTF-8 bytes of all attribute names and values. */
  public int attributesBytes() {
    int bytes = 0;
    for (Map.Entry<String, String> entry : attributes.entrySet()) {
      bytes += entry.getKey().getBytes(StandardCharsets.UTF_8).length;
      bytes += entry.getValue().getBytes(StandardCharsets.UTF_8).length;
    }
    return bytes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Message that
        && type.equals(that.type)
        && contentType.equals(that.contentType)
        && Arrays.equals(body, that.body)
        && attributes.equals(that.attributes)
        && options.equals(that.options);
  }

  @Override
  public int hashCode() {
    return Objects.hash(type, contentType, Arrays.hashCode(body), attributes, options);
  }

  @Override
  public String toString() {
    return "Message["
        + type
        + ", "
        + contentType
        + ", "
        + body.length
        + " bytes, "
        + attributes
        + ", "
        + options
        + "]";
  }
}
