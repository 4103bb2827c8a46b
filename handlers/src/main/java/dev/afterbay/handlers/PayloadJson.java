package dev.afterbay.handlers;

import dev.afterbay.Message;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.json.JsonMapper;

/** What the payloads need to know about JSON. */
final class PayloadJson {

  /** What is JSON here is JSON to the HTTP API, and the other way round. */
  static final JsonMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder()
                          .maxNestingDepth(Message.JSON_DEPTH_MAX)
                          .maxNameLength(Message.JSON_NAME_CHARS_MAX)
                          // The message has its own limit in bytes.
                          .maxStringLength(Integer.MAX_VALUE)
                          .build())
                  .build())
          .build();

  private PayloadJson() {}

  /** The schema of a kind's payloads, from the file beside this class. */
  static String schema(String kind) {
    String file = kind + ".schema.json";
    try (InputStream in = PayloadJson.class.getResourceAsStream(file)) {
      if (in == null) {
        throw new IllegalStateException(file + " is not in this jar");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Where it went wrong, for a reason: Jackson's own words quote the payload. */
  static String place(JacksonException e) {
    TokenStreamLocation at = e.getLocation();
    return at == null || at.getLineNr() < 1
        ? ""
        : ", at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /** Whether the media type is {@code application/json} or ends in {@code +json}. */
  static boolean isJson(String contentType) {
    String type = contentType.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
    return type.equals("application/json") || type.endsWith("+json");
  }

  /** Whether the text is one JSON value and nothing else. */
  static boolean isValue(String text) {
    try (JsonParser parser = MAPPER.createParser(text)) {
      return parser.nextToken() != null
          && parser.skipChildren() != null
          && parser.nextToken() == null;
    } catch (JacksonException _) {
      return false;
    }
  }

  /** Whether the text is one JSON object or array and nothing else. */
  static boolean isContainer(String text) {
    String start = text.stripLeading();
    return (start.startsWith("{") || start.startsWith("[")) && isValue(text);
  }

  /** The bytes as text; null: they are not UTF-8. */
  static @Nullable String utf8(byte[] bytes) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException _) {
      return null;
    }
  }
}
