package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.DeadLetters;
import dev.afterbay.JobId;
import dev.afterbay.PlainText;
import dev.afterbay.Receipt;
import dev.afterbay.Status;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** The dead letters of a queue on the wire (http-api.md, Mail, dead letters, sessions). */
public final class DeadLettersWire {

  private DeadLettersWire() {}

  /** The members of the statistics, without the braces. */
  public static void writeStats(JsonGenerator json, DeadLetters.Stats stats) {
    json.writeNumberProperty("total", stats.total());
    json.writeNumberProperty("looked_at", stats.lookedAt());
    writeTime(json, "oldest", stats.oldest());
    writeTime(json, "newest", stats.newest());
    json.writeArrayPropertyStart("groups");
    stats.groups().forEach(group -> writeGroup(json, group));
    json.writeEndArray();
    json.writeNumberProperty("ungrouped", stats.ungrouped());
    json.writeObjectPropertyStart("by_reason");
    for (Status.Reason reason : Status.Reason.values()) {
      Long count = stats.byReason().get(reason);
      if (count != null) {
        json.writeNumberProperty(reason.words(), count);
      }
    }
    json.writeEndObject();
    json.writeArrayPropertyStart("by_hour");
    for (DeadLetters.Hour hour : stats.byHour()) {
      json.writeStartObject();
      json.writeStringProperty("from", Times.format(hour.from()));
      json.writeNumberProperty("count", hour.count());
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  private static void writeGroup(JsonGenerator json, DeadLetters.Group group) {
    json.writeStartObject();
    json.writeStringProperty("fingerprint", group.fingerprint());
    json.writeNumberProperty("count", group.count());
    json.writeStringProperty("first", Times.format(group.first()));
    json.writeStringProperty("last", Times.format(group.last()));
    json.writeArrayPropertyStart("sample_ids");
    group.samples().forEach(id -> json.writeString(id.toString()));
    json.writeEndArray();
    json.writeObjectPropertyStart("by_type");
    group.byType().forEach(json::writeNumberProperty);
    json.writeEndObject();
    json.writeEndObject();
  }

  private static void writeTime(JsonGenerator json, String name, @Nullable Instant time) {
    JobWire.writeNullable(json, name, time == null ? null : Times.format(time));
  }

  /** What a server showed. */
  public static DeadLetters.Stats readStats(byte[] bytes) {
    StatsFields fields = new StatsFields();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> fields.take(json, name));
      return fields.stats();
    }
  }

  private static long count(JsonReader json, String name) {
    return json.required(name, json.integer(name, 0, Long.MAX_VALUE));
  }

  private static final class StatsFields {
    private static final int HOURS_MAX = 1_000;

    private final List<DeadLetters.Group> groups = new ArrayList<>();
    private final Map<Status.Reason, Long> byReason = new EnumMap<>(Status.Reason.class);
    private final List<DeadLetters.Hour> byHour = new ArrayList<>();
    private long total;
    private long lookedAt;
    private long ungrouped;
    private @Nullable Instant oldest;
    private @Nullable Instant newest;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "total" -> total = count(json, name);
        case "looked_at" -> lookedAt = count(json, name);
        case "oldest" -> oldest = json.time(name);
        case "newest" -> newest = json.time(name);
        case "ungrouped" -> ungrouped = count(json, name);
        case "groups" ->
            json.array(name, DeadLetters.GROUPS_MAX, () -> groups.add(readGroup(json, name)));
        case "by_reason" ->
            json.object(
                name,
                words -> {
                  byReason.put(Status.Reason.ofWords(words), count(json, words));
                  return true;
                });
        case "by_hour" -> json.array(name, HOURS_MAX, () -> byHour.add(readHour(json, name)));
        default -> {
          return false;
        }
      }
      return true;
    }

    DeadLetters.Stats stats() {
      return new DeadLetters.Stats(
          total, lookedAt, oldest, newest, groups, ungrouped, byReason, byHour);
    }
  }

  private static DeadLetters.Group readGroup(JsonReader json, String field) {
    GroupFields fields = new GroupFields();
    json.object(field, name -> fields.take(json, name));
    return fields.group(json);
  }

  private static final class GroupFields {
    private static final int SAMPLES_MAX = 1_000;

    private final List<JobId> samples = new ArrayList<>();
    private final Map<String, Long> byType = new HashMap<>();
    private @Nullable String fingerprint;
    private long count;
    private @Nullable Instant first;
    private @Nullable Instant last;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "fingerprint" -> fingerprint = json.text(name);
        case "count" -> count = count(json, name);
        case "first" -> first = json.time(name);
        case "last" -> last = json.time(name);
        case "sample_ids" -> {
          List<String> ids =
              Objects.requireNonNullElse(json.textList(name, SAMPLES_MAX), List.of());
          ids.forEach(id -> samples.add(JobId.parse(id)));
        }
        case "by_type" ->
            json.object(
                name,
                type -> {
                  byType.put(type, count(json, type));
                  return true;
                });
        default -> {
          return false;
        }
      }
      return true;
    }

    DeadLetters.Group group(JsonReader json) {
      return new DeadLetters.Group(
          json.required("fingerprint", fingerprint),
          count,
          json.required("first", first),
          json.required("last", last),
          samples,
          byType);
    }
  }

  private static DeadLetters.Hour readHour(JsonReader json, String field) {
    @Nullable Instant[] from = new @Nullable Instant[1];
    long[] count = {0};
    json.object(
        field,
        name -> {
          switch (name) {
            case "from" -> from[0] = json.time(name);
            case "count" -> count[0] = count(json, name);
            default -> {
              return false;
            }
          }
          return true;
        });
    return new DeadLetters.Hour(json.required("from", from[0]), count[0]);
  }

  /** What {@link #readSettlements} reads. */
  public static void writeSettlements(JsonGenerator json, List<DeadLetters.Settled> all) {
    json.writeArrayPropertyStart("settlements");
    for (DeadLetters.Settled each : all) {
      json.writeStartObject();
      json.writeStringProperty("receipt", each.receipt().value());
      json.writeStringProperty("outcome", each.end().name().toLowerCase(Locale.ROOT));
      json.writeEndObject();
    }
    json.writeEndArray();
  }

  /** As those of messages, with one more outcome; a consumer that fails says so as for those. */
  public static List<DeadLetters.Settled> readSettlements(byte[] bytes) {
    List<DeadLetters.Settled> settled = new ArrayList<>();
    boolean[] given = {false};
    try (JsonReader json = JsonReader.strict(bytes, 0, bytes.length)) {
      json.root(name -> {
        if (!name.equals("settlements")) {
          return false;
        }
        given[0] =
            json.array(name, DeliveryWire.SETTLE_MAX, () -> settled.add(readSettled(json, name)));
        return true;
      });
    }
    return DeliveryWire.given(given[0], "settlements", settled);
  }

  private static DeadLetters.Settled readSettled(JsonReader json, String field) {
    @Nullable Receipt[] receipt = new @Nullable Receipt[1];
    DeadLetters.@Nullable End[] end = new DeadLetters.@Nullable End[1];
    json.object(
        field,
        name -> {
          switch (name) {
            case "receipt" ->
                receipt[0] = DeliveryWire.receipt(json.required(name, json.text(name)));
            case "outcome" -> end[0] = end(json.required(name, json.text(name)));
            case "reason", "delay" -> json.text(name); // Mean nothing here.
            default -> {
              return false;
            }
          }
          return true;
        });
    return new DeadLetters.Settled(
        json.required("receipt", receipt[0]), json.required("outcome", end[0]));
  }

  private static DeadLetters.End end(String word) {
    return switch (word) {
      case "done" -> DeadLetters.End.DONE;
      case "retry", "fail" -> DeadLetters.End.RETRY;
      case "release" -> DeadLetters.End.RELEASE;
      case "redrive" -> DeadLetters.End.REDRIVE;
      default ->
          throw new Rejected(
              "outcome",
              "outcome must be done, retry, fail, release or redrive, not "
                  + PlainText.line(word, 40));
    };
  }
}
