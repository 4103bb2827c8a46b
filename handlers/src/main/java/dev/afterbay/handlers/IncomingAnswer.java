package dev.afterbay.handlers;

import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The answer to a request as far as it has come; for the thread of the connection's event loop. */
final class IncomingAnswer {

  private static final int STATUS_MIN = 100;
  private static final int STATUS_MAX = 999;
  private static final int SWITCHING_PROTOCOLS = 101;
  private static final int FINAL_STATUS_MIN = 200;
  private static final int NO_CONTENT = 204;
  private static final int NOT_MODIFIED = 304;

  private final OutgoingRequest request;
  private final CompletableFuture<Answer> answer = new CompletableFuture<>();
  private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
  private long bytes;
  private @Nullable HttpResponse head;

  /** Its body came to its end. */
  boolean isWhole;

  IncomingAnswer(OutgoingRequest request) {
    this.request = request;
  }

  CompletableFuture<Answer> answer() {
    return answer;
  }

  /** Takes a head, which counts if its status is a final one; false: it is not one of HTTP/1. */
  boolean begin(HttpResponse head) {
    int status = head.status().code();
    if (head instanceof FullHttpResponse || status < STATUS_MIN || status > STATUS_MAX) {
      return false;
    }
    if (status >= FINAL_STATUS_MIN || status == SWITCHING_PROTOCOLS) {
      this.head = head;
    }
    return true;
  }

  /** The status that counts has come. */
  boolean hasBegun() {
    return head != null;
  }

  /** Takes a part of the body; false: with it the body is longer than was to be read. */
  boolean take(HttpContent content) throws IOException {
    ByteBuf part = content.content();
    int length = part.readableBytes();
    part.getBytes(part.readerIndex(), kept, Math.min(request.keptMax() - kept.size(), length));
    bytes += length;
    return bytes <= request.bytesMax();
  }

  /** Whether another request can follow on its connection, as far as its head tells. */
  boolean leavesTheConnection() {
    return head != null
        && HttpUtil.isKeepAlive(head)
        && head.status().code() >= FINAL_STATUS_MIN
        && !hasForbiddenBody(head);
  }

  private static boolean hasForbiddenBody(HttpResponse head) {
    int status = head.status().code();
    return (status == NO_CONTENT || status == NOT_MODIFIED)
        && (head.headers().contains(HttpHeaderNames.CONTENT_LENGTH)
            || head.headers().contains(HttpHeaderNames.TRANSFER_ENCODING));
  }

  /** Hands it to the one who asked, or why there is none. */
  void complete(Answer.Body body, Supplier<IOException> failure) {
    if (head == null) {
      answer.completeExceptionally(failure.get());
    } else {
      answer.complete(new Answer(head.status().code(), head.headers(), body, kept.toByteArray()));
    }
  }
}
