package dev.afterbay.handlers;

import dev.afterbay.Message;
import dev.afterbay.worker.PermanentFailure;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * One call of the Bot API, with its body: JSON, or a form where a file is uploaded.
 *
 * @param method such as {@code sendMessage}
 */
@SuppressWarnings("ArrayRecordComponent") // Sent, never compared.
record TelegramCall(String method, String contentType, byte[] body) {

  private static final List<String> KINDS = List.of("text", "photo", "document");

  private static final Set<String> FLAGS = Set.of("disable_notification", "protect_content");

  private static final Set<String> OBJECTS =
      Set.of("reply_markup", "reply_parameters", "link_preview_options");

  private static final int BOUNDARY_BYTES = 16;

  private static final SecureRandom RANDOM = new SecureRandom();

  /** A file to upload. */
  @SuppressWarnings("ArrayRecordComponent") // Sent, never compared.
  private record Upload(String field, String name, byte[] bytes) {}

  /**
   * The calls for the payload of a job, in their order.
   *
   * @throws PermanentFailure if it is none; names the field
   */
  static List<TelegramCall> of(Message message) throws PermanentFailure {
    ObjectNode payload = object(message);
    String kind = kind(payload);
    JsonNode chat = payload.path("chat_id");
    require(
        chat.isIntegralNumber() || isText(chat),
        "chat_id must be a number, or the @name of a chat");
    for (Map.Entry<String, JsonNode> field : payload.properties()) {
      checkField(field.getKey(), field.getValue(), kind);
    }
    if (kind.equals("text")) {
      return texts(payload);
    }
    String method = kind.equals("photo") ? "sendPhoto" : "sendDocument";
    JsonNode file = payload.path(kind);
    if (isText(file)) {
      return List.of(json(method, payload));
    }
    payload.remove(kind);
    return List.of(form(method, payload, upload(kind, file)));
  }

  private static List<TelegramCall> texts(ObjectNode payload) throws PermanentFailure {
    require(isText(payload.path("text")), "text must be a text that is not blank");
    String text = payload.path("text").stringValue();
    List<String> parts =
        payload.has("parse_mode") // A cut may be within a mark.
            ? List.of(text)
            : TelegramText.split(text, TelegramText.CHARS_MAX);
    List<TelegramCall> calls = new ArrayList<>();
    for (int i = 0; i < parts.size(); i++) {
      ObjectNode part = payload.deepCopy();
      part.put("text", parts.get(i));
      if (i > 0) {
        part.remove("reply_parameters");
      }
      if (i < parts.size() - 1) {
        part.remove("reply_markup");
      }
      calls.add(json("sendMessage", part));
    }
    return calls;
  }

  private static ObjectNode object(Message message) throws PermanentFailure {
    try {
      if (PayloadJson.MAPPER.readTree(message.body()) instanceof ObjectNode object) {
        return object;
      }
    } catch (JacksonException _) {
      // Said below.
    }
    throw new PermanentFailure("the payload must be a JSON object with chat_id and text");
  }

  private static String kind(ObjectNode payload) throws PermanentFailure {
    List<String> kinds = KINDS.stream().filter(payload::has).toList();
    require(kinds.size() == 1, "the payload must have one of text, photo and document: " + kinds);
    return kinds.getFirst();
  }

  private static void checkField(String name, JsonNode value, String kind) throws PermanentFailure {
    if (FLAGS.contains(name)) {
      require(value.isBoolean(), name + " must be true or false");
    } else if (OBJECTS.contains(name)) {
      require(value.isObject(), name + " must be an object");
    } else if (name.equals("message_thread_id")) {
      require(value.isIntegralNumber(), name + " must be a number");
    } else if (name.equals("parse_mode")) {
      require(isText(value), name + " must be HTML, MarkdownV2 or Markdown");
    } else if (name.equals("caption")) {
      require(
          value.isString() && !kind.equals("text"),
          "caption must be a text, and beside a photo or document");
    } else {
      require(
          name.equals("chat_id") || KINDS.contains(name),
          "the payload has an unknown field: " + name);
    }
  }

  private static Upload upload(String field, JsonNode file) throws PermanentFailure {
    require(
        file.isObject()
            && file.size() == 2
            && isText(file.path("name"))
            && file.path("base64").isString(),
        field + " must be a URL, a file id, or {\"name\": ..., \"base64\": ...}");
    try {
      byte[] bytes = Base64.getDecoder().decode(file.path("base64").stringValue());
      return new Upload(field, file.path("name").stringValue(), bytes);
    } catch (IllegalArgumentException e) {
      throw new PermanentFailure(field + ".base64 is not Base64: " + e.getMessage(), e);
    }
  }

  private static TelegramCall json(String method, ObjectNode fields) {
    return new TelegramCall(
        method, "application/json", PayloadJson.MAPPER.writeValueAsBytes(fields));
  }

  /** As RFC 7578 says; names are escaped as browsers do. */
  private static TelegramCall form(String method, ObjectNode fields, Upload upload) {
    byte[] random = new byte[BOUNDARY_BYTES];
    RANDOM.nextBytes(random); // Not to be guessed by who fills the fields.
    String boundary = "afterbay-" + HexFormat.of().formatHex(random);
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (Map.Entry<String, JsonNode> field : fields.properties()) {
      JsonNode value = field.getValue();
      part(body, boundary, "name=\"" + field.getKey() + "\"", null);
      write(body, value.isString() ? value.stringValue() : value.toString());
    }
    String name = upload.name.replace("\"", "%22").replace("\r", "%0D").replace("\n", "%0A");
    part(body, boundary, "name=\"" + upload.field + "\"; filename=\"" + name + "\"", Message.BYTES);
    body.writeBytes(upload.bytes);
    write(body, "\r\n--" + boundary + "--\r\n");
    return new TelegramCall(
        method, "multipart/form-data; boundary=" + boundary, body.toByteArray());
  }

  private static void part(
      ByteArrayOutputStream body, String boundary, String names, @Nullable String contentType) {
    write(body, body.size() == 0 ? "--" : "\r\n--");
    write(body, boundary + "\r\nContent-Disposition: form-data; " + names + "\r\n");
    write(body, contentType == null ? "\r\n" : "Content-Type: " + contentType + "\r\n\r\n");
  }

  private static void write(ByteArrayOutputStream body, String text) {
    body.writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isText(JsonNode node) {
    return node.isString() && !node.stringValue().isBlank();
  }

  private static void require(boolean holds, String otherwise) throws PermanentFailure {
    if (!holds) {
      throw new PermanentFailure(otherwise);
    }
  }
}
