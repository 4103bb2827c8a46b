package dev.afterbay.client;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is before the body of every request to a server. */
final class RequestHead {

  /** Those that say how a message is framed, or where it goes. */
  private static final Set<String> OUR_OWN =
      Set.of(
          "connection",
          "content-length",
          "expect",
          "host",
          "keep-alive",
          "te",
          "trailer",
          "transfer-encoding",
          "upgrade");

  private final String prefix;
  private final String constant;

  /**
   * @param headers of every request: names, and the value after each
   * @throws IllegalArgumentException if one of them is none
   */
  RequestHead(ServerAddress server, List<String> headers) {
    String path = server.base().getRawPath();
    this.prefix = path == null ? "" : path;
    StringBuilder text = new StringBuilder(" HTTP/1.1\r\n");
    add(text, "Host", server.hostHeader());
    boolean named = false;
    for (int i = 0; i < headers.size(); i += 2) {
      add(text, headers.get(i), headers.get(i + 1));
      named |= headers.get(i).equalsIgnoreCase("User-Agent");
    }
    if (!named) {
      add(text, "User-Agent", "Afterbay");
    }
    this.constant = text.toString();
  }

  /**
   * Whether a user can have that sent: in one line of ISO 8859-1, and not what HTTP itself needs.
   */
  static boolean isHeader(String name, String value) {
    return !name.isEmpty()
        && name.chars().allMatch(ResponseHead::isTokenByte)
        && !OUR_OWN.contains(name.toLowerCase(Locale.ROOT))
        && value.chars().allMatch(ResponseHead::isValueByte);
  }

  private static void add(StringBuilder text, String name, String value) {
    if (!name.chars().allMatch(ResponseHead::isTokenByte)
        || !value.chars().allMatch(ResponseHead::isValueByte)) {
      throw new IllegalArgumentException("a header that HTTP does not allow");
    }
    text.append(name).append(": ").append(value).append("\r\n");
  }

  /**
   * @param lastEventId null: none
   * @throws IllegalArgumentException if the path or the identity has what breaks the line
   */
  byte[] of(HttpTransport.Call call, @Nullable String lastEventId) {
    StringBuilder text = new StringBuilder(constant.length() + call.path().length() + 64);
    text.append(call.method()).append(' ').append(prefix).append(call.path()).append(constant);
    for (int i = 0; i < call.path().length(); i++) {
      if (call.path().charAt(i) <= ' ' || call.path().charAt(i) >= 127) {
        throw new IllegalArgumentException("a path must be percent-encoded: " + call.shownPath());
      }
    }
    if (lastEventId != null) {
      add(text, "Last-Event-ID", lastEventId);
    }
    byte[] body = call.body();
    if (body != null || call.method().equals("POST") || call.method().equals("PUT")) {
      text.append("Content-Length: ").append(body == null ? 0 : body.length).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }
}
