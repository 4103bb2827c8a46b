package dev.afterbay.handlers;

import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.net.URI;

/**
 * A request to a server that others run.
 *
 * @param url {@code http} or {@code https}
 * @param headers what the caller adds; not those that say how or what is sent
 * @param bytesMax how much of the answer's body is read: to its end, so that the connection can be
 *     used again, but no further than this
 * @param keptMax how much of that is kept
 */
@SuppressWarnings("ArrayRecordComponent") // Sent, never compared.
record OutgoingRequest(
    String method, URI url, HttpHeaders headers, byte[] body, int bytesMax, int keptMax) {

  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  OutgoingRequest {
    if (!url.isAbsolute() || url.getHost() == null || !url.getScheme().matches("(?i)https?")) {
      throw new IllegalArgumentException("url must be http://host or https://host: " + url);
    }
    url = URI.create(url.toASCIIString());
  }

  boolean isTls() {
    return url.getScheme().equalsIgnoreCase("https");
  }

  /** As it is in the URL: an IPv6 address has its brackets. */
  String host() {
    return url.getHost();
  }

  /** As TLS and the resolver want it. */
  String bareHost() {
    return host().replaceAll("[\\[\\]]", "");
  }

  int port() {
    if (url.getPort() >= 0) {
      return url.getPort();
    }
    return isTls() ? HTTPS_PORT : HTTP_PORT;
  }

  /**
   * What goes before the body.
   *
   * @param absolute for a proxy, which must be told the whole URL
   */
  HttpRequest head(boolean absolute) {
    String path = url.getRawPath().isEmpty() ? "/" : url.getRawPath();
    String target = url.getRawQuery() == null ? path : path + "?" + url.getRawQuery();
    String host = url.getPort() < 0 ? host() : host() + ":" + url.getPort();
    HttpRequest head =
        new DefaultHttpRequest(
            HttpVersion.HTTP_1_1,
            HttpMethod.valueOf(method),
            absolute ? "http://" + host + target : target);
    head.headers().set(HttpHeaderNames.HOST, host).set(HttpHeaderNames.USER_AGENT, "Afterbay");
    head.headers().setAll(headers);
    if (body.length > 0 || !method.equals("GET")) {
      head.headers().set(HttpHeaderNames.CONTENT_LENGTH, body.length);
    }
    return head;
  }
}
