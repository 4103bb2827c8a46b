package dev.afterbay.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import java.util.Iterator;
import java.util.List;

/**
 * Writes the parts of a long answer as the client takes them, so that no more than a few are copied
 * for the connection at any time. On its event loop.
 */
final class ResponseWriter {

  private final HttpServerResponse response;
  private final Iterator<byte[]> parts;
  private final Promise<Void> all = Promise.promise();

  private ResponseWriter(HttpServerResponse response, List<byte[]> parts) {
    this.response = response;
    this.parts = parts.iterator();
  }

  /**
   * Sets the status and the headers that every answer has.
   *
   * @param closes whether the connection ends with it
   */
  static void putHead(
      HttpServerResponse response, Response answer, Exchange exchange, boolean closes) {
    response.setStatusCode(answer.status());
    if (closes) {
      response.putHeader("connection", "close");
    }
    if (answer.contentType() != null) {
      response.putHeader("content-type", answer.contentType());
    }
    if (!answer.headers().containsKey("Cache-Control")) {
      response.putHeader("cache-control", "no-store");
    }
    if (exchange.isHead() && answer.hasLength()) {
      response.putHeader("content-length", Integer.toString(answer.length()));
    }
    exchange.addCommonHeaders(response);
    answer.headers().forEach(response::putHeader);
  }

  /** Begins to write; after the headers are set. */
  static ResponseWriter begin(HttpServerResponse response, Response answer) {
    response.putHeader("content-length", Integer.toString(answer.length()));
    ResponseWriter writer = new ResponseWriter(response, answer.parts());
    writer.writeSome();
    return writer;
  }

  /** When the last part is written, or the client is gone. */
  Future<Void> written() {
    return all.future();
  }

  /** Nobody takes the rest. */
  void clientGone() {
    all.tryFail("the client is gone");
  }

  private void writeSome() {
    while (parts.hasNext()) {
      if (response.writeQueueFull()) {
        response.drainHandler(_ -> writeSome());
        return;
      }
      Buffer part = Buffer.buffer(parts.next());
      if (parts.hasNext()) {
        response.write(part).onFailure(all::tryFail);
      } else {
        end(part);
      }
    }
  }

  /** In one go: the end by itself would be one more write to the connection. */
  private void end(Buffer last) {
    response.drainHandler(null);
    response.end(last).onSuccess(_ -> all.tryComplete()).onFailure(all::tryFail);
  }
}
