package dev.afterbay.rocksdb;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Requests on their way to a thread: many push, one takes all that has gathered. A stack that is
 * swapped for an empty one and turned around, so that a push is one compare-and-set and takes no
 * memory, and taking is one swap however many there are.
 */
final class RequestQueue {

  /** Stands on top once nothing is taken any more. */
  private static final StoreRequest<?> CLOSED =
      new StoreRequest<>(StoreRequest.Kind.READ, () -> Boolean.TRUE);

  private final AtomicReference<@Nullable StoreRequest<?>> top = new AtomicReference<>();

  /** What came of a push. */
  enum Pushed {
    /** The taker may be asleep. */
    FIRST,
    /** Somebody else was first, and woke the taker. */
    BEHIND,
    /** Nothing is taken any more. */
    CLOSED
  }

  Pushed push(StoreRequest<?> request) {
    while (true) {
      StoreRequest<?> before = top.get();
      if (before == CLOSED) {
        return Pushed.CLOSED;
      }
      request.next = before;
      if (top.compareAndSet(before, request)) {
        return before == null ? Pushed.FIRST : Pushed.BEHIND;
      }
    }
  }

  boolean isEmpty() {
    StoreRequest<?> now = top.get();
    return now == null || now == CLOSED;
  }

  /** All that has gathered, as a chain with the oldest first; null: nothing. */
  @Nullable StoreRequest<?> takeAll() {
    return top.get() == null ? null : turned(top.getAndSet(null));
  }

  /** Takes what is left, and nothing any more. */
  @Nullable StoreRequest<?> close() {
    StoreRequest<?> rest = top.getAndSet(CLOSED);
    return rest == CLOSED ? null : turned(rest);
  }

  private static @Nullable StoreRequest<?> turned(@Nullable StoreRequest<?> newest) {
    StoreRequest<?> oldest = null;
    StoreRequest<?> at = newest;
    while (at != null) {
      StoreRequest<?> older = at.next;
      at.next = oldest;
      oldest = at;
      at = older;
    }
    return oldest;
  }
}
