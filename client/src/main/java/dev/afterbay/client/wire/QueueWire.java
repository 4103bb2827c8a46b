package dev.afterbay.client.wire;

import static dev.afterbay.client.wire.MessageWire.writeDuration;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.RetryPolicy;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A queue on the wire: its settings, its state and its counts (http-api.md, Queues). */
public final class QueueWire {

  private QueueSettings settings;
  private Duration backoffFirst;
  private Duration backoffLongest;
  private double backoffFactor;
  private double backoffJitter;
  private @Nullable Duration keepDone;
  private Duration keepFailed;
  private boolean ownAttempts;
  private final long[] counts = new long[8];
  private String state = "active";
  private String stateReason = "";

  private QueueWire(QueueSettings standard) {
    settings = standard;
    backoffFirst = standard.backoff().first();
    backoffFactor = standard.backoff().factor();
    backoffLongest = standard.backoff().longest();
    backoffJitter = standard.backoff().jitter();
    keepDone = standard.retention().done();
    keepFailed = standard.retention().failed();
  }

  /**
   * Settings as a client sent them.
   *
   * @param standard what was left out
   */
  public static QueueSettings readSettings(byte[] bytes, QueueSettings standard) {
    return readWire(bytes, standard).settings();
  }

  /**
   * As {@link #readSettings(byte[], QueueSettings)}, where what was left out depends on whether
   * {@code max_attempts} was.
   */
  public static QueueSettings readSettings(byte[] bytes, Defaults standard) {
    QueueWire wire = readWire(bytes, standard.of(true));
    return wire.ownAttempts ? wire.settings() : readWire(bytes, standard.of(false)).settings();
  }

  /** What settings leave out. */
  @FunctionalInterface
  public interface Defaults {

    /**
     * @param ownAttempts {@code max_attempts} is given
     */
    QueueSettings of(boolean ownAttempts);
  }

  private static QueueWire readWire(byte[] bytes, QueueSettings standard) {
    QueueWire wire = new QueueWire(standard);
    try (JsonReader json = JsonReader.strict(bytes, 0, bytes.length)) {
      json.root(name -> wire.settingsField(json, name));
    }
    return wire;
  }

  /** A queue as a server showed it. */
  public static Shown readShown(byte[] bytes) {
    QueueWire wire = new QueueWire(QueueSettings.STANDARD);
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> wire.settingsField(json, name) || wire.shownField(json, name));
    }
    long[] n = wire.counts;
    QueueStats stats =
        new QueueStats(n[0], n[1], n[2], n[3], n[4], n[5], n[6], Duration.ofMillis(n[7]));
    QueueState.Kind kind = QueueState.Kind.valueOf(wire.state.toUpperCase(Locale.ROOT));
    return new Shown(wire.settings(), new QueueState(kind, wire.stateReason), stats);
  }

  /** What {@code GET /queues/{q}} shows. */
  public record Shown(QueueSettings settings, QueueState state, QueueStats stats) {}

  public static void writeSettings(JsonGenerator json, QueueSettings settings) {
    json.writeStringProperty("delivery", word(settings.delivery()));
    json.writeStringProperty("order", word(settings.order()));
    writeDuration(json, "lease", settings.lease());
    JobWire.writeAttempts(json, "max_attempts", settings.maxAttempts());
    RetryPolicy backoff = settings.backoff();
    json.writeObjectPropertyStart("backoff");
    writeDuration(json, "first", backoff.first());
    json.writeNumberProperty("factor", backoff.factor());
    writeDuration(json, "longest", backoff.longest());
    json.writeNumberProperty("jitter", backoff.jitter());
    json.writeEndObject();
    writeNullable(json, "give_up_after", settings.giveUpAfter());
    writeDuration(json, "dedup_window", settings.dedupWindow());
    json.writeObjectPropertyStart("retention");
    writeNullable(json, "done", settings.retention().done());
    writeDuration(json, "failed", settings.retention().failed());
    json.writeEndObject();
    writeNullable(json, "ttl", settings.timeToLive());
    Long depthMax = settings.depthMax();
    if (depthMax == null) {
      json.writeNullProperty("max_depth");
    } else {
      json.writeNumberProperty("max_depth", depthMax);
    }
    json.writeNumberProperty("max_unsettled", settings.unsettledMax());
  }

  public static void writeState(JsonGenerator json, QueueState state, QueueStats stats) {
    json.writeStringProperty("state", state.kind().name().toLowerCase(Locale.ROOT));
    if (!state.reason().isEmpty()) {
      json.writeStringProperty("state_reason", state.reason());
    }
    json.writeNumberProperty("pending", stats.pending());
    json.writeNumberProperty("scheduled", stats.scheduled());
    json.writeNumberProperty("waiting", stats.waiting());
    json.writeNumberProperty("processing", stats.processing());
    json.writeNumberProperty("done", stats.done());
    json.writeNumberProperty("failed", stats.failed());
    json.writeNumberProperty("cancelled", stats.cancelled());
    json.writeNumberProperty("oldest_pending_age_ms", stats.oldestPendingAge().toMillis());
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static void writeNullable(JsonGenerator json, String name, @Nullable Duration duration) {
    JobWire.writeNullable(json, name, duration == null ? null : Durations.format(duration));
  }

  private boolean settingsField(JsonReader json, String name) {
    switch (name) {
      case "delivery" ->
          settings =
              settings.delivery(
                  constant(json, name, QueueSettings.DeliveryMode.values(), settings.delivery()));
      case "order" ->
          settings =
              settings.order(constant(json, name, QueueSettings.Order.values(), settings.order()));
      case "lease" -> settings = settings.lease(or(json.duration(name), settings.lease()));
      case "max_attempts" -> {
        Integer given = json.attempts(name);
        ownAttempts = given != null;
        settings = given == null ? settings : settings.maxAttempts(given);
      }
      case "backoff" -> json.object(name, field -> backoffField(json, field));
      case "give_up_after" -> settings = settings.giveUpAfter(json.duration(name));
      case "dedup_window" ->
          settings = settings.dedupWindow(or(json.duration(name), settings.dedupWindow()));
      case "retention" -> json.object(name, field -> retentionField(json, field));
      case "ttl" -> settings = settings.timeToLive(json.duration(name));
      case "max_depth" -> settings = settings.depthMax(json.integer(name, 1, Long.MAX_VALUE));
      case "max_unsettled" -> {
        Long given = json.integer(name, 1, Integer.MAX_VALUE);
        settings = given == null ? settings : settings.unsettledMax(Math.toIntExact(given));
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean backoffField(JsonReader json, String name) {
    switch (name) {
      case "first" -> backoffFirst = or(json.duration(name), backoffFirst);
      case "longest" -> backoffLongest = or(json.duration(name), backoffLongest);
      case "factor" -> backoffFactor = or(json.number(name), backoffFactor);
      case "jitter" -> backoffJitter = or(json.number(name), backoffJitter);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean retentionField(JsonReader json, String name) {
    switch (name) {
      case "done" -> keepDone = json.duration(name);
      case "failed" -> keepFailed = or(json.duration(name), keepFailed);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean shownField(JsonReader json, String name) {
    int count =
        switch (name) {
          case "pending" -> 0;
          case "scheduled" -> 1;
          case "waiting" -> 2;
          case "processing" -> 3;
          case "done" -> 4;
          case "failed" -> 5;
          case "cancelled" -> 6;
          case "oldest_pending_age_ms" -> 7;
          default -> -1;
        };
    if (count >= 0) {
      counts[count] = json.required(name, json.integer(name, 0, Long.MAX_VALUE));
    } else if (name.equals("state")) {
      state = json.required(name, json.text(name));
    } else if (name.equals("state_reason")) {
      stateReason = json.required(name, json.text(name));
    } else {
      return false;
    }
    return true;
  }

  private QueueSettings settings() {
    return settings
        .backoff(new RetryPolicy(backoffFirst, backoffFactor, backoffLongest, backoffJitter))
        .retention(new QueueSettings.Retention(keepDone, keepFailed));
  }

  private static <E extends Enum<E>> E constant(
      JsonReader json, String field, E[] constants, E standard) {
    String text = json.text(field);
    if (text == null) {
      return standard;
    }
    StringBuilder allowed = new StringBuilder();
    for (E constant : constants) {
      if (word(constant).equals(text)) {
        return constant;
      }
      allowed.append(allowed.isEmpty() ? "" : " or ").append(word(constant));
    }
    throw new Rejected(field, field + " must be " + allowed);
  }

  private static <T> T or(@Nullable T given, T standard) {
    return given == null ? standard : given;
  }
}
