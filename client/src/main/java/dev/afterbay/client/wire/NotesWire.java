package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.JobNotes;
import dev.afterbay.JobNotes.LoggedLine;
import dev.afterbay.Receipt;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;

/** What attempts tell of a job: what one tells, and what is kept and shown. */
public final class NotesWire {

  private static final String TEXT = "text/plain; charset=utf-8";
  private static final String BYTES = "application/octet-stream";
  private static final String JSON = "application/json";
  private static final int LINES_READ_MAX = 100_000;

  private NotesWire() {}

  /** What an attempt tells in one call, in the order in which it is written. */
  public record Told(Receipt receipt, List<JobNotes.Note> notes) {}

  /** The body of {@code POST /queues/{q}/notes}. */
  public static byte[] write(Receipt receipt, JobNotes.Note note) {
    return Json.write(json -> {
      json.writeStartObject();
      json.writeStringProperty("receipt", receipt.value());
      switch (note) {
        case JobNotes.Progress progress -> writeProgress(json, progress);
        case JobNotes.Checkpoint checkpoint -> writeCheckpoint(json, checkpoint);
        case JobNotes.Result result -> writeResult(json, result);
        case JobNotes.Line(String text) -> json.writeStringProperty("log", text);
      }
      json.writeEndObject();
    });
  }

  /** Reads what {@link #write(Receipt, JobNotes.Note)} writes, or several of them in one. */
  public static Told readTold(byte[] bytes) {
    Fields fields = new Fields();
    try (JsonReader json = JsonReader.strictAround(bytes, 0, bytes.length, 1)) {
      json.root(name -> fields.takeTold(json, name));
      Receipt receipt = DeliveryWire.receipt(json.required("receipt", fields.receipt));
      if (fields.resultType != null) {
        MediaType.require("result_content_type", fields.resultType);
      }
      List<JobNotes.Note> notes = fields.notes();
      if (notes.isEmpty()) {
        throw new Rejected(
            "progress", "one of progress, checkpoint_base64, result and log must be given");
      }
      return new Told(receipt, notes);
    }
  }

  /** The body of {@code POST /queues/{q}/notes/checkpoint}. */
  public static Receipt readReceipt(byte[] bytes) {
    Fields fields = new Fields();
    try (JsonReader json = JsonReader.strict(bytes, 0, bytes.length)) {
      json.root(name -> name.equals("receipt") && fields.take(json, name));
      return DeliveryWire.receipt(json.required("receipt", fields.receipt));
    }
  }

  /** The answer of {@code GET /jobs/{id}/notes}: all, and exactly. */
  public static void write(JsonGenerator json, JobNotes notes) {
    if (notes.progress() != null) {
      writeProgress(json, notes.progress());
    }
    if (notes.checkpoint() != null) {
      writeCheckpoint(json, notes.checkpoint());
    }
    if (notes.result() != null) {
      writeResult(json, notes.result());
    }
    writeLog(json, notes.log());
  }

  public static JobNotes read(byte[] bytes) {
    Fields fields = new Fields();
    try (JsonReader json = JsonReader.lenient(bytes)) {
      json.root(name -> fields.take(json, name));
    }
    return fields.kept();
  }

  /** As members of a job: a result that is JSON or text stands there as such. */
  public static void writeShown(JsonGenerator json, JobNotes notes) {
    JobNotes.Progress progress = notes.progress();
    if (progress != null) {
      writeProgress(json, progress);
    }
    JobNotes.Result result = notes.result();
    if (result != null) {
      writeShown(json, result);
    }
    writeLog(json, notes.log());
  }

  private static void writeShown(JsonGenerator json, JobNotes.Result result) {
    byte[] value = result.value();
    if (Json.isJsonType(result.contentType()) && Json.isJson(value)) {
      json.writeName("result");
      json.writeRawValue(new String(value, StandardCharsets.UTF_8));
    } else if (Json.isTextType(result.contentType())) {
      json.writeStringProperty("result", new String(value, StandardCharsets.UTF_8));
    } else {
      json.writeBinaryProperty("result_base64", value);
    }
    json.writeStringProperty("result_content_type", result.contentType());
    if (result.cutBytes() > 0) {
      json.writeNumberProperty("result_cut_bytes", result.cutBytes());
    }
  }

  private static void writeProgress(JsonGenerator json, JobNotes.Progress progress) {
    json.writeNumberProperty("progress", progress.share());
    json.writeStringProperty("progress_text", progress.text());
  }

  private static void writeCheckpoint(JsonGenerator json, JobNotes.Checkpoint checkpoint) {
    json.writeBinaryProperty("checkpoint_base64", checkpoint.value());
  }

  private static void writeResult(JsonGenerator json, JobNotes.Result result) {
    json.writeBinaryProperty("result_base64", result.value());
    json.writeStringProperty("result_content_type", result.contentType());
    if (result.cutBytes() > 0) {
      json.writeNumberProperty("result_cut_bytes", result.cutBytes());
    }
  }

  private static void writeLog(JsonGenerator json, JobNotes.Log log) {
    if (log.lines().isEmpty()) {
      return;
    }
    json.writeArrayPropertyStart("logs");
    for (LoggedLine line : log.lines()) {
      json.writeStartObject();
      json.writeNumberProperty("attempt", line.attempt());
      json.writeStringProperty("at", Times.format(line.at()));
      json.writeStringProperty("text", line.text());
      json.writeEndObject();
    }
    json.writeEndArray();
    json.writeNumberProperty("logs_dropped", log.dropped());
  }

  private static final class Fields {
    private @Nullable String receipt;
    private @Nullable Double progress;
    private @Nullable String progressText;
    private byte @Nullable [] checkpoint;
    private byte @Nullable [] result;
    private @Nullable String standardType;
    private @Nullable String resultType;
    private long cutBytes;
    private @Nullable String line;
    private final List<LoggedLine> lines = new ArrayList<>();
    private int dropped;

    /** What is kept, and what is told. */
    boolean take(JsonReader json, String name) {
      return takeTold(json, name) || takeKept(json, name);
    }

    boolean takeTold(JsonReader json, String name) {
      switch (name) {
        case "receipt" -> receipt = json.text(name);
        case "progress" -> progress = json.number(name);
        case "progress_text" -> progressText = json.text(name);
        case "checkpoint_base64" -> checkpoint = json.base64(name);
        case "result" -> result(json.rawOrNull(), JSON);
        case "result_text" -> result(json.utf8(name), TEXT);
        case "result_base64" -> result(json.base64(name), BYTES);
        case "result_content_type" -> resultType = json.text(name);
        case "result_cut_bytes" ->
            cutBytes = json.required(name, json.integer(name, 0, Long.MAX_VALUE));
        case "log" -> line = json.text(name);
        default -> {
          return false;
        }
      }
      return true;
    }

    private boolean takeKept(JsonReader json, String name) {
      switch (name) {
        case "logs" -> json.array(name, LINES_READ_MAX, () -> lines.add(readLine(json, name)));
        case "logs_dropped" ->
            dropped = json.required(name, json.integer(name, 0, Integer.MAX_VALUE)).intValue();
        default -> {
          return false;
        }
      }
      return true;
    }

    private void result(byte @Nullable [] given, String type) {
      if (given != null) {
        if (result != null) {
          throw new Rejected(
              "result", "result, result_text and result_base64 contradict: give one");
        }
        result = given;
        standardType = type;
      }
    }

    private static LoggedLine readLine(JsonReader json, String field) {
      LineFields line = new LineFields();
      json.object(field, name -> line.take(json, name));
      return new LoggedLine(
          line.attempt, json.required("at", line.at), json.required("text", line.text));
    }

    private JobNotes.@Nullable Progress progress() {
      if (progress == null) {
        return null;
      }
      if (!(progress >= 0 && progress <= 1)) {
        throw new Rejected("progress", "progress must be 0 to 1: " + progress);
      }
      return new JobNotes.Progress(progress, progressText == null ? "" : progressText);
    }

    private JobNotes.@Nullable Result result() {
      if (result == null || standardType == null) {
        return null;
      }
      return new JobNotes.Result(resultType == null ? standardType : resultType, result, cutBytes);
    }

    List<JobNotes.Note> notes() {
      List<JobNotes.Note> notes = new ArrayList<>();
      JobNotes.Progress share = progress();
      if (share != null) {
        notes.add(share);
      }
      if (checkpoint != null) {
        notes.add(new JobNotes.Checkpoint(checkpoint));
      }
      JobNotes.Result came = result();
      if (came != null) {
        notes.add(came);
      }
      if (line != null) {
        notes.add(new JobNotes.Line(line));
      }
      return notes;
    }

    JobNotes kept() {
      return new JobNotes(
          progress(),
          checkpoint == null ? null : new JobNotes.Checkpoint(checkpoint),
          result(),
          new JobNotes.Log(lines, dropped));
    }
  }

  private static final class LineFields {
    private int attempt;
    private @Nullable Instant at;
    private @Nullable String text;

    boolean take(JsonReader json, String name) {
      switch (name) {
        case "attempt" ->
            attempt = json.required(name, json.integer(name, 0, Integer.MAX_VALUE)).intValue();
        case "at" -> at = json.time(name);
        case "text" -> text = json.text(name);
        default -> {
          return false;
        }
      }
      return true;
    }
  }
}
