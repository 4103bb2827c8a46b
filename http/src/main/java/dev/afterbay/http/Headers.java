package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.client.wire.Json;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The headers of a request, each read in one way wherever it is looked at. */
final class Headers {

  /** Of the headers that are fields of a message. */
  static final String OWN_PREFIX = "afterbay-";

  private static final Pattern NO_WEIGHT = Pattern.compile("[qQ]\\s*=\\s*0(\\.0{0,3})?");

  private Headers() {}

  /** The only header of that name, as UTF-8; null: there is none. */
  static @Nullable String only(MultiMap headers, String name) {
    List<String> values = headers.getAll(name);
    if (values.isEmpty()) {
      return null;
    }
    if (values.size() > 1) {
      throw twice(name);
    }
    return utf8(name, values.getFirst());
  }

  /** All headers of a name that has a list, as if they were one (RFC 9110, 5.3); null: none. */
  static @Nullable String list(MultiMap headers, String name) {
    List<String> values = headers.getAll(name);
    return values.isEmpty() ? null : String.join(", ", values);
  }

  /**
   * Whether the header {@code Accept} names a media type, at any weight above 0: with that it is
   * not acceptable (RFC 9110, 12.4.2 and 12.5.1).
   */
  static boolean accepts(@Nullable String accept, String mediaType) {
    if (accept == null) {
      return false;
    }
    for (String range : accept.split(",", -1)) {
      List<String> parts = Stream.of(range.split(";", -1)).map(String::strip).toList();
      if (parts.getFirst().equalsIgnoreCase(mediaType)
          && parts.stream().noneMatch(part -> NO_WEIGHT.matcher(part).matches())) {
        return true;
      }
    }
    return false;
  }

  /** What Content-Length says. */
  static long length(String contentLength) {
    try {
      return Long.parseLong(contentLength);
    } catch (NumberFormatException e) {
      throw new Rejected("content-length", "Content-Length must be a number", e);
    }
  }

  /** Whether a small body, or none, will come by itself. */
  static boolean promiseLittle(MultiMap headers) {
    String length = headers.get("content-length");
    boolean little =
        length == null
            ? headers.get("transfer-encoding") == null
            : length(length) <= Route.SMALL_BYTES_MAX;
    return little && headers.get("expect") == null;
  }

  /* Else what was encoded would be stored as it came, or framed in two ways by two servers. */
  static boolean isPlainlyChunked(MultiMap headers) {
    List<String> codings = headers.getAll("transfer-encoding");
    return codings.size() == 1 && codings.getFirst().strip().equalsIgnoreCase("chunked");
  }

  /** Refuses what says something of one message, where each line of the body is one. */
  static void requireNoneOfOneMessage(Iterable<Map.Entry<String, String>> headers) {
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey();
      if (name.equalsIgnoreCase("idempotency-key")) {
        throw ofOneMessage(name, "give each line its own key");
      }
      if (isOwn(name)) {
        throw ofOneMessage(name, "give it as a field of each line");
      }
    }
  }

  /** Refuses what is a field of a message where no message comes with its fields as headers. */
  static void requireNoOwn(Iterable<Map.Entry<String, String>> headers) {
    for (Map.Entry<String, String> header : headers) {
      String name = header.getKey();
      if (isOwn(name)) {
        throw new Rejected(
            name,
            "header "
                + name
                + " is not known here: only POST /queues/{q}/messages takes such ones");
      }
    }
  }

  static boolean isOwn(String name) {
    return name.regionMatches(true, 0, OWN_PREFIX, 0, OWN_PREFIX.length());
  }

  private static Rejected ofOneMessage(String name, String instead) {
    return new Rejected(name, "header " + name + " cannot apply to a whole batch: " + instead);
  }

  static Rejected twice(String name) {
    return new Rejected(name, "header " + name + " is given twice");
  }

  /** Headers come as ISO 8859-1 characters, and are meant as UTF-8. */
  static String utf8(String name, String value) {
    boolean ascii = true;
    for (int i = 0; i < value.length(); i++) {
      ascii &= value.charAt(i) < 128;
    }
    if (ascii) {
      return value;
    }
    byte[] bytes = value.getBytes(StandardCharsets.ISO_8859_1);
    if (!Json.isUtf8(bytes, 0, bytes.length)) {
      throw new Rejected(name, "header " + name + " is not UTF-8");
    }
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
