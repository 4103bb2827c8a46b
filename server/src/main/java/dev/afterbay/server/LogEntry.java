package dev.afterbay.server;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a line of the log says.
 *
 * @param atMillis since 1970
 * @param logger who says it, such as a class
 * @param fields what it is about: texts and whole numbers; empty for most
 * @param thrown null: nothing was
 */
record LogEntry(
    long atMillis,
    String level,
    String logger,
    String message,
    Map<Field, Object> fields,
    @Nullable Thrown thrown) {

  LogEntry {
    // Together they could be longer than a line may be.
    assert fields.isEmpty() || thrown == null : message;
  }

  /** One that is about nothing in particular. */
  LogEntry(long atMillis, String level, String logger, String message, @Nullable Thrown thrown) {
    this(atMillis, level, logger, message, Map.of(), thrown);
  }

  /**
   * What was thrown.
   *
   * @param trace all of it, with its causes, in lines
   */
  record Thrown(String type, String message, String trace) {}

  /** What a line may be about, in the order in which it is written. */
  enum Field {
    QUEUE("queue"),
    JOB_ID("job_id"),
    JOB_TYPE("job_type"),
    SESSION("session"),
    CORRELATION_ID("correlation_id"),
    SCHEDULE("schedule"),
    ATTEMPT("attempt"),
    TOOK("took_ms"),
    AGE("age_ms"),
    DUE("due"),
    ERROR("error", "error.message");

    private final String text;
    private final String json;

    Field(String text) {
      this(text, "afterbay." + text);
    }

    Field(String text, String json) {
      this.text = text;
      this.json = json;
    }

    /** Its name in a line of text. */
    String text() {
      return text;
    }

    /** Its name in an object. */
    String json() {
      return json;
    }
  }
}
