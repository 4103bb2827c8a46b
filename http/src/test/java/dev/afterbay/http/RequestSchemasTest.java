package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/** The schema of a body names just those members that its route takes, at each depth. */
final class RequestSchemasTest extends HttpTest {

  /** Each member that any body may have: what a route might take though its schema has it not. */
  private static final Set<String> NAMES = names();

  /** A schedule decides these itself: it refuses them by name if they say something. */
  private static final Set<String> OF_SCHEDULES = Set.of("delay", "key", "run_at");

  private final List<String> faults = new ArrayList<>();
  private int objects;
  private RawClient client;

  @BeforeEach
  void connect() {
    client = new RawClient(served.api.port());
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private static Set<String> names() {
    Set<String> names = new TreeSet<>();
    Schema.at("/paths").findValues("requestBody").forEach(body -> add(body, names));
    return names;
  }

  private static void add(JsonNode node, Set<String> names) {
    JsonNode schema = Schema.resolve(node);
    names.addAll(schema.path("properties").propertyNames());
    schema.values().forEach(inner -> add(inner, names));
  }

  @Test
  void aBodyMayHaveWhatItsSchemaNamesAndNothingElse() {
    http.put("/queues/q", "{}");
    for (var path : Schema.at("/paths").properties()) {
      for (var method : path.getValue().properties()) {
        JsonNode content = method.getValue().at("/requestBody/content");
        JsonNode line = content.path("application/x-ndjson").path("schema").path("contentSchema");
        JsonNode object = content.path("application/json").path("schema");
        check(
            method.getKey().toUpperCase(Locale.ROOT),
            path.getKey().replace("{q}", "q").replaceAll("\\{[a-z]+}", "x"),
            line.isMissingNode() ? object : line,
            members -> members);
      }
    }
    assertThat(faults).isEmpty();
    assertThat(objects).isGreaterThan(20);
  }

  /** By one connection, as there are thousands. */
  private String answer(String method, String path, String body) {
    String head = method + " " + path + " HTTP/1.1\nHost: localhost\nContent-Length: ";
    return client.send(head + body.length() + "\n\n" + body).read().body();
  }

  /**
   * @param whole makes a body of the members of this object
   */
  private void check(String method, String path, JsonNode schema, UnaryOperator<String> whole) {
    JsonNode properties = Schema.properties(schema);
    if (properties.isEmpty()) {
      return; // Any JSON, or any names.
    }
    objects++;
    String call = method + " " + path + " " + whole.apply("");
    if (!Schema.isClosed(schema)) {
      faults.add(call + " may have anything else, as its schema says");
    }
    for (String name : NAMES) {
      String body = "{" + whole.apply("\"" + name + "\":null") + "}";
      boolean taken = !answer(method, path, body).contains("unknown field");
      boolean ofSchedule = path.startsWith("/schedules") && OF_SCHEDULES.contains(name);
      if (taken != properties.has(name) && !ofSchedule) {
        faults.add(call + (taken ? " takes " : " refuses ") + name);
      }
    }
    if (path.equals("/jobs/import")) {
      return; // Deeper, it is what is shown, which later versions may add to.
    }
    for (var property : properties.properties()) {
      JsonNode inner = Schema.resolve(property.getValue());
      boolean isArray = inner.path("type").asString("").equals("array");
      String open = "\"" + property.getKey() + (isArray ? "\":[{" : "\":{");
      String close = isArray ? "}]" : "}";
      check(
          method,
          path,
          isArray ? inner.path("items") : inner,
          members -> whole.apply(open + members + close));
    }
  }
}
