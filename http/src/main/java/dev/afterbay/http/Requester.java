package dev.afterbay.http;

import io.vertx.core.http.HttpServerRequest;

/**
 * Who sent a request, as far as that can be believed.
 *
 * @param address of whoever asked the first proxy that is trusted; else of the connection
 * @param host that it called, with its port, in lower case; empty: none was named
 * @param isSecure whether it spoke TLS
 */
record Requester(String address, String host, boolean isSecure) {

  /** As the connection has it, whatever headers say. */
  static Requester direct(HttpServerRequest request, RequestTarget target) {
    return new Requester(
        String.valueOf(request.remoteAddress().hostAddress()), target.host(), request.isSSL());
  }
}
