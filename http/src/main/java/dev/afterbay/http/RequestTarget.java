package dev.afterbay.http;

import dev.afterbay.BrokerException.Rejected;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.net.HostAndPort;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a request is for (RFC 9112, 3.2).
 *
 * @param host with its port, in lower case; empty: HTTP/1.0 need not name one
 * @param path with its query; {@code *}: the server as a whole
 */
record RequestTarget(String host, String path) {

  /** {@code Host = uri-host [":" port]} (RFC 9110, 7.2; RFC 3986, 3.2.2): no user, no blanks. */
  private static final Pattern HOST =
      Pattern.compile("(\\[[0-9a-f:.v]+]|(?:[a-z0-9._~!$&'()*+,;=-]|%[0-9a-f]{2})*)(?::[0-9]*)?");

  static RequestTarget of(HttpServerRequest request) {
    String uri = request.uri();
    String host = host(request);
    boolean whole = uri.equals("*") && request.method().name().equals("OPTIONS");
    return uri.startsWith("/") || whole
        ? new RequestTarget(host, uri)
        : ofAbsolute(uri, request.isSSL() ? "https://" : "http://");
  }

  /** The Host does not count beside it (3.2.2). */
  private static RequestTarget ofAbsolute(String uri, String scheme) {
    if (!uri.regionMatches(true, 0, scheme, 0, scheme.length())) {
      throw new Rejected(
          "url",
          "the address must be a path that begins with /, or a URL that begins with " + scheme);
    }
    return ofAbsolute(uri.substring(scheme.length()));
  }

  private static RequestTarget ofAbsolute(String rest) {
    int end = 0;
    while (end < rest.length() && rest.charAt(end) != '/' && rest.charAt(end) != '?') {
      end++;
    }
    if (end == 0) {
      throw new Rejected("url", "a URL must name a host");
    }
    String host = valid("url", rest.substring(0, end));
    String path = rest.substring(end);
    return new RequestTarget(host, path.startsWith("/") ? path : "/" + path);
  }

  /** The one host that the request names. */
  private static String host(HttpServerRequest request) {
    List<String> hosts = request.headers().getAll("host");
    if (ClientConnection.isMultiplexed(request)) {
      HostAndPort authority = request.authority();
      if (authority == null) {
        throw new Rejected("host", "one host must be given, as host[:port]");
      }
      return valid("host", authority.toString());
    }
    if (hosts.isEmpty() && request.version() == HttpVersion.HTTP_1_0) {
      return "";
    }
    if (hosts.size() != 1) {
      throw new Rejected("host", "one Host header must be given");
    }
    return valid("host", hosts.getFirst());
  }

  private static String valid(String field, String host) {
    String valid = hostOrNull(host);
    if (valid == null) {
      throw new Rejected(field, "the host must be a name or an address, and perhaps a port");
    }
    return valid;
  }

  /** In lower case; null: it is none. */
  static @Nullable String hostOrNull(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return HOST.matcher(lower).matches() ? lower : null;
  }
}
