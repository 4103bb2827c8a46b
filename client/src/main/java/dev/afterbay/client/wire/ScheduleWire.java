package dev.afterbay.client.wire;

import dev.afterbay.Broker.Addressed;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.JobId;
import dev.afterbay.Limits;
import dev.afterbay.PlainText;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import dev.afterbay.Schedules.Overlap;
import dev.afterbay.Schedules.Schedule;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** A schedule on the wire (http-api.md, Schedules). Filled field by field while it is read. */
public final class ScheduleWire {

  private static final String ACTIVE = "active";
  private static final String PAUSED = "paused";
  private static final int NEXT_MAX = 100;

  private final Limits limits;
  private @Nullable String cron;
  private @Nullable Duration every;
  private @Nullable ZoneId zone;
  private @Nullable Missed missed;
  private @Nullable Overlap overlap;
  private @Nullable Addressed job;

  private @Nullable String name;
  private @Nullable String state;
  private final List<Instant> next = new ArrayList<>();
  private @Nullable String lastJob;
  private @Nullable String lastError;
  private @Nullable String jobId;

  private ScheduleWire(Limits limits) {
    this.limits = limits;
  }

  /** What a client sent, or a configuration says as JSON. */
  public static Definition readDefinition(byte[] bytes, Limits limits) {
    ScheduleWire wire = new ScheduleWire(limits);
    try (JsonReader json = JsonReader.strictAround(bytes, 0, bytes.length, 2)) {
      json.root(name -> wire.definitionField(json, name));
      return wire.definition(json);
    }
  }

  /** What a server showed. */
  public static Shown readShown(byte[] bytes) {
    ScheduleWire wire = new ScheduleWire(Limits.STANDARD);
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> wire.shownField(json, name));
      return new Shown(wire.schedule(json), wire.jobId == null ? null : JobId.parse(wire.jobId));
    }
  }

  /** The list that a server showed. */
  public static List<Schedule> readList(byte[] bytes, int max) {
    List<Schedule> all = new ArrayList<>();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(field ->
          field.equals("schedules")
              && json.array(
                  field,
                  max,
                  () -> {
                    ScheduleWire wire = new ScheduleWire(Limits.STANDARD);
                    json.object(field, name -> wire.shownField(json, name));
                    all.add(wire.schedule(json));
                  }));
    }
    return all;
  }

  /**
   * A schedule as it is shown.
   *
   * @param jobId the job of a run-now; null: it was not asked for
   */
  public record Shown(Schedule schedule, @Nullable JobId jobId) {}

  /** The form that {@link #readDefinition} reads. */
  public static void writeDefinition(JsonGenerator json, Definition definition) {
    MessageWire.writeText(json, "cron", definition.cron());
    MessageWire.writeDuration(json, "every", definition.every());
    json.writeStringProperty("zone", definition.zone().getId());
    json.writeStringProperty("missed", Words.of(definition.missed()));
    json.writeStringProperty("overlap", Words.of(definition.overlap()));
    json.writeName("job");
    MessageWire.writeScheduled(json, definition.job());
  }

  /** The members of a schedule, without the braces. */
  public static void write(JsonGenerator json, Schedule schedule) {
    json.writeStringProperty("name", schedule.name());
    json.writeStringProperty("state", schedule.paused() ? PAUSED : ACTIVE);
    writeDefinition(json, schedule.definition());
    json.writeArrayPropertyStart("next");
    schedule.next().forEach(time -> json.writeString(Times.format(time)));
    json.writeEndArray();
    JobId last = schedule.lastJob();
    JobWire.writeNullable(json, "last_job", last == null ? null : last.toString());
    JobWire.writeNullable(json, "last_error", schedule.lastError());
  }

  /**
   * What is shown of one among others, without the braces: nothing of its job but type and queue.
   *
   * @param errorCharsMax of {@link Schedule#lastError}
   */
  public static void writeBrief(JsonGenerator json, Schedule schedule, int errorCharsMax) {
    Definition definition = schedule.definition();
    Duration every = definition.every();
    JobId last = schedule.lastJob();
    String error = schedule.lastError();
    boolean comes = !schedule.paused() && !schedule.next().isEmpty();
    json.writeStringProperty("name", schedule.name());
    json.writeStringProperty("state", schedule.paused() ? PAUSED : ACTIVE);
    JobWire.writeNullable(json, "cron", definition.cron());
    JobWire.writeNullable(json, "every", every == null ? null : Durations.format(every));
    json.writeStringProperty("zone", definition.zone().getId());
    json.writeStringProperty("queue", definition.job().queue());
    json.writeStringProperty("job_type", definition.job().message().type());
    JobWire.writeNullable(json, "next", comes ? Times.format(schedule.next().getFirst()) : null);
    JobWire.writeNullable(json, "last_job", last == null ? null : last.toString());
    JobWire.writeNullable(
        json,
        "last_at",
        last == null ? null : Times.format(Instant.ofEpochMilli(last.madeAtMillis())));
    JobWire.writeNullable(
        json, "last_error", error == null ? null : PlainText.line(error, errorCharsMax));
  }

  private boolean definitionField(JsonReader json, String field) {
    switch (field) {
      case "cron" -> cron = json.text(field);
      case "every" -> every = json.duration(field);
      case "zone" -> zone = zone(json.text(field));
      case "missed" -> missed = json.oneOf(field, Missed.class);
      case "overlap" -> overlap = json.oneOf(field, Overlap.class);
      case "job" -> job = MessageWire.readScheduled(json, field, limits);
      default -> {
        return false;
      }
    }
    return true;
  }

  private boolean shownField(JsonReader json, String field) {
    switch (field) {
      case "name" -> name = json.text(field);
      case "state" -> state = json.text(field);
      case "next" ->
          json.array(field, NEXT_MAX, () -> next.add(json.required(field, json.time(field))));
      case "last_job" -> lastJob = json.text(field);
      case "last_error" -> lastError = json.text(field);
      case "job_id" -> jobId = json.text(field);
      default -> {
        return definitionField(json, field);
      }
    }
    return true;
  }

  private static @Nullable ZoneId zone(@Nullable String text) {
    try {
      return text == null ? null : ZoneId.of(text);
    } catch (DateTimeException e) {
      throw new Rejected(
          "zone",
          "zone must be the name of a time zone such as Europe/Berlin or UTC: "
              + PlainText.line(text, 40),
          e);
    }
  }

  private Definition definition(JsonReader json) {
    return new Definition(
        cron,
        every,
        zone == null ? ZoneId.of("UTC") : zone,
        missed == null ? Missed.LAST : missed,
        overlap == null ? Overlap.ALLOW : overlap,
        json.required("job", job));
  }

  private Schedule schedule(JsonReader json) {
    return new Schedule(
        json.required("name", name),
        definition(json),
        json.required("state", state).equals(PAUSED),
        next,
        lastJob == null ? null : JobId.parse(lastJob),
        lastError);
  }
}
