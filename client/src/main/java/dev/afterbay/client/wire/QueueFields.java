package dev.afterbay.client.wire;

import dev.afterbay.QueueSettings;
import dev.afterbay.QueueSettings.DeliveryMode;
import dev.afterbay.QueueSettings.Order;
import dev.afterbay.QueueSettings.Retention;
import dev.afterbay.RetryPolicy;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/**
 * The settings of a queue, each said once: its name, how its value is written, and where it is in
 * {@link QueueSettings}. JSON and the configuration are read through this table, JSON is written
 * through it, and a test holds openapi.json against it. An object of this class has the settings
 * that somebody gave.
 *
 * <p>What values are allowed is said by {@link QueueSettings}. What a store keeps has names of its
 * own ({@link dev.afterbay.store.SettingCodec}): a setting may be renamed here, and old stores must
 * still open.
 */
public final class QueueFields {

  private static final Map<String, Field<?>> TABLE = new LinkedHashMap<>();

  // In the order in which they are shown.
  private static final Field<DeliveryMode> DELIVERY =
      word("delivery", DeliveryMode.class, QueueSettings::delivery);
  private static final Field<Order> ORDER = word("order", Order.class, QueueSettings::order);
  private static final Field<Duration> LEASE = duration("lease", QueueSettings::lease);
  private static final Field<Integer> MAX_ATTEMPTS =
      field("max_attempts", Values::attempts, JobWire::writeAttempts, QueueSettings::maxAttempts);
  private static final Field<Duration> FIRST =
      duration("backoff.first", it -> it.backoff().first());
  private static final Field<Double> FACTOR = number("backoff.factor", it -> it.backoff().factor());
  private static final Field<Duration> LONGEST =
      duration("backoff.longest", it -> it.backoff().longest());
  private static final Field<Double> JITTER = number("backoff.jitter", it -> it.backoff().jitter());
  private static final Field<Duration> STEP = duration("backoff.step", it -> it.backoff().step());
  private static final Field<List<Duration>> DELAYS =
      field("backoff.delays", Values::durations, QueueFields::write, it -> it.backoff().delays());
  private static final Field<Duration> GIVE_UP_AFTER =
      duration("give_up_after", QueueSettings::giveUpAfter);
  private static final Field<Duration> DEDUP_WINDOW =
      duration("dedup_window", QueueSettings::dedupWindow);
  private static final Field<Duration> KEEP_DONE =
      duration("retention.done", it -> it.retention().done());
  private static final Field<Duration> KEEP_FAILED =
      duration("retention.failed", it -> it.retention().failed());
  private static final Field<Duration> TTL = duration("ttl", QueueSettings::timeToLive);
  private static final Field<Long> MAX_DEPTH =
      count("max_depth", Long.MAX_VALUE, QueueSettings::depthMax);
  private static final Field<Long> MAX_UNSETTLED =
      count("max_unsettled", Integer.MAX_VALUE, it -> (long) it.unsettledMax());

  private final Map<Field<?>, @Nullable Object> given = new HashMap<>();

  /** The values of one object, by their names, however they are written; null: left out. */
  public interface Values {

    /** Such as {@code 30s}. */
    @Nullable Duration duration(String field);

    /** A number of attempts: at least 1, or {@code unlimited}. */
    @Nullable Integer attempts(String field);

    /** A whole number. */
    @Nullable Long integer(String field, long min, long max);

    /** A decimal number. */
    @Nullable Double number(String field);

    /** Durations in order. */
    @Nullable List<Duration> durations(String field);

    /** One of the constants, as {@link Words} writes them. */
    <E extends Enum<E>> @Nullable E oneOf(String field, Class<E> type);
  }

  @FunctionalInterface
  private interface Writing<T> {
    void write(JsonGenerator json, String name, T value);
  }

  /**
   * One setting.
   *
   * @param path its name, with that of the object that it is in: {@code backoff.first}
   */
  private record Field<T>(
      String path,
      BiFunction<Values, String, @Nullable T> reading,
      Writing<T> writing,
      Function<QueueSettings, @Nullable T> of) {

    /** Empty: it is in no object of its own. */
    String group() {
      return path.substring(0, Math.max(0, path.indexOf('.')));
    }

    String name() {
      return path.substring(path.indexOf('.') + 1);
    }

    /** Whether a queue may do without it, which null says; for others null says the default. */
    boolean isOptional() {
      return of.apply(QueueSettings.STANDARD) == null;
    }

    void write(JsonGenerator json, QueueSettings settings) {
      T value = of.apply(settings);
      if (value == null) {
        json.writeNullProperty(name());
      } else {
        writing.write(json, name(), value);
      }
    }
  }

  private static Field<Duration> duration(
      String path, Function<QueueSettings, @Nullable Duration> of) {
    return field(path, Values::duration, MessageWire::writeDuration, of);
  }

  private static Field<Double> number(String path, Function<QueueSettings, @Nullable Double> of) {
    return field(path, Values::number, JsonGenerator::writeNumberProperty, of);
  }

  private static void write(JsonGenerator json, String name, List<Duration> durations) {
    json.writeArrayPropertyStart(name);
    durations.forEach(each -> json.writeString(Durations.format(each)));
    json.writeEndArray();
  }

  private static Field<Long> count(
      String path, long max, Function<QueueSettings, @Nullable Long> of) {
    return field(
        path, (from, name) -> from.integer(name, 1, max), JsonGenerator::writeNumberProperty, of);
  }

  private static <E extends Enum<E>> Field<E> word(
      String path, Class<E> type, Function<QueueSettings, @Nullable E> of) {
    return field(
        path,
        (from, name) -> from.oneOf(name, type),
        (json, name, value) -> json.writeStringProperty(name, Words.of(value)),
        of);
  }

  private static <T> Field<T> field(
      String path,
      BiFunction<Values, String, @Nullable T> reading,
      Writing<T> writing,
      Function<QueueSettings, @Nullable T> of) {
    Field<T> field = new Field<>(path, reading, writing, of);
    TABLE.put(path, field);
    return field;
  }

  /** All names, those in an object with its name: {@code backoff.first}. */
  public static Collection<String> paths() {
    return Collections.unmodifiableSet(TABLE.keySet());
  }

  /**
   * Reads what is given.
   *
   * @param objects the values of the object of that name; of the whole, if it is empty
   */
  public static QueueFields read(Function<String, Values> objects) {
    QueueFields fields = new QueueFields();
    for (Field<?> field : TABLE.values()) {
      Object value = field.reading.apply(objects.apply(field.group()), field.name());
      if (value != null) {
        fields.given.put(field, value);
      }
    }
    return fields;
  }

  /** Takes the value of one name that the reader has come to; false: it is no setting. */
  boolean take(JsonReader json, String name) {
    if (take(json, "", name)) {
      return true;
    }
    boolean isObject =
        !name.isEmpty() && TABLE.values().stream().anyMatch(field -> field.group().equals(name));
    if (isObject) {
      json.object(name, inner -> take(json, name + ".", inner));
    }
    return isObject;
  }

  private boolean take(JsonReader json, String object, String name) {
    Field<?> field = TABLE.get(object + name);
    if (field == null || !field.name().equals(name)) {
      return false;
    }
    Object value = field.reading.apply(json, name);
    if (value != null || field.isOptional()) {
      given.put(field, value);
    }
    return true;
  }

  static void write(JsonGenerator json, QueueSettings settings) {
    String object = "";
    for (Field<?> field : TABLE.values()) {
      if (!field.group().equals(object)) {
        if (!object.isEmpty()) {
          json.writeEndObject();
        }
        object = field.group();
        if (!object.isEmpty()) {
          json.writeObjectPropertyStart(object);
        }
      }
      field.write(json, settings);
    }
  }

  /** Whether the number of attempts is among what was given. */
  public boolean hasAttempts() {
    return given.containsKey(MAX_ATTEMPTS);
  }

  /**
   * The settings that were given, and of the others these.
   *
   * @throws dev.afterbay.BrokerException.Rejected if one is out of its bounds, or contradicts
   *     another
   */
  public QueueSettings over(QueueSettings standard) {
    return new QueueSettings(
        some(DELIVERY, standard),
        some(ORDER, standard),
        some(LEASE, standard),
        some(MAX_ATTEMPTS, standard),
        new RetryPolicy(
            some(FIRST, standard),
            some(FACTOR, standard),
            some(STEP, standard),
            some(LONGEST, standard),
            some(JITTER, standard),
            some(DELAYS, standard)),
        value(GIVE_UP_AFTER, standard),
        some(DEDUP_WINDOW, standard),
        new Retention(value(KEEP_DONE, standard), some(KEEP_FAILED, standard)),
        value(TTL, standard),
        value(MAX_DEPTH, standard),
        Math.toIntExact(some(MAX_UNSETTLED, standard)));
  }

  private <T> T some(Field<T> field, QueueSettings standard) {
    T value = value(field, standard);
    if (value == null) {
      throw new IllegalStateException(field.path() + " has no value");
    }
    return value;
  }

  @SuppressWarnings("unchecked") // What was read for a field is of its type.
  private <T> @Nullable T value(Field<T> field, QueueSettings standard) {
    return given.containsKey(field) ? (T) given.get(field) : field.of.apply(standard);
  }
}
