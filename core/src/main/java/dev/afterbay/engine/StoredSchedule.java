package dev.afterbay.engine;

import dev.afterbay.Broker.Addressed;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import dev.afterbay.Schedules.Overlap;
import dev.afterbay.Schedules.Schedule;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A schedule as a {@link Setting} keeps it.
 *
 * @param version of the setting that it was read from; 0: of none
 * @param decided all due times up to this one are fired or left out
 * @param next the first one after it
 */
record StoredSchedule(
    String name,
    long version,
    Definition definition,
    boolean paused,
    Instant decided,
    Instant next,
    @Nullable JobId lastJob,
    @Nullable String lastError) {

  static final String KIND = "schedule";

  private static final String DELETED = "deleted";

  private static final String ATTRIBUTE = "attribute.";

  /** One that begins now. */
  static StoredSchedule begun(String name, Definition definition, Instant now) {
    return new StoredSchedule(name, 0, definition, false, now, definition.after(now), null, null);
  }

  /**
   * What stays of one that is deleted, where other processes may be about to fire it: the version
   * of one that is made anew must not be what they have read. Forgotten after a while.
   */
  static Map<String, String> deleted(Instant now) {
    return Map.of(DELETED, Long.toString(now.toEpochMilli()));
  }

  /** When it was deleted; null: it was not. */
  static @Nullable Instant deletedAt(Setting setting) {
    String at = setting.values().get(DELETED);
    return at == null ? null : Instant.ofEpochMilli(SettingCodec.whole(at));
  }

  /** Goes on from that time, as if all before it were decided. */
  StoredSchedule from(Instant time) {
    return new StoredSchedule(
        name, version, definition, paused, time, definition.after(time), lastJob, null);
  }

  StoredSchedule defined(Definition definition) {
    return new StoredSchedule(name, version, definition, paused, decided, next, lastJob, lastError);
  }

  StoredSchedule paused(boolean paused) {
    return new StoredSchedule(name, version, definition, paused, decided, next, lastJob, lastError);
  }

  StoredSchedule fired(@Nullable JobId job) {
    return new StoredSchedule(
        name, version, definition, paused, decided, next, job == null ? lastJob : job, lastError);
  }

  StoredSchedule failed(String error) {
    return new StoredSchedule(name, version, definition, paused, decided, next, lastJob, error);
  }

  /** One whose times cannot be told is shown without them: it must not hide the others. */
  Schedule shown(Instant now) {
    try {
      return new Schedule(name, definition, paused, coming(now), lastJob, lastError);
    } catch (RuntimeException e) {
      String error = lastError == null ? "has no next time: " + e.getMessage() : lastError;
      return new Schedule(name, definition, paused, List.of(), lastJob, error);
    }
  }

  private List<Instant> coming(Instant now) {
    if (paused) {
      return definition.after(now, Schedules.NEXT_SHOWN);
    }
    List<Instant> times = new ArrayList<>(List.of(next));
    times.addAll(definition.after(next, Schedules.NEXT_SHOWN - 1));
    return times;
  }

  /**
   * Its job for a due time. The key lets no second one in, whatever becomes of the calendar; but an
   * interval goes on where the calendar was set back, through times that it may have had before.
   */
  Message message(Instant due) {
    String key = Schedules.KEY_PREFIX + name + "/" + due;
    String own = definition.every() == null ? key : key + "/" + version;
    return definition.job().message().notBefore(due).key(own);
  }

  /** Its job for somebody who runs it now; each is another one. */
  Message messageNow(JobId unique) {
    return definition.job().message().key(Schedules.KEY_PREFIX + name + "/run-now/" + unique);
  }

  /** What is written in place of that version; 0: there is none. */
  Setting next(long version) {
    Map<String, String> values = new HashMap<>();
    put(values, "cron", definition.cron());
    put(values, "every", definition.every());
    put(values, "zone", definition.zone().getId());
    put(values, "missed", definition.missed().name());
    put(values, "overlap", definition.overlap().name());
    put(values, "queue", definition.job().queue());
    write(values, definition.job().message());
    put(values, "paused", paused);
    put(values, "decided", decided.toEpochMilli());
    put(values, "next", next.toEpochMilli());
    put(values, "last_job", lastJob);
    put(values, "last_error", lastError);
    return new Setting(KIND, name, version + 1, values);
  }

  private static void write(Map<String, String> values, Message message) {
    Message.Options options = message.options();
    put(values, "type", message.type());
    put(values, "content_type", message.contentType());
    String text = message.text();
    boolean isText = Arrays.equals(text.getBytes(StandardCharsets.UTF_8), message.body());
    put(values, "body", isText ? text : null);
    put(values, "base64", isText ? null : Base64.getEncoder().encodeToString(message.body()));
    message.attributes().forEach((name, value) -> values.put(ATTRIBUTE + name, value));
    put(values, "session", options.session());
    put(values, "priority", options.priority());
    put(values, "ttl", options.timeToLive());
    put(values, "max_attempts", options.maxAttempts());
    put(values, "correlation_id", options.correlationId());
  }

  private static void put(Map<String, String> values, String name, @Nullable Object value) {
    if (value != null) {
      values.put(name, value.toString());
    }
  }

  /**
   * A schedule as it was stored.
   *
   * @throws RuntimeException if another version, or one with other time zones, stored it
   */
  static StoredSchedule of(Setting setting) {
    Map<String, String> values = setting.values();
    String every = values.get("every");
    String lastJob = values.get("last_job");
    Definition definition =
        new Definition(
            values.get("cron"),
            every == null ? null : Duration.parse(every),
            ZoneId.of(need(values, "zone")),
            Missed.valueOf(need(values, "missed")),
            Overlap.valueOf(need(values, "overlap")),
            new Addressed(need(values, "queue"), message(values)));
    return new StoredSchedule(
        setting.name(),
        setting.version(),
        definition,
        need(values, "paused").equals("true"),
        Instant.ofEpochMilli(SettingCodec.whole(need(values, "decided"))),
        Instant.ofEpochMilli(SettingCodec.whole(need(values, "next"))),
        lastJob == null ? null : JobId.parse(lastJob),
        values.get("last_error"));
  }

  private static Message message(Map<String, String> values) {
    String text = values.get("body");
    byte[] body =
        text == null
            ? Base64.getDecoder().decode(need(values, "base64"))
            : text.getBytes(StandardCharsets.UTF_8);
    Map<String, String> attributes = new HashMap<>();
    values.forEach((name, value) -> {
      if (name.startsWith(ATTRIBUTE)) {
        attributes.put(name.substring(ATTRIBUTE.length()), value);
      }
    });
    String ttl = values.get("ttl");
    String maxAttempts = values.get("max_attempts");
    Message.Options options =
        new Message.Options(
            values.get("session"),
            null,
            null,
            Math.toIntExact(SettingCodec.whole(need(values, "priority"))),
            null,
            null,
            ttl == null ? null : Duration.parse(ttl),
            maxAttempts == null ? null : Math.toIntExact(SettingCodec.whole(maxAttempts)),
            values.get("correlation_id"),
            true);
    return new Message(
        need(values, "type"), need(values, "content_type"), body, attributes, options);
  }

  private static String need(Map<String, String> values, String name) {
    String value = values.get(name);
    if (value == null) {
      throw new IllegalArgumentException("the stored schedule lacks " + name);
    }
    return value;
  }
}
