package dev.afterbay.client;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The body of a request, which knows whether all of it was handed out to be sent. */
final class CountedBody {
  /*
   * A server acts on a request once its last byte is there. As long as that was never handed to
   * the connection, whatever goes wrong, the server has certainly not done what was asked. Who
   * gives a request up keeps its last bytes back in the same step in which he asks.
   */

  private enum State {
    OPEN,
    HANDED_OUT,
    KEPT_BACK
  }

  private final BodyPublisher publisher;
  private final AtomicReference<State> state = new AtomicReference<>(State.OPEN);

  CountedBody(byte @Nullable [] body) {
    if (body == null || body.length == 0) {
      // The head is all of the request, and nobody tells when it is sent.
      publisher = BodyPublishers.noBody();
      state.set(State.HANDED_OUT);
    } else {
      publisher = new Counting(BodyPublishers.ofByteArray(body), body.length);
    }
  }

  BodyPublisher publisher() {
    return publisher;
  }

  /** Whether the server may have all of it; if it has not, it will not get it any more. */
  boolean end() {
    return !state.compareAndSet(State.OPEN, State.KEPT_BACK) && isHandedOut();
  }

  private boolean isHandedOut() {
    return state.get() == State.HANDED_OUT;
  }

  private final class Counting implements BodyPublisher {
    private final BodyPublisher bytes;
    private final long length;

    Counting(BodyPublisher bytes, long length) {
      this.bytes = bytes;
      this.length = length;
    }

    @Override
    public long contentLength() {
      return length;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super ByteBuffer> subscriber) {
      bytes.subscribe(new CountingSubscriber(subscriber, length));
    }
  }

  private final class CountingSubscriber implements Flow.Subscriber<ByteBuffer> {
    private final Flow.Subscriber<? super ByteBuffer> subscriber;
    private long left;

    CountingSubscriber(Flow.Subscriber<? super ByteBuffer> subscriber, long left) {
      this.subscriber = subscriber;
      this.left = left;
    }

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      subscriber.onSubscribe(subscription);
    }

    @Override
    public void onNext(ByteBuffer bytes) {
      left -= bytes.remaining();
      if (left > 0 || state.compareAndSet(State.OPEN, State.HANDED_OUT) || isHandedOut()) {
        subscriber.onNext(bytes);
      } else {
        subscriber.onError(new IOException("given up"));
      }
    }

    @Override
    public void onError(Throwable e) {
      subscriber.onError(e);
    }

    @Override
    public void onComplete() {
      subscriber.onComplete();
    }
  }
}
