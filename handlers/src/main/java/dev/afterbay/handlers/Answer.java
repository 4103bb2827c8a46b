package dev.afterbay.handlers;

import dev.afterbay.PlainText;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.BodySubscriber;
import java.net.http.HttpResponse.ResponseInfo;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * The answer of a target as far as it has come. Its status decides; of its body only the beginning
 * is kept, for a person to read.
 */
final class Answer implements BodySubscriber<Answer> {

  /*
   * A body is read to its end so that its connection can be used again, but no further than
   * BODY_BYTES_MAX: then the connection is given up.
   */

  static final int BODY_BYTES_MAX = 64 << 10;

  static final int TEXT_CHARS_MAX = 200;

  /** Enough for that many characters of UTF-8. */
  private static final int KEPT_BYTES_MAX = 4 * TEXT_CHARS_MAX;

  private final int status;
  private final HttpHeaders headers;
  private final CompletableFuture<Answer> end = new CompletableFuture<>();
  private final ByteBuffer kept = ByteBuffer.allocate(KEPT_BYTES_MAX);
  private Flow.@Nullable Subscription subscription;
  private long bytes;

  Answer(ResponseInfo info) {
    status = info.statusCode();
    headers = info.headers();
  }

  int status() {
    return status;
  }

  HttpHeaders headers() {
    return headers;
  }

  /** The first characters on one line, without control characters. */
  String text() {
    String text;
    synchronized (kept) {
      text = new String(kept.array(), 0, kept.position(), StandardCharsets.UTF_8);
    }
    String line = text.replaceAll("\\p{Cntrl}+", " ").strip();
    return PlainText.line(line, TEXT_CHARS_MAX).strip();
  }

  @Override
  public CompletionStage<Answer> getBody() {
    return end;
  }

  @Override
  public void onSubscribe(Flow.Subscription subscription) {
    this.subscription = subscription;
    subscription.request(Long.MAX_VALUE);
  }

  @Override
  public void onNext(List<ByteBuffer> buffers) {
    for (ByteBuffer buffer : buffers) {
      bytes += buffer.remaining();
      synchronized (kept) {
        kept.put(buffer.slice(buffer.position(), Math.min(buffer.remaining(), kept.remaining())));
      }
    }
    if (bytes > BODY_BYTES_MAX && subscription != null) {
      subscription.cancel();
      end.complete(this);
    }
  }

  @Override
  public void onError(Throwable failure) {
    end.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    end.complete(this);
  }
}
