package dev.afterbay.http;

import dev.afterbay.client.wire.Problem;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who may call (http-api.md, Who may call), as far as headers tell. */
final class RequestFilter {

  /** Null: not on loopback, every name will do. */
  private final @Nullable Set<String> names;

  /**
   * @param address that is listened on
   * @param names configured ones
   * @param isPublic it is made to be exposed: any name will do
   */
  RequestFilter(String address, Set<String> names, boolean isPublic) throws UnknownHostException {
    if (!isPublic && isLoopback(address)) {
      Set<String> all = new HashSet<>(names);
      all.addAll(List.of("localhost", "127.0.0.1", "[::1]", address.toLowerCase(Locale.ROOT)));
      this.names = Set.copyOf(all);
    } else {
      this.names = null;
    }
  }

  static boolean isLoopback(String address) throws UnknownHostException {
    return InetAddress.getByName(address).isLoopbackAddress();
  }

  /** Why the request is not let in, and for which header: its field; or null. */
  @Nullable Problem refusal(HttpServerRequest request, RequestTarget target, Requester caller) {
    // What a proxy was called by must be ours, and so must the name that it calls us by: a page in
    // a browser beside it can write the header of the first, but not that of the second.
    String stranger = !isServed(target.host()) ? target.host() : caller.host();
    if (!isSns(target) && !isServed(stranger)) {
      return refusal(
          Problem.Type.FORBIDDEN,
          "host",
          "the host "
              + cut(stranger)
              + " is not served here: call localhost, 127.0.0.1, [::1], the configured address, or"
              + " a name in http.host_names");
    }
    if (isForeign(request, caller)) {
      return refusal(
          Problem.Type.FORBIDDEN,
          "origin",
          "another site may not change anything here: same origin only");
    }
    String encoding = Headers.list(request.headers(), "content-encoding");
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      return refusal(
          Problem.Type.UNSUPPORTED_MEDIA_TYPE,
          "content-encoding",
          "Content-Encoding " + cut(encoding) + " is not taken: send it as it is");
    }
    return null;
  }

  private static Problem refusal(Problem.Type type, String header, String detail) {
    return new Problem(type, detail, header, null);
  }

  private boolean isServed(String host) {
    return names == null || names.contains(withoutPort(host));
  }

  /**
   * A message of SNS comes through a proxy, which may keep the name that it was called by. What may
   * come in is decided by the message's signature, and a 403 would lose it for good.
   */
  private static boolean isSns(RequestTarget target) {
    return target.path().startsWith(Scope.SNS_PATHS);
  }

  private static String withoutPort(String host) {
    int end = host.indexOf(':', host.startsWith("[") ? Math.max(0, host.indexOf(']')) : 0);
    return end < 0 ? host : host.substring(0, end);
  }

  /** A browser says where a request comes from; nobody else has to. */
  private static boolean isForeign(HttpServerRequest request, Requester caller) {
    if (isSafe(request.method().name())) {
      return false;
    }
    String site = Headers.only(request.headers(), "sec-fetch-site");
    if (site != null) {
      return !site.equals("same-origin") && !site.equals("none");
    }
    String origin = Headers.only(request.headers(), "origin");
    if (origin == null) {
      return false;
    }
    String scheme = isSecure(request, caller) ? "https://" : "http://";
    return !origin.regionMatches(true, 0, scheme, 0, scheme.length())
        || !withoutOwnPort(origin.substring(scheme.length()), scheme)
            .equalsIgnoreCase(withoutOwnPort(caller.host(), scheme));
  }

  /**
   * Whether the caller spoke TLS. A proxy that ends it is believed here even if it is not trusted:
   * else a page that it hands on could change nothing. No page of another site can pretend that,
   * for a browser lets it set such a header only if we said so (Fetch, CORS preflight).
   */
  private static boolean isSecure(HttpServerRequest request, Requester caller) {
    return caller.isSecure()
        || ForwardedHop.of(request.headers()).stream()
            .anyMatch(hop -> Boolean.TRUE.equals(hop.isSecure()));
  }

  /** The port that a scheme has by itself need not be named. */
  private static String withoutOwnPort(String host, String scheme) {
    String own = scheme.equals("https://") ? ":443" : ":80";
    return host.endsWith(own) ? host.substring(0, host.length() - own.length()) : host;
  }

  private static boolean isSafe(String method) {
    return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
  }

  private static String cut(String text) {
    return text.length() <= 80 ? text : text.substring(0, 80) + "...";
  }
}
