package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Event;
import dev.afterbay.QueueSettings;
import dev.afterbay.client.wire.Problem;
import dev.afterbay.client.wire.QueueFields;
import dev.afterbay.http.sns.AllowedTopics;
import dev.afterbay.http.sns.Certificates;
import dev.afterbay.http.sns.OutgoingGet;
import dev.afterbay.http.sns.Regions;
import dev.afterbay.http.sns.SnsSettings;
import dev.afterbay.http.sns.SnsVerifier;
import dev.afterbay.http.sns.SubscriptionConfirmer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The document of the API says what the routes are; {@link Documented} looks at the answers. */
final class OpenApiTest extends HttpTest {

  /** The operations, by method and path. */
  private static final Map<String, JsonNode> OPERATIONS = operations();

  private static Map<String, JsonNode> operations() {
    Map<String, JsonNode> operations = new TreeMap<>();
    for (Map.Entry<String, JsonNode> path : Schema.at("/paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        String verb = method.getKey().toUpperCase(Locale.ROOT);
        operations.put(verb + " " + path.getKey(), method.getValue());
      }
    }
    return operations;
  }

  @Test
  void everyRouteIsInTheDocumentAndNothingElse() {
    Map<String, Set<String>> documented = new TreeMap<>();
    OPERATIONS.forEach((call, operation) -> documented.put(call, parameters(operation, "query")));
    Map<String, Set<String>> served = new TreeMap<>();
    for (Route route : allRoutes()) {
      served.put(route.method() + " " + route.pattern(), new TreeSet<>(route.query()));
    }
    assertThat(served).isEqualTo(documented);
    assertThat(http.get("/openapi.json").at("/openapi")).isEqualTo("3.1.0");
  }

  private static Set<String> parameters(JsonNode operation, String in) {
    Set<String> names = new TreeSet<>();
    operation.path("parameters").values().stream()
        .map(Schema::resolve)
        .filter(parameter -> parameter.path("in").asString().equals(in))
        .forEach(parameter -> names.add(parameter.path("name").asString()));
    return names;
  }

  @Test
  void everyPartOfAPathIsAParameter() {
    Pattern braces = Pattern.compile("\\{([^}]+)}");
    OPERATIONS.forEach((call, operation) -> {
      Set<String> names = new TreeSet<>();
      braces.matcher(call).results().forEach(found -> names.add(found.group(1)));
      assertThat(parameters(operation, "path")).as(call).isEqualTo(names);
    });
  }

  @Test
  void everyOperationHasAnIdOfItsOwn() {
    Map<String, String> calls = new HashMap<>();
    OPERATIONS.forEach((call, operation) -> {
      String id = operation.path("operationId").asString("");
      assertThat(id).as(call).matches("[a-z]+([A-Z][a-z]+)+");
      assertThat(calls.put(id, call)).as("the other that has the id of " + call).isNull();
    });
  }

  @Test
  void whatAnOperationRefusesIsAProblem() {
    JsonNode problem = Schema.at("/components/schemas/Problem");
    OPERATIONS.forEach((call, operation) -> {
      Set<String> statuses = new TreeSet<>(operation.path("responses").propertyNames());
      statuses.removeIf(status -> status.matches("[123].*"));
      assertThat(statuses).as(call).contains("400", "403", "500", "503", "default");
      if (!call.startsWith("GET")) {
        assertThat(statuses).as(call).contains("413");
      }
      for (String status : statuses) {
        JsonNode content = Schema.resolve(operation.path("responses").path(status)).path("content");
        JsonNode schema = content.path(Problem.CONTENT_TYPE).path("schema");
        assertThat(Schema.resolve(schema)).as(call + " " + status).isEqualTo(problem);
      }
    });
    String description = Schema.at("/info/description").asString();
    Documented.OF_ANY_REQUEST.forEach(each -> assertThat(description).contains("" + each));
  }

  @Test
  void noOperationNeedsACredential() {
    assertThat(Schema.at("/security").isArray()).isTrue();
    assertThat(Schema.at("/security").isEmpty()).isTrue();
    assertThat(Schema.at("/info/description").asString()).contains("no tokens in this version");
  }

  @Test
  void everyReferenceIsThere() {
    String text = new String(Resources.read("openapi.json"), StandardCharsets.UTF_8);
    JsonNode document = JsonMapper.builder().build().readTree(text);
    Matcher references = Pattern.compile("\"#([^\"]+)\"").matcher(text);
    while (references.find()) {
      assertThat(document.at(references.group(1)).isMissingNode())
          .as(references.group(1))
          .isFalse();
    }
  }

  @Test
  void everyFieldOfABodyIsKnownToItsRoute() {
    List<String> asked = new ArrayList<>();
    http.put("/queues/q", "{}");
    OPERATIONS.forEach((call, operation) -> {
      JsonNode schema = fields(operation.at("/requestBody/content"));
      JsonNode properties = Schema.properties(schema);
      if (!properties.isEmpty()) {
        asked.add(call);
        Map<String, String> nothing = new HashMap<>();
        properties.propertyNames().forEach(name -> nothing.put(name, null));
        String[] route = call.split(" ");
        String path = route[1].replace("{q}", "q").replaceAll("\\{[a-z]+}", "x");
        Http.Reply reply =
            http.call(route[0], path, JsonMapper.builder().build().writeValueAsString(nothing));
        assertThat(reply.text()).as(call).doesNotContain("unknown field");
      }
    });
    assertThat(asked).hasSizeGreaterThan(10).contains("POST /jobs", "POST /messages/batch");
  }

  @Test
  void everySettingOfAQueueIsTold() {
    Set<String> told = new TreeSet<>();
    addPaths(told, "", Schema.at("/components/schemas/QueueSettings"));
    assertThat(told).isEqualTo(new TreeSet<>(QueueFields.paths()));
    Set<String> always = new TreeSet<>();
    Schema.at("/components/schemas/Queue/required").forEach(name -> always.add(name.asString()));
    assertThat(always)
        .isEqualTo(
            QueueFields.paths().stream()
                .map(path -> path.split("\\.")[0])
                .collect(Collectors.toCollection(TreeSet::new)));
  }

  private static void addPaths(Set<String> told, String object, JsonNode schema) {
    for (String name : schema.path("properties").propertyNames()) {
      JsonNode inner = schema.path("properties").path(name);
      if (inner.has("properties")) {
        addPaths(told, name + ".", inner);
      } else {
        told.add(object + name);
      }
    }
  }

  /** The object that a body is, or of which it has one a line. */
  private static JsonNode fields(JsonNode content) {
    JsonNode line = content.path("application/x-ndjson").path("schema").path("contentSchema");
    JsonNode object = content.path("application/json").path("schema");
    return Schema.resolve(line.isMissingNode() ? object : line);
  }

  @Test
  void everyWordOfAnEventIsTold() {
    JsonNode types =
        OPERATIONS.get("GET /events").path("parameters").values().stream()
            .filter(parameter -> parameter.path("name").asString().equals("types"))
            .findFirst()
            .orElseThrow();
    assertThat(types.path("description").asString().replaceAll(".*: |\\.$", "").split(", "))
        .containsExactly(
            Stream.of(Event.Type.values()).map(Event.Type::word).toArray(String[]::new));
  }

  private List<Route> allRoutes() {
    SnsSettings settings = SnsSettings.defaults();
    OutgoingGet nothing = (_, _, _) -> new OutgoingGet.Answer.Failed("none");
    Certificates certificates = new Certificates(nothing, Instant::now, null, null);
    SnsWebhook sns =
        new SnsWebhook(
            List.of(),
            settings,
            new SnsVerifier(settings, certificates, Instant::now),
            new SubscriptionConfirmer(nothing),
            AllowedTopics.of(List.of(), Regions.builtIn()),
            false,
            SnsWebhook.ANSWER_WITHIN,
            new TestKeeper(served.engine));
    HttpApiServices services =
        new HttpApiServices(
            served.engine,
            served.engine.clock()::now,
            QueueSettings.STANDARD,
            HttpApiServices.Health.GOOD,
            HttpApiServices.Types.ANY,
            served.meters,
            type -> type,
            "1",
            sns);
    Meters meters = new Meters(served.meters, served.engine);
    RateLimitedLog log = new RateLimitedLog(() -> 0);
    InFlightRequests inFlight =
        new InFlightRequests(HttpApiSettings.on("localhost", 0), meters, log);
    return new Routes(services, inFlight, true).all();
  }
}
