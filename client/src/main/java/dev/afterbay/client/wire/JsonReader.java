package dev.afterbay.client.wire;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Message;
import dev.afterbay.RetryPolicy;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.Base64Variants;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;

/**
 * Reads one JSON value as a stream. What is wrong is a {@link Rejected} that names the field.
 *
 * <p>A null is the same as a field left out, and is returned as null.
 */
public final class JsonReader implements AutoCloseable, QueueFields.Values {

  /** Words of an older version, and those that took their place. */
  private static final Map<String, String> RENAMED =
      Map.of(
          "holder", "consumer", "dead", "failed", "guarantee", "delivery", "tries", "max_attempts");

  private final byte[] bytes;
  private final int from;
  private final int to;
  private final JsonParser parser;
  private final boolean strict;
  private String path = "";

  private JsonReader(byte[] bytes, int from, int length, JsonParser parser, boolean strict) {
    this.bytes = bytes;
    this.from = from;
    this.to = from + length;
    this.parser = parser;
    this.strict = strict;
  }

  /** For what a client sent: unknown fields are refused. The bytes must be UTF-8. */
  public static JsonReader strict(byte[] bytes, int from, int length) {
    return new JsonReader(bytes, from, length, Json.parser(bytes, from, length), true);
  }

  /**
   * As {@link #strict}, of what carries JSON of others: that may be as deep as what is shown as
   * JSON, so that whatever was shown can be sent back.
   *
   * @param around levels that stand around it: 1 or 2
   */
  static JsonReader strictAround(byte[] bytes, int from, int length, int around) {
    return new JsonReader(bytes, from, length, Json.parser(bytes, from, length, around), true);
  }

  /** For what a server answered, which may be newer: unknown fields are skipped. */
  public static JsonReader lenient(byte[] bytes) {
    return new JsonReader(bytes, 0, bytes.length, Json.parserOfAnswer(bytes), false);
  }

  /** Takes the value of one field; false: it is not known. */
  @FunctionalInterface
  public interface Fields {
    boolean take(String name);
  }

  /** The only value: an object, and nothing behind it. */
  public void root(Fields fields) {
    try {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new Rejected("body", "a JSON object is expected");
      }
      members(fields);
      if (parser.nextToken() != null) {
        throw new Rejected("body", "unexpected content after the JSON object");
      }
    } catch (JacksonException e) {
      throw MalformedJson.rejected(e, bytes, from, to);
    }
  }

  /** The value of a field: an object. */
  public boolean object(String field, Fields fields) {
    if (isNull()) {
      return false;
    }
    expect(field, JsonToken.START_OBJECT, "an object");
    String outer = path;
    path = outer + field + ".";
    members(fields);
    path = outer;
    return true;
  }

  /** The value of a field: an array. */
  public boolean array(String field, int max, Runnable element) {
    if (isNull()) {
      return false;
    }
    expect(field, JsonToken.START_ARRAY, "an array");
    for (int count = 1; parser.nextToken() != JsonToken.END_ARRAY; count++) {
      if (count > max) {
        throw Rejected.tooLarge(path + field, path + field + " must have at most " + max);
      }
      element.run();
    }
    return true;
  }

  private void members(Fields fields) {
    Names seen = new Names();
    for (String name = parser.nextName(); name != null; name = parser.nextName()) {
      if (!seen.add(name)) {
        throw new Rejected(path + name, path + name + " is given twice");
      }
      parser.nextToken();
      if (!fields.take(name)) {
        if (strict) {
          throw unknown(name);
        }
        parser.skipChildren();
      }
    }
  }

  private Rejected unknown(String name) {
    String word = RENAMED.get(name);
    String advice = word == null ? "" : ": say " + word;
    return new Rejected(path + name, "unknown field " + path + name + advice);
  }

  /**
   * The names of one object. Most are known to be new by a bit of their hash; the others are
   * searched one by one where they are few, as always but for strangers.
   */
  private static final class Names {
    private static final int FEW = 32;

    private String[] few = new String[8];
    private int count;
    private long hashes;
    private @Nullable Set<String> many;

    /** False: it is there already. */
    boolean add(String name) {
      if (many != null) {
        return many.add(name);
      }
      long bit = 1L << name.hashCode(); // Its lowest six bits choose.
      if ((hashes & bit) != 0 && Arrays.asList(few).contains(name)) {
        return false;
      }
      hashes |= bit;
      if (count == FEW) {
        many = new HashSet<>(Arrays.asList(few));
        return many.add(name);
      }
      few = count == few.length ? Arrays.copyOf(few, 2 * count) : few;
      few[count++] = name;
      return true;
    }
  }

  public @Nullable String text(String field) {
    if (isNull()) {
      return null;
    }
    expect(field, JsonToken.VALUE_STRING, "a string");
    String text = parser.getString();
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        utf8(field, text);
        break;
      }
    }
    return text;
  }

  /**
   * A string as UTF-8. One without escapes, as most are, is taken as it stands; the parser passes
   * over it later and refuses what may not stand in a string.
   */
  byte @Nullable [] utf8(String field) {
    if (parser.currentToken() == JsonToken.VALUE_STRING) {
      int start = from + (int) parser.currentTokenLocation().getByteOffset() + 1;
      int at = start;
      while (at < to && bytes[at] != '"' && bytes[at] != '\\') {
        at++;
      }
      if (at < to && bytes[at] == '"') {
        return Arrays.copyOfRange(bytes, start, at);
      }
    }
    String text = text(field);
    return text == null ? null : text.getBytes(StandardCharsets.UTF_8);
  }

  private void utf8(String field, String text) {
    try {
      StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text));
    } catch (CharacterCodingException e) {
      throw new Rejected(path + field, path + field + " has half a surrogate pair", e);
    }
  }

  byte @Nullable [] base64(String field) {
    if (isNull()) {
      return null;
    }
    expect(field, JsonToken.VALUE_STRING, "a string");
    try {
      return parser.getBinaryValue(Base64Variants.MIME_NO_LINEFEEDS);
    } catch (JacksonException e) {
      throw new Rejected(path + field, path + field + " must be base64", e);
    }
  }

  public @Nullable Boolean flag(String field) {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      case null, default -> throw wrong(field, "true or false");
    };
  }

  @Override
  public @Nullable Long integer(String field, long min, long max) {
    if (isNull()) {
      return null;
    }
    if (parser.currentToken() == JsonToken.VALUE_NUMBER_INT) {
      try {
        long number = parser.getLongValue();
        if (number >= min && number <= max) {
          return number;
        }
      } catch (JacksonException _) {
        throw wrong(field, "an integer from " + min + " to " + max);
      }
    }
    throw wrong(field, "an integer from " + min + " to " + max);
  }

  @Override
  public @Nullable Integer attempts(String field) {
    if (parser.currentToken() == JsonToken.VALUE_STRING
        && parser.getString().equals(JobWire.UNLIMITED)) {
      return Integer.MAX_VALUE;
    }
    try {
      Long number = integer(field, 1, Integer.MAX_VALUE);
      return number == null ? null : number.intValue();
    } catch (Rejected e) {
      throw new Rejected(e.field(), e.getMessage() + ", or " + JobWire.UNLIMITED, e);
    }
  }

  @Override
  public <E extends Enum<E>> @Nullable E oneOf(String field, Class<E> type) {
    String text = text(field);
    if (text == null) {
      return null;
    }
    E constant = Words.find(type, text);
    if (constant == null) {
      throw wrong(field, Words.all(type, " or "));
    }
    return constant;
  }

  @Override
  public @Nullable Double number(String field) {
    return switch (parser.currentToken()) {
      case VALUE_NULL -> null;
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
      case null, default -> throw wrong(field, "a number");
    };
  }

  @Override
  public @Nullable Duration duration(String field) {
    String text = text(field);
    return text == null ? null : Durations.parse(path + field, text);
  }

  @Override
  public @Nullable List<Duration> durations(String field) {
    List<String> texts = textList(field, RetryPolicy.DELAYS_MAX);
    return texts == null ? null : texts.stream().map(it -> Durations.parse(field, it)).toList();
  }

  /** Passes over the value of a field. */
  void skip() {
    parser.skipChildren();
  }

  public @Nullable Instant time(String field) {
    String text = text(field);
    if (text == null) {
      return null;
    }
    Instant time = Times.parseOrNull(text);
    return time != null ? time : Times.parse(path + field, text); // Which says what is wrong.
  }

  /**
   * The attributes of a message: an object of strings.
   *
   * @param bytesMax of all names and values, in UTF-8
   */
  @Nullable Map<String, String> attributes(String field, int bytesMax) {
    Map<String, String> attributes = new LinkedHashMap<>();
    long[] bytes = {0};
    boolean given =
        object(
            field,
            name -> {
              if (attributes.size() == Message.ATTRIBUTES_MAX) {
                throw new Rejected(field, path() + " must be at most " + Message.ATTRIBUTES_MAX);
              }
              String value = required(name, text(name));
              bytes[0] += Json.utf8Bytes(name) + Json.utf8Bytes(value);
              if (bytes[0] > bytesMax) {
                throw Rejected.tooLarge(
                    field, path() + " must have at most " + bytesMax + " bytes in all");
              }
              attributes.put(name, value);
              return true;
            });
    return given ? attributes : null;
  }

  /** Of the object that is being read. */
  private String path() {
    return path.substring(0, path.length() - 1);
  }

  /** An array of strings. */
  public @Nullable List<String> textList(String field, int max) {
    List<String> list = new ArrayList<>();
    boolean given = array(field, max, () -> list.add(required(field, text(field))));
    return given ? list : null;
  }

  /** The value as it stands, to the byte. */
  byte[] raw() {
    int start = from + (int) parser.currentTokenLocation().getByteOffset();
    JsonToken token = parser.currentToken();
    if (token == JsonToken.START_OBJECT || token == JsonToken.START_ARRAY) {
      parser.skipChildren();
    } else {
      parser.finishToken();
    }
    int end = from + (int) parser.currentLocation().getByteOffset();
    return Arrays.copyOfRange(bytes, start, end);
  }

  /** As {@link #raw}; null: it says nothing. */
  byte @Nullable [] rawOrNull() {
    return isNull() ? null : raw();
  }

  /** The value, given that it is. */
  public <T> T required(String field, @Nullable T value) {
    if (value == null) {
      throw new Rejected(path + field, path + field + " must be given");
    }
    return value;
  }

  private boolean isNull() {
    return parser.currentToken() == JsonToken.VALUE_NULL;
  }

  private void expect(String field, JsonToken token, String what) {
    if (parser.currentToken() != token) {
      throw wrong(field, what);
    }
  }

  private Rejected wrong(String field, String what) {
    return new Rejected(path + field, path + field + " must be " + what);
  }

  @Override
  public void close() {
    parser.close();
  }
}
