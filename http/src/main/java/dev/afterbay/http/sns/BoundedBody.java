package dev.afterbay.http.sns;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** Takes the body of a 200 up to a limit, and nothing of any other answer. */
final class BoundedBody implements HttpResponse.BodySubscriber<OutgoingGet.Answer> {
  private static final int OK = 200;

  private final int status;
  private final int bytesMax;
  private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
  private final CompletableFuture<OutgoingGet.Answer> answer = new CompletableFuture<>();
  private Flow.@Nullable Subscription subscription;

  BoundedBody(int status, int bytesMax) {
    this.status = status;
    this.bytesMax = bytesMax;
  }

  @Override
  public CompletionStage<OutgoingGet.Answer> getBody() {
    return answer;
  }

  @Override
  public void onSubscribe(Flow.Subscription source) {
    subscription = source;
    if (status == OK) {
      source.request(Long.MAX_VALUE);
    } else {
      finish(new OutgoingGet.Answer.Status(status));
    }
  }

  @Override
  public void onNext(List<ByteBuffer> parts) {
    for (ByteBuffer part : parts) {
      if (answer.isDone()) {
        return;
      }
      if (part.remaining() > bytesMax - taken.size()) {
        finish(new OutgoingGet.Answer.TooLarge(bytesMax));
        return;
      }
      byte[] bytes = new byte[part.remaining()];
      part.get(bytes);
      taken.writeBytes(bytes);
    }
  }

  @Override
  public void onError(Throwable failure) {
    answer.completeExceptionally(failure);
  }

  @Override
  public void onComplete() {
    answer.complete(new OutgoingGet.Answer.Ok(taken.toString(StandardCharsets.UTF_8)));
  }

  /** Closes the connection: what is left of the body is not worth reading. */
  private void finish(OutgoingGet.Answer result) {
    answer.complete(result);
    Flow.Subscription source = subscription;
    if (source != null) {
      source.cancel();
    }
  }
}
