package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Holds each answer that a test gets against openapi.json. */
final class Documented {

  private static final JsonNode PATHS =
      JsonMapper.builder().build().readTree(Resources.read("openapi.json")).at("/paths");

  private Documented() {}

  /** Its status must be there, or it is a problem, which every call may answer with. */
  static void check(String method, String path, Http.Reply reply) {
    JsonNode operation = operation(method.equals("HEAD") ? "GET" : method, path.split("\\?")[0]);
    JsonNode responses = operation.path("responses");
    if (responses.has(Integer.toString(reply.status())) || method.equals("OPTIONS")) {
      return;
    }
    String call = method + " " + path + " is answered " + reply.status();
    assertThat(reply.status()).as(call + ", which openapi.json has not").isGreaterThan(399);
    if (!method.equals("HEAD")) {
      assertThat(reply.header("Content-Type")).as(call).contains("application/problem+json");
    }
  }

  /** Missing: there is no such call. */
  private static JsonNode operation(String method, String path) {
    String verb = method.toLowerCase(Locale.ROOT);
    return PATHS
        .propertyStream()
        .filter(entry -> path.matches(entry.getKey().replaceAll("\\{[^}]+}", "[^/]+")))
        .min(Map.Entry.comparingByKey(Comparator.comparing(key -> key.contains("{"))))
        .map(entry -> entry.getValue().path(verb))
        .orElse(PATHS.path("none"));
  }
}
