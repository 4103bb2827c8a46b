package dev.afterbay.http;

import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import org.jspecify.annotations.Nullable;

/**
 * The connection that a request came by, which watches the time between requests, and so has to
 * know of them. Its methods run on its event loop.
 */
interface ClientConnection {

  /** Whether a request can end without its connection: that is so since HTTP/2. */
  static boolean isMultiplexed(HttpServerRequest request) {
    HttpVersion version = request.version();
    return version == HttpVersion.HTTP_2 || version == HttpVersion.HTTP_3;
  }

  /** Of the certificate that the client showed, for people; null: it showed none. */
  @Nullable String subject();

  /** A header is complete. */
  void requestBegun(RequestLifecycle request, boolean isMultiplexed);

  /** A request is answered and read to its end. */
  void requestEnded(RequestLifecycle request);

  /** Whether a body is under way that nothing was answered to yet. */
  void readsBody(boolean readsBody);

  /** Nothing more is to be said, but the client may still be speaking. */
  void endOutput();

  /**
   * Ends all of its requests.
   *
   * @param connection the same, as Vert.x has it
   */
  void close(HttpConnection connection);

  /** As {@link #close}, at once: what is not written yet never is, and nobody waits for it. */
  void abort();
}
