package dev.afterbay.client.wire;

import dev.afterbay.Message;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonEncoding;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.SerializableString;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.json.JsonFactory;

/** How JSON is read and written here: strictly, in UTF-8, as a stream. */
public final class Json {
  /*
   * Jackson's parser of bytes would guess UTF-16 and UTF-32 and lets some malformed UTF-8 pass, so
   * bytes are checked before. Names are not interned, so that strangers cannot fill a table.
   */

  /** Deepest nesting that is read; deeper is 400. */
  static final int DEPTH_MAX = Message.JSON_DEPTH_MAX;

  /** Longest name of a member that is read. */
  static final int NAME_CHARS_MAX = Message.JSON_NAME_CHARS_MAX;

  /** What an answer has around a value of that depth; whoever took it must be able to show it. */
  private static final int ENVELOPE_DEPTH_MAX = 8;

  private static final int OUTPUT_BYTES_FIRST = 512;

  private static final String FORM = "application/x-www-form-urlencoded";

  /** The bits that none of eight ASCII characters has. */
  private static final long NOT_ASCII = 0x8080_8080_8080_8080L;

  /** By the levels around what may be that deep. */
  private static final List<JsonFactory> FACTORIES =
      List.of(factory(DEPTH_MAX), factory(DEPTH_MAX + 1), factory(DEPTH_MAX + 2));

  private static final JsonFactory FACTORY = FACTORIES.getFirst();
  private static final JsonFactory OF_ANSWERS = factory(DEPTH_MAX + ENVELOPE_DEPTH_MAX);

  private Json() {}

  private static JsonFactory factory(int depthMax) {
    return JsonFactory.builder()
        .disable(TokenStreamFactory.Feature.CHARSET_DETECTION)
        .disable(TokenStreamFactory.Feature.INTERN_PROPERTY_NAMES)
        .rootValueSeparator((SerializableString) null) // What writes several ends each by itself.
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(depthMax)
                .maxNameLength(NAME_CHARS_MAX)
                // The request has its own limit in bytes.
                .maxStringLength(Integer.MAX_VALUE)
                .build())
        .build();
  }

  static JsonParser parser(byte[] bytes, int from, int length) {
    return parser(bytes, from, length, 0);
  }

  /**
   * @param around levels that stand around what may be that deep: 0 to 2
   */
  static JsonParser parser(byte[] bytes, int from, int length, int around) {
    return FACTORIES.get(around).createParser(ObjectReadContext.empty(), bytes, from, length);
  }

  /** Of an answer, which has something around the values that were sent. */
  static JsonParser parserOfAnswer(byte[] bytes) {
    return OF_ANSWERS.createParser(ObjectReadContext.empty(), bytes, 0, bytes.length);
  }

  public static byte[] write(Consumer<JsonGenerator> content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(OUTPUT_BYTES_FIRST);
    try (JsonGenerator json =
        FACTORY.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
      content.accept(json);
    }
    return out.toByteArray();
  }

  /** NDJSON: one JSON object a line. */
  public static <T> byte[] writeLines(List<T> all, BiConsumer<JsonGenerator, T> writer) {
    return write(json -> {
      for (T each : all) {
        writer.accept(json, each);
        json.writeRaw('\n');
      }
    });
  }

  /** As {@link #write}, of what may be large. */
  public static List<byte[]> writeParts(Consumer<JsonGenerator> content) {
    ChunkedBuffer out = new ChunkedBuffer();
    try (JsonGenerator json =
        FACTORY.createGenerator(ObjectWriteContext.empty(), out, JsonEncoding.UTF8)) {
      content.accept(json);
    }
    return out.all();
  }

  /** Whether the bytes are one JSON value that {@link #parser} would read. */
  static boolean isJson(byte[] bytes) {
    if (!isUtf8(bytes, 0, bytes.length)) {
      return false;
    }
    try (JsonParser parser = parser(bytes, 0, bytes.length)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return false;
      }
      parser.skipChildren();
      return parser.nextToken() == null;
    } catch (JacksonException _) {
      return false;
    }
  }

  /** Of a body that is JSON. */
  static boolean hasBlanksAround(byte[] json) {
    return isBlank(json[0]) || isBlank(json[json.length - 1]);
  }

  private static boolean isBlank(byte b) {
    return b == ' ' || b == '\t' || b == '\r' || b == '\n';
  }

  public static boolean isUtf8(byte[] bytes, int from, int length) {
    ByteBuffer rest = ByteBuffer.wrap(bytes, from, length);
    while (rest.remaining() >= Long.BYTES && (rest.getLong(rest.position()) & NOT_ASCII) == 0) {
      rest.position(rest.position() + Long.BYTES);
    }
    while (rest.hasRemaining() && rest.get(rest.position()) >= 0) {
      rest.position(rest.position() + 1);
    }
    if (!rest.hasRemaining()) {
      return true;
    }
    try {
      StandardCharsets.UTF_8.newDecoder().decode(rest);
      return true;
    } catch (CharacterCodingException _) {
      return false;
    }
  }

  /** How many bytes a text has in UTF-8. */
  static long utf8Bytes(String text) {
    long bytes = text.length();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= 0x80) {
        bytes += c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
      }
    }
    return bytes;
  }

  /** Whether a body of this media type is shown as JSON. */
  static boolean isJsonType(String contentType) {
    int end = mediaTypeEnd(contentType);
    return (end == 16 && contentType.regionMatches(true, 0, "application/json", 0, 16))
        || (end > 5 && contentType.regionMatches(true, end - 5, "+json", 0, 5));
  }

  /** Whether a body of this media type is shown as text; JSON is, and what curl says of all. */
  public static boolean isTextType(String contentType) {
    return contentType.regionMatches(true, 0, "text/", 0, 5)
        || isJsonType(contentType)
        || isFormType(contentType);
  }

  /** The type that curl gives to whatever follows {@code -d}, so that it says nothing. */
  static boolean isFormType(String contentType) {
    return mediaTypeEnd(contentType) == FORM.length()
        && contentType.regionMatches(true, 0, FORM, 0, FORM.length());
  }

  private static int mediaTypeEnd(String contentType) {
    int end = contentType.indexOf(';');
    end = end < 0 ? contentType.length() : end;
    while (end > 0 && contentType.charAt(end - 1) == ' ') {
      end--;
    }
    return end;
  }
}
