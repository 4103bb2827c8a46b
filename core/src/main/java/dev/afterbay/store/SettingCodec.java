package dev.afterbay.store;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.RetryPolicy;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The settings and the state of a queue as the values of a {@link Setting}, and back. */
public final class SettingCodec {

  private static final Pattern WHOLE = Pattern.compile("-?[0-9]{1,19}");
  private static final Pattern DECIMAL =
      Pattern.compile("-?[0-9]{1,19}(\\.[0-9]{1,19})?(E-?[0-9]{1,3})?");

  private SettingCodec() {}

  /** The values to store of a queue's settings. */
  public static Map<String, String> of(QueueSettings settings) {
    Map<String, String> values = new LinkedHashMap<>();
    values.put("guarantee", settings.delivery().name());
    values.put("order", settings.order().name());
    values.put("lease", settings.lease().toString());
    values.put("max_attempts", Integer.toString(settings.maxAttempts()));
    values.put("backoff.first", settings.backoff().first().toString());
    values.put("backoff.factor", Double.toString(settings.backoff().factor()));
    values.put("backoff.longest", settings.backoff().longest().toString());
    values.put("backoff.jitter", Double.toString(settings.backoff().jitter()));
    if (!settings.backoff().step().isZero()) {
      values.put("backoff.step", settings.backoff().step().toString());
    }
    if (!settings.backoff().delays().isEmpty()) {
      values.put("backoff.delays", joined(settings.backoff().delays()));
    }
    values.put("dedup_window", settings.dedupWindow().toString());
    values.put("retention.dead", settings.retention().failed().toString());
    put(values, "retention.done", settings.retention().done());
    put(values, "give_up_after", settings.giveUpAfter());
    put(values, "ttl", settings.timeToLive());
    put(values, "max_depth", settings.depthMax());
    values.put("max_unsettled", Integer.toString(settings.unsettledMax()));
    return values;
  }

  /** A queue's settings as they were stored. */
  public static QueueSettings settings(Map<String, String> values) {
    // Only where there is one, as the delays.
    String step = values.getOrDefault("backoff.step", Duration.ZERO.toString());
    RetryPolicy backoff =
        new RetryPolicy(
            Duration.parse(need(values, "backoff.first")),
            decimal(need(values, "backoff.factor")),
            Duration.parse(step),
            Duration.parse(need(values, "backoff.longest")),
            decimal(need(values, "backoff.jitter")),
            durations(values.get("backoff.delays")));
    QueueSettings.Retention retention =
        new QueueSettings.Retention(
            duration(values, "retention.done"), Duration.parse(need(values, "retention.dead")));
    String depthMax = values.get("max_depth");
    String unsettledMax = values.get("max_unsettled"); // older stores lack it
    return new QueueSettings(
        QueueSettings.DeliveryMode.valueOf(need(values, "guarantee")),
        QueueSettings.Order.valueOf(need(values, "order")),
        Duration.parse(need(values, "lease")),
        Math.toIntExact(whole(need(values, "max_attempts"))),
        backoff,
        duration(values, "give_up_after"),
        Duration.parse(need(values, "dedup_window")),
        retention,
        duration(values, "ttl"),
        depthMax == null ? null : whole(depthMax),
        unsettledMax == null
            ? QueueSettings.UNSETTLED_STANDARD
            : Math.toIntExact(whole(unsettledMax)));
  }

  /** The values to store of a queue's state. */
  public static Map<String, String> of(QueueState state) {
    return Map.of("state", state.kind().name(), "reason", state.reason());
  }

  /** A queue's state as it was stored. */
  public static QueueState state(Map<String, String> values) {
    return new QueueState(QueueState.Kind.valueOf(need(values, "state")), need(values, "reason"));
  }

  /**
   * What cannot be read again must not be stored.
   *
   * @throws BrokerException.Rejected with the value that is missing or invalid
   */
  public static void requireReadable(Setting setting) {
    if (setting.isDeleted()) {
      return;
    }
    try {
      switch (setting.kind()) {
        case Setting.QUEUE -> settings(setting.values());
        case Setting.QUEUE_STATE -> state(setting.values());
        default -> {}
      }
    } catch (BrokerException.Rejected e) {
      throw e;
    } catch (RuntimeException e) {
      throw new BrokerException.Rejected(
          "setting",
          setting.kind() + " of " + setting.name() + " is invalid: " + e.getMessage(),
          e);
    }
  }

  /**
   * A number as {@link Long#toString(long)} writes it, and nothing else that its parser takes.
   *
   * @throws NumberFormatException if the text is none
   */
  public static long whole(String text) {
    return Long.parseLong(require(WHOLE, text));
  }

  /** The same of {@link Double#toString(double)}: not {@code 5d} nor {@code 0x1p3}. */
  static double decimal(String text) {
    return Double.parseDouble(require(DECIMAL, text));
  }

  private static String require(Pattern pattern, String text) {
    if (!pattern.matcher(text).matches()) {
      throw new NumberFormatException("not a decimal number: " + text);
    }
    return text;
  }

  private static void put(Map<String, String> values, String name, @Nullable Object value) {
    if (value != null) {
      values.put(name, value.toString());
    }
  }

  private static String joined(List<Duration> durations) {
    return durations.stream().map(Duration::toString).collect(Collectors.joining(" "));
  }

  private static List<Duration> durations(@Nullable String text) {
    return text == null ? List.of() : Arrays.stream(text.split(" ")).map(Duration::parse).toList();
  }

  private static @Nullable Duration duration(Map<String, String> values, String name) {
    String text = values.get(name);
    return text == null ? null : Duration.parse(text);
  }

  private static String need(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the setting lacks " + name + ": " + values);
    }
    return value;
  }
}
