package dev.afterbay.http;

import io.vertx.core.http.HttpServerResponse;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients of a listener that the same is there by HTTP/3, with each answer (RFC 7838), once
 * it is.
 */
final class AlternativeService {

  /** How long a client may remember it. */
  private static final int SECONDS = 86_400;

  /** Null: it is not there. */
  private volatile @Nullable String header;

  void isAt(int port) {
    header = "h3=\":" + port + "\"; ma=" + SECONDS;
  }

  void addTo(HttpServerResponse response) {
    String value = header;
    if (value != null) {
      response.putHeader("alt-svc", value);
    }
  }
}
