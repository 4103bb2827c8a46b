package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.server.LogEntry.Field;
import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class LogFormatTest {
  private static final long AT = 1_795_953_600_007L;

  /** What ends a line somewhere, moves a cursor, or turns the direction of writing. */
  private static final List<Integer> HOSTILE =
      List.of(
          0x00, 0x07, 0x08, 0x0a, 0x0b, 0x0c, 0x0d, 0x1b, 0x7f, 0x80, 0x85, 0x9b, 0x9f, 0x061c,
          0x200e, 0x200f, 0x2028, 0x2029, 0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067,
          0x2068, 0x2069, 0xd800, 0xdbff, 0xdc00, 0xdfff);

  private static final JsonMapper MAPPER = new JsonMapper();

  @Test
  void aLineOfTextIsForPeople() {
    assertThat(line(LogFormat.TEXT, entry("up to 20000 connections", Map.of(), null)))
        .isEqualTo("2026-11-29T12:00:00.007Z WARN Listeners: up to 20000 connections\n");
    Map<Field, Object> fields = new EnumMap<>(Field.class);
    fields.put(Field.SESSION, "a b");
    fields.put(Field.QUEUE, "orders");
    fields.put(Field.ATTEMPT, 2);
    assertThat(line(LogFormat.TEXT, entry("done", fields, null)))
        .endsWith(" WARN Listeners: done queue=orders session=\"a b\" attempt=2\n");
  }

  @Test
  void aLineOfJsonHasTheNamesOfTheElasticCommonSchema() {
    Map<Field, Object> fields = new EnumMap<>(Field.class);
    fields.put(Field.QUEUE, "orders");
    fields.put(Field.TOOK, 31L);
    fields.put(Field.ERROR, "refused");
    assertThat(line(LogFormat.JSON, entry("retried", fields, null)))
        .isEqualTo(
            "{\"@timestamp\":\"2026-11-29T12:00:00.007Z\",\"log.level\":\"WARN\","
                + "\"message\":\"retried\",\"ecs.version\":\"8.11\","
                + "\"log.logger\":\"dev.afterbay.server.Listeners\",\"event.action\":\"retried\","
                + "\"afterbay.queue\":\"orders\",\"afterbay.took_ms\":31,"
                + "\"error.message\":\"refused\"}\n");
    LogEntry.Thrown thrown = new LogEntry.Thrown("java.io.IOException", "gone", "gone\n\tat A.b");
    JsonNode json = json(entry("failed", Map.of(), thrown));
    assertThat(json.path("error.type").asString()).isEqualTo("java.io.IOException");
    assertThat(json.path("error.message").asString()).isEqualTo("gone");
    assertThat(json.path("error.stack_trace").asString()).isEqualTo("gone\n\tat A.b");
    assertThat(json.has("event.action")).isFalse();
  }

  @ParameterizedTest
  @EnumSource
  void nothingInALineEndsItOrIsObeyed(LogFormat format) {
    for (int hostile : HOSTILE) {
      String text = "a" + (char) hostile + "2026-11-29T12:00:00.007Z ERROR Forged: b";
      String where = format + " " + Integer.toHexString(hostile);
      for (LogEntry entry : everywhere(text)) {
        String line = line(format, entry);
        assertThat(line).as(where).endsWith("\n").contains("Forged");
        String inside = line.substring(0, line.length() - 1);
        HOSTILE.forEach(each -> assertThat(inside.indexOf(each)).as(where).isNegative());
        if (format == LogFormat.JSON) {
          String named = entry.thrown() == null ? "afterbay.session" : "error.stack_trace";
          assertThat(json(entry).path("message").asString()).startsWith("a").endsWith("b");
          assertThat(json(entry).path(named).asString()).startsWith("a").endsWith("b");
        }
      }
    }
  }

  @Test
  void aValueCannotPassForAnotherField() {
    String forged = "s attempt=9 queue=other";
    Map<Field, Object> fields = Map.of(Field.SESSION, forged);
    assertThat(line(LogFormat.TEXT, entry("done", fields, null)))
        .endsWith(": done session=\"s attempt=9 queue=other\"\n");
    for (String quoted :
        List.of("a\"b", "a\\", "", "\" attempt=9", "a\u00a0b", "a\u2003b", "a\u3000b")) {
      String escaped = quoted.replace("\\", "\\\\").replace("\"", "\\\"");
      assertThat(line(LogFormat.TEXT, entry("done", Map.of(Field.SESSION, quoted), null)))
          .endsWith(": done session=\"" + escaped + "\"\n");
    }
    String line = line(LogFormat.JSON, entry("done", Map.of(Field.SESSION, "\",\"a\":\""), null));
    assertThat(MAPPER.readTree(line).path("afterbay.session").asString()).isEqualTo("\",\"a\":\"");
  }

  @ParameterizedTest
  @EnumSource
  void aLineHasABoundHoweverLongItsTextsAre(LogFormat format) {
    for (String unit :
        List.of("x", "\"", "\\", "\n", " ", "\u20ac", "\ud83d\ude00", "\u0000", "\udc00")) {
      for (LogEntry entry : everywhere(unit.repeat((1 << 20) / unit.length()))) {
        byte[] line = format.line(entry);
        assertThat(line.length).as(unit).isLessThanOrEqualTo(LogFormat.LINE_BYTES_MAX);
        assertThat(line(format, entry)).contains("... (cut, 1048576 characters)");
        if (format == LogFormat.JSON) {
          assertThat(MAPPER.readTree(line).isObject()).isTrue();
        }
      }
    }
  }

  @Test
  void whatFitsIsNotCut() {
    String text = "x".repeat(4 << 10);
    assertThat(json(entry(text, Map.of(), null)).path("message").asString()).isEqualTo(text);
    assertThat(json(entry(text + "x", Map.of(), null)).path("message").asString())
        .endsWith("x... (cut, 4097 characters)");
  }

  @Test
  void anyTextIsOneLineAndJson() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    for (int i = 0; i < 2_000; i++) {
      StringBuilder text = new StringBuilder();
      for (int length = random.nextInt(40); length > 0; length--) {
        int bits = 3 + random.nextInt(14);
        text.append((char) random.nextInt(1 << Math.min(bits, 16)));
      }
      for (LogEntry entry : everywhere(text.toString())) {
        String line = line(LogFormat.JSON, entry);
        assertThat(line.indexOf('\n')).as("seed " + seed).isEqualTo(line.length() - 1);
        assertThat(MAPPER.readTree(line).isObject()).as("seed " + seed).isTrue();
        assertThat(line(LogFormat.TEXT, entry).lines()).as("seed " + seed).hasSize(1);
      }
    }
  }

  @Test
  void breaksAreBars() {
    assertThat(LogFormat.oneLine(" WARN a: b\r\n  at c\u2028d\u0085e\n\n"))
        .isEqualTo("WARN a: b | at c | d | e");
    assertThat(LogFormat.oneLine("a\n \n\n\tb")).isEqualTo("a | b");
    assertThat(LogFormat.oneLine("a\u001B[2J\u009B2Jb\u202Ec\uD800\td"))
        .isEqualTo("a\uFFFD[2J\uFFFD2Jb\uFFFDc\uFFFD d");
  }

  /** One with the text in each field, and one with it in what was thrown. */
  private static List<LogEntry> everywhere(String text) {
    Map<Field, Object> fields = new EnumMap<>(Field.class);
    for (Field field : Field.values()) {
      fields.put(field, text);
    }
    LogEntry.Thrown thrown = new LogEntry.Thrown("java.lang." + text, text, text);
    return List.of(
        new LogEntry(AT, "WARN", "dev.afterbay." + text, text, fields, null),
        new LogEntry(AT, "WARN", "dev.afterbay." + text, text, thrown));
  }

  private static LogEntry entry(
      String message, Map<Field, Object> fields, LogEntry.@Nullable Thrown thrown) {
    return new LogEntry(AT, "WARN", "dev.afterbay.server.Listeners", message, fields, thrown);
  }

  private static JsonNode json(LogEntry entry) {
    return MAPPER.readTree(LogFormat.JSON.line(entry));
  }

  private static String line(LogFormat format, LogEntry entry) {
    return new String(format.line(entry), StandardCharsets.UTF_8);
  }
}
