package dev.afterbay.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** All numbers as they were measured, for programs. */
final class JsonReport {

  private JsonReport() {}

  static void write(Path file, Map<String, String> machine, List<Row> rows) {
    try (JsonGenerator json =
        new JsonFactory()
            .createGenerator(ObjectWriteContext.empty(), file.toFile(), JsonEncoding.UTF8)) {
      json.writeStartObject();
      json.writeObjectPropertyStart("machine");
      machine.forEach(json::writeStringProperty);
      json.writeEndObject();
      json.writeArrayPropertyStart("rows");
      rows.forEach(row -> write(json, row));
      json.writeEndArray();
      json.writeEndObject();
    }
  }

  private static void write(JsonGenerator json, Row row) {
    json.writeStartObject();
    json.writeStringProperty("what", row.what());
    json.writeStringProperty("unit", row.unit());
    write(json, "values", row.values());
    write(json, "ratios_to_raw", row.ratios());
    if (row.hasGoal()) {
      json.writeBooleanProperty("pass", row.isMet());
    }
    json.writeEndObject();
  }

  private static void write(JsonGenerator json, String name, @Nullable Numbers numbers) {
    if (numbers != null) {
      double[] samples = numbers.samples();
      json.writeName(name);
      json.writeArray(samples, 0, samples.length);
    }
  }
}
