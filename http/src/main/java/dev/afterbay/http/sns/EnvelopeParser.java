package dev.afterbay.http.sns;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamFactory;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/**
 * Reads one body. Whatever two parsers could understand in two ways is refused: bytes that are not
 * UTF-8, duplicate keys, trailing data, comments, a byte order mark (sns.md 0.6).
 */
final class EnvelopeParser {
  /*
   * The bytes are decoded by the JDK's strict decoder and the characters parsed, not the bytes:
   * Jackson's own UTF-8 parser guesses UTF-16 and UTF-32 and lets some malformed bytes pass. The
   * check for duplicates covers nested objects and unknown fields too. Names are not kept in
   * Jackson's symbol table, which strangers could fill.
   */

  /** Deepest nesting; a genuine body has three levels (sns.md 3.2). */
  static final int DEPTH_MAX = 16;

  /** Longest name of a field in characters; SNS allows 256 for attributes. */
  private static final int NAME_CHARS_MAX = 1_024;

  private static final String RAW_DELIVERY_HINT =
      ": is raw message delivery switched on in the subscription?";

  private static final String ATTRIBUTES = "MessageAttributes";
  private static final char BYTE_ORDER_MARK = '\uFEFF';

  private static final JsonFactory JSON =
      JsonFactory.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .disable(TokenStreamFactory.Feature.CANONICALIZE_PROPERTY_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder()
                  .maxNestingDepth(DEPTH_MAX)
                  .maxNameLength(NAME_CHARS_MAX)
                  // The body has its own limit in bytes.
                  .maxStringLength(Integer.MAX_VALUE)
                  .build())
          .build();

  private final Map<Field, String> fields = new EnumMap<>(Field.class);
  private Map<String, UntrustedAttribute> attributes = Map.of();

  private EnvelopeParser() {}

  static Envelope parse(byte[] body) throws RefusedException {
    CharBuffer text = decode(body);
    EnvelopeParser reading = new EnvelopeParser();
    try (JsonParser parser =
        JSON.createParser(
            ObjectReadContext.empty(),
            text.array(),
            text.arrayOffset() + text.position(),
            text.remaining())) {
      reading.readObject(parser);
    } catch (JacksonException e) {
      throw RefusalReason.BAD_JSON.because(whatIsWrong(e) + hint(text));
    }
    return reading.envelope();
  }

  /** Kind and place alone: Jackson's words quote what it reads, and that is for no log. */
  private static String whatIsWrong(JacksonException e) {
    boolean isTwice = e.getOriginalMessage().startsWith("Duplicate ");
    String kind =
        switch (e) {
          case UnexpectedEndOfInputException _ -> "it ends in its middle";
          case StreamConstraintsException _ ->
              "nested deeper than " + DEPTH_MAX + " levels, or a name or number is too long";
          default -> isTwice ? "a name is there twice" : "not JSON";
        };
    TokenStreamLocation at = e.getLocation();
    return at == null || at.getLineNr() < 1
        ? kind
        : kind + ", at line " + at.getLineNr() + ", column " + at.getColumnNr();
  }

  /** Raw delivery is often taken for a broken message (sns.md 1). */
  private static String hint(CharBuffer text) {
    return text.toString().stripLeading().startsWith("{") ? "" : RAW_DELIVERY_HINT;
  }

  private static CharBuffer decode(byte[] body) throws RefusedException {
    try {
      CharBuffer text =
          StandardCharsets.UTF_8
              .newDecoder()
              .onMalformedInput(CodingErrorAction.REPORT)
              .onUnmappableCharacter(CodingErrorAction.REPORT)
              .decode(ByteBuffer.wrap(body));
      if (text.hasRemaining() && text.charAt(0) == BYTE_ORDER_MARK) {
        throw RefusalReason.BAD_JSON.because("the body begins with a byte order mark");
      }
      return text;
    } catch (CharacterCodingException e) {
      throw RefusalReason.BAD_UTF8.because("the body is not UTF-8");
    }
  }

  private void readObject(JsonParser parser) throws RefusedException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw RefusalReason.NOT_AN_OBJECT.because(
          "the body is not a JSON object" + RAW_DELIVERY_HINT);
    }
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      readField(parser, parser.currentName());
    }
    requireEnd(parser);
  }

  private static void requireEnd(JsonParser parser) throws RefusedException {
    boolean more;
    try {
      more = parser.nextToken() != null;
    } catch (JacksonException e) {
      more = true;
    }
    if (more) {
      throw RefusalReason.TRAILING_DATA.because("unexpected content after the JSON object");
    }
  }

  private void readField(JsonParser parser, String name) throws RefusedException {
    requirePlain(name, "name");
    JsonToken value = parser.nextToken();
    Field field = Field.named(name);
    if (field == Field.SUBJECT && value == JsonToken.VALUE_NULL) {
      return; // The variants for Lambda and SQS say null for "no subject" (sns.md 1).
    }
    if (field != null) {
      fields.put(field, text(parser, value, field));
    } else if (name.equals(ATTRIBUTES)) {
      attributes = readAttributes(parser, value);
    } else {
      skip(parser, value);
    }
  }

  private static String text(JsonParser parser, @Nullable JsonToken value, Field field)
      throws RefusedException {
    if (field != Field.MESSAGE) {
      return plainText(parser, value, field.text());
    }
    String text = string(parser, value, field.text());
    requireInSet(text, field.text());
    return text;
  }

  /** An unknown field is ignored, but the rules for characters hold for it too (sns.md 3.3). */
  private static void skip(JsonParser parser, @Nullable JsonToken value) throws RefusedException {
    if (value == JsonToken.VALUE_STRING) {
      requirePlain(parser.getString(), "unknown field");
      return;
    }
    int depth = 0;
    JsonToken token = value;
    do {
      if (token == null) {
        return; // Cannot be: the parser reports an end within an object itself.
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      } else if (token == JsonToken.VALUE_STRING || token == JsonToken.PROPERTY_NAME) {
        requireInSet(parser.getString(), "unknown field");
      }
    } while (depth > 0 && (token = parser.nextToken()) != null);
  }

  private static Map<String, UntrustedAttribute> readAttributes(
      JsonParser parser, @Nullable JsonToken value) throws RefusedException {
    requireObject(value);
    Map<String, UntrustedAttribute> attributes = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      requirePlain(name, ATTRIBUTES);
      requireObject(parser.nextToken());
      attributes.put(name, readAttribute(parser));
    }
    return attributes;
  }

  private static UntrustedAttribute readAttribute(JsonParser parser) throws RefusedException {
    String type = null;
    String text = null;
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      String name = parser.currentName();
      requirePlain(name, ATTRIBUTES);
      JsonToken value = parser.nextToken();
      switch (name) {
        case "Type" -> type = plainText(parser, value, ATTRIBUTES);
        case "Value" -> {
          text = string(parser, value, ATTRIBUTES);
          requireInSet(text, ATTRIBUTES);
        }
        default -> skip(parser, value);
      }
    }
    if (type == null || text == null) {
      throw RefusalReason.MISSING.at(ATTRIBUTES, "a message attribute needs Type and Value");
    }
    return new UntrustedAttribute(type, text);
  }

  private static void requireObject(@Nullable JsonToken value) throws RefusedException {
    if (value != JsonToken.START_OBJECT) {
      throw RefusalReason.WRONG_TYPE.at(
          ATTRIBUTES, "MessageAttributes and each of them must be objects");
    }
  }

  private static String string(JsonParser parser, @Nullable JsonToken value, String name)
      throws RefusedException {
    if (value != JsonToken.VALUE_STRING) {
      throw RefusalReason.WRONG_TYPE.at(name, name + " must be a string");
    }
    return parser.getString();
  }

  private static String plainText(JsonParser parser, @Nullable JsonToken value, String name)
      throws RefusedException {
    String text = string(parser, value, name);
    requirePlain(text, name);
    return text;
  }

  private static void requirePlain(String text, String name) throws RefusedException {
    if (SnsText.hasControl(text)) {
      throw RefusalReason.CONTROL_CHARACTER.at(name, "a control character in " + name);
    }
    requireInSet(text, name);
  }

  private static void requireInSet(String text, String name) throws RefusedException {
    if (!SnsText.isInSet(text)) {
      throw RefusalReason.BAD_CHARACTER.at(
          name, "a character in " + name + " that SNS does not carry");
    }
  }

  private Envelope envelope() throws RefusedException {
    MessageType type = MessageType.named(require(Field.TYPE));
    if (type == null) {
      throw RefusalReason.UNKNOWN_TYPE.because("Type is none of those that SNS has");
    }
    for (Field field : type.required()) {
      require(field);
    }
    if (type == MessageType.NOTIFICATION) {
      requireAbsent(Field.TOKEN);
      requireAbsent(Field.SUBSCRIBE_URL);
    } else if (!SnsText.isToken(require(Field.TOKEN))) {
      throw RefusalReason.BAD_TOKEN.because("Token is not of letters and digits");
    }
    requireMessageId(require(Field.MESSAGE_ID));
    Instant timestamp = timestamp(require(Field.TIMESTAMP));
    requireTopicArn(require(Field.TOPIC_ARN));
    return new Envelope(type, fields, timestamp, attributes);
  }

  private String require(Field field) throws RefusedException {
    String text = fields.get(field);
    if (text == null) {
      String hint = field == Field.TYPE ? RAW_DELIVERY_HINT : "";
      throw RefusalReason.MISSING.at(field.text(), "there is no " + field.text() + hint);
    }
    return text;
  }

  private void requireAbsent(Field field) throws RefusedException {
    if (fields.containsKey(field)) {
      throw RefusalReason.UNEXPECTED.at(field.text(), "a Notification has no " + field.text());
    }
  }

  private static void requireMessageId(String id) throws RefusedException {
    if (!SnsText.isMessageId(id)) {
      throw RefusalReason.BAD_MESSAGE_ID.because("MessageId is not a UUID in lower case");
    }
  }

  private static Instant timestamp(String text) throws RefusedException {
    Instant timestamp = SnsText.timestamp(text);
    if (timestamp == null) {
      throw RefusalReason.BAD_TIMESTAMP.because(
          "Timestamp is not of the form yyyy-MM-ddTHH:mm:ss.SSSZ");
    }
    return timestamp;
  }

  private static void requireTopicArn(String arn) throws RefusedException {
    if (TopicArn.isFifo(arn)) {
      throw RefusalReason.FIFO_TOPIC.because("FIFO topics cannot deliver to HTTP");
    }
    if (TopicArn.parse(arn) == null) {
      throw RefusalReason.BAD_TOPIC_ARN.because("TopicArn is not a topic's ARN");
    }
  }
}
