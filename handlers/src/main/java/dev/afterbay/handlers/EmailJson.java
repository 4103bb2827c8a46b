package dev.afterbay.handlers;

import dev.afterbay.Message;
import dev.afterbay.handlers.Email.Attachment;
import dev.afterbay.worker.PermanentFailure;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads the payload of an e-mail job. Whatever is wrong is named by its field. */
final class EmailJson {

  /** So that the result of a job, which names each recipient, fits into {@code VALUE_BYTES_MAX}. */
  static final int RECIPIENTS_MAX = 1_000;

  static final int ADDRESSES_BYTES_MAX = 28 << 10;
  static final int REPLY_TO_MAX = 10;
  static final int HEADERS_MAX = 64;
  static final int ATTACHMENTS_MAX = 100;

  /** A line of a message has at most 998 characters (RFC 5322, 2.1.1); the name takes some. */
  static final int LINE_CHARS_MAX = 900;

  static final int HEADER_CHARS_MAX = 8_000;
  private static final int HEADER_NAME_CHARS_MAX = 76;
  private static final int FILE_NAME_CHARS_MAX = 200;

  private static final Set<String> FIELDS =
      Set.of("to", "cc", "bcc", "reply_to", "subject", "text", "html", "headers", "attachments");

  private static final Set<String> FILE_FIELDS = Set.of("name", "content_type", "base64");

  /** Headers that say who, what and where: they are set from the payload and the configuration. */
  private static final Pattern RESERVED =
      Pattern.compile(
          "(?i)from|sender|to|cc|bcc|reply-to|subject|date|message-id|return-path|received"
              + "|resent-.*|mime-.*|content-.*");

  /** RFC 5322, 3.6.8: visible ASCII without the colon. */
  private static final Pattern HEADER_NAME = Pattern.compile("[!-9;-~]+");

  private static final Pattern MEDIA_TYPE =
      Pattern.compile(
          "(?i)(?!multipart/|message/)[a-z0-9!#$&^_.+-]{1,64}/[a-z0-9!#$&^_.+-]{1,64}( *;"
              + " *[a-z0-9!#$&^_.+-]{1,64}=([a-z0-9!#$&^_.+-]{1,64}|\"["
              + " !#-\\[\\]-~]{0,64}\")){0,4}");

  private final JsonNode json;

  private EmailJson(JsonNode json) {
    this.json = json;
  }

  /**
   * @throws PermanentFailure names the field that is wrong
   */
  static Email read(Message message) throws PermanentFailure {
    JsonNode json;
    try {
      json = PayloadJson.MAPPER.readTree(message.body());
    } catch (JacksonException e) {
      throw new PermanentFailure("the payload is not JSON" + PayloadJson.place(e), e);
    }
    try {
      check(json != null && json.isObject(), "the payload must be a JSON object");
      return new EmailJson(json).email();
    } catch (IllegalArgumentException e) {
      throw new PermanentFailure(String.valueOf(e.getMessage()), e);
    }
  }

  private Email email() {
    checkNames("", json, FIELDS);
    List<EmailAddress> recipients = recipients();
    List<EmailAddress> replyTo = addresses("reply_to");
    check(replyTo.size() <= REPLY_TO_MAX, "reply_to must be at most " + REPLY_TO_MAX);
    String subject = line("subject");
    String text = text(json, "", "text");
    String html = text(json, "", "html");
    check(text != null || html != null, "text or html must be given: the e-mail has no body");
    return new Email(recipients, replyTo, subject, text, html, headers(), attachments());
  }

  private List<EmailAddress> recipients() {
    List<EmailAddress> to = addresses("to");
    check(!to.isEmpty(), "to must be given: an address or a list of addresses");
    Map<String, EmailAddress> each = new LinkedHashMap<>();
    to.forEach(one -> each.putIfAbsent(one.address(), one));
    addresses("cc").forEach(one -> each.putIfAbsent(one.address(), one));
    addresses("bcc").forEach(one -> each.putIfAbsent(one.address(), one));
    int bytes = 0;
    for (EmailAddress one : each.values()) {
      bytes += one.given().getBytes(StandardCharsets.UTF_8).length;
    }
    checkMost(each.size(), RECIPIENTS_MAX, "recipients");
    checkMost(bytes, ADDRESSES_BYTES_MAX, "bytes of addresses");
    return List.copyOf(each.values());
  }

  private List<EmailAddress> addresses(String field) {
    JsonNode value = json.get(field);
    if (value == null || value.isNull()) {
      return List.of();
    }
    if (value.isString()) {
      return List.of(address(field, value));
    }
    check(value.isArray(), field + " must be an address or a list of addresses");
    List<EmailAddress> addresses = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      addresses.add(address(field + "[" + i + "]", value.get(i)));
    }
    return addresses;
  }

  private static EmailAddress address(String field, JsonNode value) {
    check(value.isString(), field + " must be a text");
    try {
      return EmailAddress.parse(value.stringValue());
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(field + " " + e.getMessage(), e);
    }
  }

  private String line(String field) {
    String text = text(json, "", field);
    String line = text == null ? "" : text;
    checkLine(field, line);
    check(
        line.length() <= LINE_CHARS_MAX,
        field + " must be at most " + LINE_CHARS_MAX + " characters");
    return line;
  }

  private Map<String, String> headers() {
    JsonNode value = json.get("headers");
    if (value == null || value.isNull()) {
      return Map.of();
    }
    check(value.isObject(), "headers must be an object of names and texts");
    check(value.size() <= HEADERS_MAX, "headers must be at most " + HEADERS_MAX);
    Map<String, String> headers = new LinkedHashMap<>();
    Set<String> seen = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      String name = entry.getKey();
      check(
          HEADER_NAME.matcher(name).matches() && name.length() <= HEADER_NAME_CHARS_MAX,
          "headers must have names of 1 to 76 visible ASCII characters without a colon: "
              + EmailAddress.shown(name));
      check(!RESERVED.matcher(name).matches(), "headers must not have " + name + ": it is set");
      check(seen.add(name), "headers must have each name once, in any case: " + name);
      check(entry.getValue().isString(), "headers." + name + " must be a text");
      headers.put(name, header("headers." + name, entry.getValue().stringValue()));
    }
    return headers;
  }

  private static String header(String field, String value) {
    checkLine(field, value);
    check(
        value.length() <= HEADER_CHARS_MAX,
        field + " must be at most " + HEADER_CHARS_MAX + " characters");
    for (String word : value.split("[ \t]", -1)) {
      check(
          word.length() <= LINE_CHARS_MAX,
          field + " must have a blank at least every " + LINE_CHARS_MAX + " characters");
    }
    return value;
  }

  private List<Attachment> attachments() {
    JsonNode value = json.get("attachments");
    if (value == null || value.isNull()) {
      return List.of();
    }
    check(value.isArray(), "attachments must be a list");
    check(value.size() <= ATTACHMENTS_MAX, "attachments must be at most " + ATTACHMENTS_MAX);
    List<Attachment> attachments = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      attachments.add(attachment("attachments[" + i + "]", value.get(i)));
    }
    return attachments;
  }

  private static Attachment attachment(String field, JsonNode value) {
    check(value.isObject(), field + " must be an object");
    checkNames(field + ".", value, FILE_FIELDS);
    String name = required(value, field, "name");
    checkLine(field + ".name", name);
    check(
        !name.isBlank() && name.length() <= FILE_NAME_CHARS_MAX,
        field + ".name must be 1 to " + FILE_NAME_CHARS_MAX + " characters");
    String type = text(value, field + ".", "content_type");
    check(
        type == null || MEDIA_TYPE.matcher(type).matches(),
        field + ".content_type must be a media type such as application/pdf, not of a message");
    return new Attachment(
        name,
        type == null ? "application/octet-stream" : type.toLowerCase(Locale.ROOT),
        bytes(field + ".base64", required(value, field, "base64")));
  }

  private static byte[] bytes(String field, String base64) {
    try {
      return Base64.getDecoder().decode(base64);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(
          field + " must be base64 (RFC 4648, 4) on one line: " + e.getMessage(), e);
    }
  }

  private static String required(JsonNode json, String field, String name) {
    String text = text(json, field + ".", name);
    check(text != null, field + "." + name + " must be given");
    return String.valueOf(text);
  }

  private static @Nullable String text(JsonNode json, String path, String name) {
    JsonNode value = json.get(name);
    if (value == null || value.isNull()) {
      return null;
    }
    check(value.isString(), path + name + " must be a text");
    return value.stringValue();
  }

  private static void checkNames(String path, JsonNode json, Set<String> known) {
    for (String name : json.propertyNames()) {
      check(
          known.contains(name),
          path
              + EmailAddress.shown(name)
              + " is not known here: allowed are "
              + String.join(", ", new TreeSet<>(known)));
    }
  }

  private static void checkLine(String field, String text) {
    Predicate<Integer> broken = EmailAddress::isControl;
    check(
        text.codePoints().noneMatch(c -> c != '\t' && broken.test(c)),
        field + " must not have control characters or line breaks");
  }

  private static void check(boolean holds, String otherwise) {
    if (!holds) {
      throw new IllegalArgumentException(otherwise);
    }
  }

  private static void checkMost(int found, int max, String of) {
    check(
        found <= max,
        "to, cc and bcc must be at most "
            + max
            + " "
            + of
            + ", and are "
            + found
            + ": send several jobs");
  }
}
