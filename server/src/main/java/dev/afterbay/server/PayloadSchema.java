package dev.afterbay.server;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import dev.afterbay.Message;
import dev.afterbay.PlainText;
import dev.afterbay.http.HttpApiServices.Types.Refusal;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * A schema that payloads are held against. The first one loads the validator, which takes some 100
 * ms; a server that validates nothing never does.
 */
final class PayloadSchema {
  /** How many of the errors are told. */
  private static final int ERRORS_MAX = 3;

  private static final int DETAIL_CHARS_MAX = 500;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(Message.JSON_DEPTH_MAX)
                          // A body has its own limit.
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();

  private static final SchemaRegistry REGISTRY =
      SchemaRegistry.withDefaultDialect(
          SpecificationVersion.DRAFT_2020_12,
          registry ->
              registry.schemaRegistryConfig(
                  SchemaRegistryConfig.builder()
                      .locale(Locale.ENGLISH)
                      .failFast(true) // One payload could have a million errors.
                      .build()));

  private final Schema schema;

  PayloadSchema(String text) {
    this.schema = REGISTRY.getSchema(MAPPER.readTree(text));
  }

  /** Null: it fits. */
  @Nullable Refusal refusal(Message message) {
    List<Error> errors;
    try {
      errors = schema.validate(MAPPER.readTree(message.body()));
    } catch (JacksonException _) {
      return new Refusal("", "the payload must be JSON");
    }
    if (errors.isEmpty()) {
      return null;
    }
    String detail =
        errors.stream()
            .limit(ERRORS_MAX)
            .map(error -> "/payload" + pointer(error) + ": " + error.getMessage())
            .collect(Collectors.joining("; "));
    return new Refusal(pointer(errors.getFirst()), PlainText.line(detail, DETAIL_CHARS_MAX));
  }

  /** Also to what is missing, or too much. */
  private static String pointer(Error error) {
    String location = error.getInstanceLocation().toString();
    String property = error.getProperty();
    return property == null
        ? location
        : location + "/" + property.replace("~", "~0").replace("/", "~1");
  }
}
