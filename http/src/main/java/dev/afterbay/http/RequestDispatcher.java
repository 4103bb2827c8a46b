package dev.afterbay.http;

import io.vertx.core.Context;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Starts actions, each on a virtual thread: those of all requests that an event loop finds complete
 * in one turn together, at the end of the turn. For one event loop.
 *
 * <p>One by one the carriers of virtual threads would fall asleep between them, and each would have
 * to be woken again, which costs the event loop more than to read a small request.
 */
final class RequestDispatcher {

  /** Invariant: touched by the thread of one event loop only. */
  private final List<Runnable> waiting = new ArrayList<>();

  private @Nullable Thread loop;

  void add(Context context, Runnable action) {
    assert isLoop(Thread.currentThread());
    if (waiting.isEmpty()) {
      context.runOnContext(_ -> startAll());
    }
    waiting.add(action);
  }

  private void startAll() {
    List<Runnable> actions = List.copyOf(waiting);
    waiting.clear();
    for (Runnable action : actions) {
      Thread.ofVirtual().name("afterbay-http").start(action);
    }
  }

  private boolean isLoop(Thread thread) {
    loop = loop == null ? thread : loop;
    return loop.equals(thread);
  }
}
