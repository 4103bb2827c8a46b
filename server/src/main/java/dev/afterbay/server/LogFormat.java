package dev.afterbay.server;

import dev.afterbay.PlainText;
import dev.afterbay.client.wire.Json;
import dev.afterbay.client.wire.Times;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import tools.jackson.core.JsonGenerator;

/**
 * How an entry becomes a line, of at most 16 KiB, in UTF-8.
 *
 * <p>Much of what is logged was sent by others. So nothing in a line ends it, nothing is left that
 * a terminal or a viewer would obey, and a value cannot pass for another one.
 */
enum LogFormat {
  /** For people. */
  TEXT {
    @Override
    byte[] line(LogEntry entry) {
      StringBuilder line = new StringBuilder(LINE_CHARS_FIRST);
      line.append(time(entry)).append(' ').append(entry.level()).append(' ');
      String logger = nameOf(entry.logger());
      line.append(logger, logger.lastIndexOf('.') + 1, logger.length()).append(": ");
      line.append(oneLine(bounded(entry.message(), MESSAGE_BYTES_MAX)));
      entry
          .fields()
          .forEach((field, value) -> {
            line.append(' ').append(field.text()).append('=');
            appendValue(line, value);
          });
      LogEntry.Thrown thrown = entry.thrown();
      if (thrown != null) {
        line.append(": ").append(oneLine(bounded(thrown.trace(), TRACE_BYTES_MAX)));
      }
      return line.append('\n').toString().getBytes(StandardCharsets.UTF_8);
    }
  },

  /** For programs: an object with the names of the Elastic Common Schema. */
  JSON {
    @Override
    byte[] line(LogEntry entry) {
      byte[] object =
          Json.write(json -> {
            json.writeStartObject();
            write(json, entry);
            json.writeEndObject();
          });
      byte[] line = Arrays.copyOf(object, object.length + 1);
      line[object.length] = '\n';
      return line;
    }
  };

  /** The longest line. The parts below have less together, and leave room for the names. */
  static final int LINE_BYTES_MAX = 16 << 10;

  private static final int NAME_BYTES_MAX = 200;
  private static final int MESSAGE_BYTES_MAX = 4 << 10;
  private static final int ERROR_BYTES_MAX = 1 << 10;
  private static final int TRACE_BYTES_MAX = 9 << 10;

  /** A session or a correlation id has up to 256 characters. */
  private static final int VALUE_BYTES_MAX = 1 << 10;

  private static final int LINE_CHARS_FIRST = 240;

  /** What says how much was cut off. */
  private static final int NOTE_BYTES = 40;

  /** Of a character in either format, escaped, or replaced. */
  private static final int CHARACTER_BYTES_MAX = 3;

  private static final String ECS_VERSION = "8.11";
  private static final String BREAK = " | ";

  /** The line of an entry, with its end. */
  abstract byte[] line(LogEntry entry);

  private static String time(LogEntry entry) {
    return Times.format(Instant.ofEpochMilli(entry.atMillis()));
  }

  private static String nameOf(String name) {
    return plain(bounded(name, NAME_BYTES_MAX));
  }

  private static void write(JsonGenerator json, LogEntry entry) {
    json.writeStringProperty("@timestamp", time(entry));
    json.writeStringProperty("log.level", entry.level());
    json.writeStringProperty("message", lines(entry.message(), MESSAGE_BYTES_MAX));
    json.writeStringProperty("ecs.version", ECS_VERSION);
    json.writeStringProperty("log.logger", nameOf(entry.logger()));
    if (!entry.fields().isEmpty()) {
      json.writeStringProperty("event.action", nameOf(entry.message()));
    }
    entry
        .fields()
        .forEach((field, value) -> {
          if (value instanceof Number number) {
            json.writeNumberProperty(field.json(), number.longValue());
          } else {
            json.writeStringProperty(field.json(), lines(value.toString(), VALUE_BYTES_MAX));
          }
        });
    LogEntry.Thrown thrown = entry.thrown();
    if (thrown != null) {
      json.writeStringProperty("error.type", nameOf(thrown.type()));
      json.writeStringProperty("error.message", lines(thrown.message(), ERROR_BYTES_MAX));
      json.writeStringProperty("error.stack_trace", lines(thrown.trace(), TRACE_BYTES_MAX));
    }
  }

  /** Quoted where it could be taken for more than one value. */
  private static void appendValue(StringBuilder line, Object value) {
    if (value instanceof Number) {
      line.append(value);
      return;
    }
    String text = oneLine(bounded(value.toString(), VALUE_BYTES_MAX));
    if (text.chars().noneMatch(LogFormat::isQuoted) && !text.isEmpty()) {
      line.append(text);
      return;
    }
    line.append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        line.append('\\');
      }
      line.append(c);
    }
    line.append('"');
  }

  private static boolean isQuoted(int c) {
    return Character.isSpaceChar(c) || c == '"' || c == '=' || c == '\\';
  }

  /** Lines that JSON escapes. */
  private static String lines(String text, int bytesMax) {
    return PlainText.lines(bounded(text, bytesMax), Integer.MAX_VALUE);
  }

  private static String plain(String text) {
    return PlainText.line(text, Integer.MAX_VALUE);
  }

  /** With a bar in place of each break and the blanks around it. */
  static String oneLine(String text) {
    String stripped = text.strip();
    StringBuilder line = null;
    int from = 0;
    for (int i = 0; i < stripped.length(); i++) {
      if (isBreak(stripped.charAt(i))) {
        line = line == null ? new StringBuilder(stripped.length() + BREAK.length()) : line;
        int end = i;
        while (end > from && isBlank(stripped.charAt(end - 1))) {
          end--;
        }
        while (i + 1 < stripped.length() && isBlank(stripped.charAt(i + 1))) {
          i++;
        }
        line.append(stripped, from, end).append(BREAK);
        from = i + 1;
      }
    }
    return plain(
        line == null ? stripped : line.append(stripped, from, stripped.length()).toString());
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t' || isBreak(c);
  }

  private static boolean isBreak(char c) {
    return (c >= '\n' && c <= '\r') || c == '\u0085' || c == '\u2028' || c == '\u2029';
  }

  /** As much of it as has so many bytes in either format, and then how long it was. */
  static String bounded(String text, int bytesMax) {
    if (text.length() <= bytesMax / CHARACTER_BYTES_MAX) {
      return text;
    }
    int bytes = 0;
    int fitting = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean plain = c >= ' ' && c < 0x7f && c != '"' && c != '\\';
      bytes += plain ? 1 : CHARACTER_BYTES_MAX;
      if (bytes <= bytesMax - NOTE_BYTES) {
        fitting = i + 1;
      } else if (bytes > bytesMax) {
        return PlainText.cut(text, fitting) + "... (cut, " + text.length() + " characters)";
      }
    }
    return text;
  }
}
