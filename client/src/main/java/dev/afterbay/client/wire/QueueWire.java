package dev.afterbay.client.wire;

import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import java.time.Duration;
import java.util.Locale;
import tools.jackson.core.JsonGenerator;

/** A queue on the wire: its settings, its state and its counts (http-api.md, Queues). */
public final class QueueWire {

  private final QueueFields fields = new QueueFields();
  private final long[] counts = new long[8];
  private String state = "active";
  private String stateReason = "";

  private QueueWire() {}

  /**
   * Settings as a client sent them.
   *
   * @param standard what was left out
   */
  public static QueueSettings readSettings(byte[] bytes, QueueSettings standard) {
    return readFields(bytes).over(standard);
  }

  /**
   * As {@link #readSettings(byte[], QueueSettings)}, where what was left out depends on whether
   * {@code max_attempts} was.
   */
  public static QueueSettings readSettings(byte[] bytes, Defaults standard) {
    QueueFields fields = readFields(bytes);
    return fields.over(standard.of(fields.hasAttempts()));
  }

  /** What settings leave out. */
  @FunctionalInterface
  public interface Defaults {

    /**
     * @param ownAttempts {@code max_attempts} is given
     */
    QueueSettings of(boolean ownAttempts);
  }

  private static QueueFields readFields(byte[] bytes) {
    QueueFields fields = new QueueFields();
    try (JsonReader json = JsonReader.strict(bytes, 0, bytes.length)) {
      json.root(name -> fields.take(json, name));
    }
    return fields;
  }

  /** A queue as a server showed it. */
  public static Shown readShown(byte[] bytes) {
    QueueWire wire = new QueueWire();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> wire.fields.take(json, name) || wire.shownField(json, name));
    }
    long[] n = wire.counts;
    QueueStats stats =
        new QueueStats(n[0], n[1], n[2], n[3], n[4], n[5], n[6], Duration.ofMillis(n[7]));
    QueueState.Kind kind = QueueState.Kind.valueOf(wire.state.toUpperCase(Locale.ROOT));
    return new Shown(
        wire.fields.over(QueueSettings.STANDARD), new QueueState(kind, wire.stateReason), stats);
  }

  /** What {@code GET /queues/{q}} shows. */
  public record Shown(QueueSettings settings, QueueState state, QueueStats stats) {}

  public static void writeSettings(JsonGenerator json, QueueSettings settings) {
    QueueFields.write(json, settings);
  }

  public static void writeState(JsonGenerator json, QueueState state, QueueStats stats) {
    json.writeStringProperty("state", state.kind().name().toLowerCase(Locale.ROOT));
    if (!state.reason().isEmpty()) {
      json.writeStringProperty("state_reason", state.reason());
    }
    writeCounts(json, stats);
  }

  /** The members of {@link #writeState} that count. */
  public static void writeCounts(JsonGenerator json, QueueStats stats) {
    json.writeNumberProperty("pending", stats.pending());
    json.writeNumberProperty("scheduled", stats.scheduled());
    json.writeNumberProperty("waiting", stats.waiting());
    json.writeNumberProperty("processing", stats.processing());
    json.writeNumberProperty("done", stats.done());
    json.writeNumberProperty("failed", stats.failed());
    json.writeNumberProperty("cancelled", stats.cancelled());
    json.writeNumberProperty("oldest_pending_age_ms", stats.oldestPendingAge().toMillis());
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
}
