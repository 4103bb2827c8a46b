package dev.afterbay.http;

import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * A schema of openapi.json, as far as that uses JSON Schema. It is read more strictly than it says:
 * a member that it does not name is a fault, so that nothing is answered that is not documented.
 */
final class Schema {

  private static final JsonNode DOCUMENT =
      JsonMapper.builder().build().readTree(Resources.read("openapi.json"));

  /** Keywords that say nothing of a value in an answer; members are looked at beside them. */
  private static final Set<String> NOTES =
      Set.of(
          "description",
          "default",
          "examples",
          "properties",
          "additionalProperties",
          "unevaluatedProperties",
          "contentEncoding");

  private final JsonNode schema;

  Schema(JsonNode schema) {
    this.schema = resolve(schema);
  }

  static Schema of(String pointer) {
    return new Schema(at(pointer));
  }

  /** Part of the document. */
  static JsonNode at(String pointer) {
    return DOCUMENT.at(pointer);
  }

  /** What a reference refers to; anything else is returned as it is. */
  static JsonNode resolve(JsonNode node) {
    return node.has("$ref") ? at(node.path("$ref").asString().substring(1)) : node;
  }

  /** The members that an object may have: its own, and those of what it is made of. */
  static ObjectNode properties(JsonNode schema) {
    JsonNode resolved = resolve(schema);
    ObjectNode all = JsonNodeFactory.instance.objectNode();
    resolved.path("allOf").values().forEach(part -> all.setAll(properties(part)));
    resolved
        .path("properties")
        .properties()
        .forEach(each -> all.set(each.getKey(), each.getValue()));
    return all;
  }

  /** Whether an object may have no other members. */
  static boolean isClosed(JsonNode schema) {
    JsonNode resolved = resolve(schema);
    String word = resolved.has("allOf") ? "unevaluatedProperties" : "additionalProperties";
    return resolved.path(word).isBoolean() && !resolved.path(word).asBoolean();
  }

  /** What is wrong with a value. */
  List<String> faults(JsonNode value) {
    List<String> faults = new ArrayList<>();
    check("", value, true, faults);
    return faults;
  }

  private void check(String where, JsonNode value, boolean closed, List<String> faults) {
    for (Map.Entry<String, JsonNode> rule : schema.properties()) {
      JsonNode said = rule.getValue();
      switch (rule.getKey()) {
        case "allOf" ->
            said.values().forEach(part -> new Schema(part).check(where, value, false, faults));
        case "items" -> {
          for (int i = 0; i < value.size(); i++) {
            new Schema(said).check(where + "/" + i, value.path(i), true, faults);
          }
        }
        default -> {
          if (!keeps(rule.getKey(), said, value)) {
            faults.add(where + " is not as " + rule.getKey() + " says, " + said);
          }
        }
      }
    }
    if (value.isObject()) {
      checkMembers(where, value, closed, faults);
    }
  }

  private static boolean keeps(String rule, JsonNode said, JsonNode value) {
    return switch (rule) {
      case "type" ->
          said.isArray()
              ? said.values().stream().anyMatch(type -> isOf(type.asString(), value))
              : isOf(said.asString(), value);
      case "enum" -> said.values().contains(value);
      case "const" -> said.equals(value);
      case "minimum" -> !value.isNumber() || value.asDouble() >= said.asDouble();
      case "maximum" -> !value.isNumber() || value.asDouble() <= said.asDouble();
      case "maxItems", "maxProperties" -> value.size() <= said.asInt();
      case "pattern" -> !value.isString() || value.asString().matches(said.asString());
      case "format" -> !value.isString() || isFormatted(said.asString(), value.asString());
      case "required" -> said.values().stream().allMatch(name -> value.has(name.asString()));
      case "oneOf" -> matching(said, value) == 1;
      case "anyOf" -> matching(said, value) > 0;
      default -> {
        if (!NOTES.contains(rule)) {
          throw new IllegalStateException("this test does not know the keyword " + rule);
        }
        yield true;
      }
    };
  }

  private static long matching(JsonNode schemas, JsonNode value) {
    return schemas.values().stream()
        .filter(each -> new Schema(each).faults(value).isEmpty())
        .count();
  }

  private static boolean isOf(String type, JsonNode value) {
    return switch (type) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isString();
      case "integer" -> value.isIntegralNumber();
      case "number" -> value.isNumber();
      case "boolean" -> value.isBoolean();
      case "null" -> value.isNull();
      default -> throw new IllegalStateException("this test does not know the type " + type);
    };
  }

  private static boolean isFormatted(String format, String text) {
    try {
      return switch (format) {
        case "uuid" -> UUID.fromString(text).toString().equals(text);
        case "date-time" -> OffsetDateTime.parse(text).getOffset().equals(ZoneOffset.UTC);
        case "uri-reference" -> !text.isEmpty();
        default -> throw new IllegalStateException("this test does not know the format " + format);
      };
    } catch (IllegalArgumentException | DateTimeParseException _) {
      return false;
    }
  }

  private void checkMembers(String where, JsonNode value, boolean closed, List<String> faults) {
    JsonNode more = schema.path("additionalProperties");
    JsonNode named = schema.path("properties");
    Set<String> known = names();
    for (Map.Entry<String, JsonNode> member : value.properties()) {
      String at = where + "/" + member.getKey();
      if (named.has(member.getKey())) {
        new Schema(named.path(member.getKey())).check(at, member.getValue(), true, faults);
      } else if (more.isObject()) {
        new Schema(more).check(at, member.getValue(), true, faults);
      } else if (closed && !known.isEmpty() && !known.contains(member.getKey())) {
        faults.add(at + " is not documented");
      }
    }
  }

  /** The members that it names, and what it is made of; none: any object will do. */
  private Set<String> names() {
    Set<String> names = new HashSet<>(schema.path("properties").propertyNames());
    schema.path("allOf").values().forEach(part -> names.addAll(new Schema(part).names()));
    return names;
  }
}
