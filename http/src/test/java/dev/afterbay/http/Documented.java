package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.client.wire.EventWire;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds each answer that a test gets against openapi.json. */
final class Documented {

  /** Problems of a request as such, which every call may answer with: info.description has them. */
  static final Set<Integer> OF_ANY_REQUEST = Set.of(405, 413, 414, 415, 417, 431, 505);

  private static final Schema EVENT = Schema.of("/components/schemas/Event");

  private Documented() {}

  /** Its status and its media type must be there, and its body must be as the schema says. */
  static void check(String method, String path, Http.Reply reply) {
    if (method.equals("OPTIONS")) {
      return;
    }
    int status = reply.status();
    String call = method + " " + path + " is answered " + status;
    JsonNode operation = operation(method.equals("HEAD") ? "GET" : method, path.split("\\?")[0]);
    JsonNode response = Schema.resolve(operation.at("/responses/" + status));
    if (response.isMissingNode()) {
      boolean noCall = operation.isMissingNode() && (status == 404 || status == 400);
      assertThat(noCall || OF_ANY_REQUEST.contains(status))
          .as(call + ", which openapi.json has not")
          .isTrue();
      response = Schema.at("/components/responses/Problem");
    }
    if (!method.equals("HEAD")) {
      checkBody(call, response.path("content"), reply);
    }
  }

  private static void checkBody(String call, JsonNode content, Http.Reply reply) {
    String type = reply.header("Content-Type").orElse("").split(";")[0];
    if (content.isEmpty()) {
      assertThat(reply.text()).as(call).isEmpty();
      return;
    }
    assertThat(content.propertyNames()).as(call).contains(type);
    JsonNode schema = content.path(type).path("schema");
    if (type.endsWith("ndjson")) {
      Schema line = new Schema(schema.path("contentSchema"));
      JsonMapper mapper = JsonMapper.builder().build();
      reply
          .text()
          .lines()
          .forEach(each -> assertThat(line.faults(mapper.readTree(each))).as(call).isEmpty());
    } else if (type.endsWith("json")) {
      assertThat(new Schema(schema).faults(reply.json())).as(call + ": " + reply.text()).isEmpty();
    }
  }

  /** The data of an event must be as the schema says; of a reset there is none. */
  static void checkEvent(String word, String data) {
    if (!word.equals(EventWire.RESET)) {
      JsonNode event = JsonMapper.builder().build().readTree(data);
      assertThat(EVENT.faults(event)).as(word + " " + data).isEmpty();
    }
  }

  /** Missing: there is no such call. */
  private static JsonNode operation(String method, String path) {
    String verb = method.toLowerCase(Locale.ROOT);
    JsonNode paths = Schema.at("/paths");
    return paths
        .propertyStream()
        .filter(entry -> path.matches(entry.getKey().replaceAll("\\{[^}]+}", "[^/]+")))
        .min(Map.Entry.comparingByKey(Comparator.comparing(key -> key.contains("{"))))
        .map(entry -> entry.getValue().path(verb))
        .orElse(paths.path("none"));
  }
}
