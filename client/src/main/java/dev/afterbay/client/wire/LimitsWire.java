package dev.afterbay.client.wire;

import dev.afterbay.Limits;
import tools.jackson.core.JsonGenerator;

/** The limits of a server on the wire: part of {@code GET /version}. */
public final class LimitsWire {

  private LimitsWire() {}

  public static void write(JsonGenerator json, Limits limits) {
    json.writeNumberProperty("body_bytes", limits.bodyBytesMax());
    json.writeNumberProperty("attributes_bytes", limits.attributesBytesMax());
    json.writeNumberProperty("batch_messages", limits.batchMessagesMax());
    json.writeNumberProperty("batch_bytes", limits.batchBytesMax());
  }

  public static Limits read(byte[] version) {
    int[] read = new int[4];
    try (JsonReader json = JsonReader.lenient(version)) {
      json.root(
          name -> name.equals("limits") && json.object(name, field -> take(json, field, read)));
    }
    return new Limits(read[0], read[1], read[2], read[3], true, true, true);
  }

  private static boolean take(JsonReader json, String name, int[] read) {
    int at =
        switch (name) {
          case "body_bytes" -> 0;
          case "attributes_bytes" -> 1;
          case "batch_messages" -> 2;
          case "batch_bytes" -> 3;
          default -> -1;
        };
    if (at >= 0) {
      read[at] = json.required(name, json.integer(name, 0, Integer.MAX_VALUE)).intValue();
    }
    return at >= 0;
  }
}
