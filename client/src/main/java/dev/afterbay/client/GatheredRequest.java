package dev.afterbay.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** One request of a {@link Gatherer}, with what one or more callers ask for. */
final class GatheredRequest<R> {

  /** Somebody who waits for the results of his part. */
  static final class Caller<R> {
    final Gatherer.Part part;

    /** Under the lock; null: has not gone. */
    @Nullable GatheredRequest<R> request;

    private final Thread thread = Thread.currentThread();
    private final Gatherer.TimeLimit limit;
    private volatile @Nullable GatheredRequest<R> ended;

    Caller(Gatherer.Part part, Gatherer.TimeLimit limit) {
      this.part = part;
      this.limit = limit;
    }

    void ended(GatheredRequest<R> with) {
      ended = with;
      if (!Thread.currentThread().equals(thread)) { // Else its next park would not wait.
        LockSupport.unpark(thread);
      }
    }

    /** Waits, on its own thread, for the end of its request; null: it has not ended by then. */
    @Nullable GatheredRequest<R> await(long until) throws InterruptedException {
      SharedTimer.STANDARD.await(until, () -> ended != null);
      return ended;
    }
  }

  final List<Caller<R>> callers;
  private final @Nullable Thread beginner = Thread.currentThread();

  /** Under the lock: how many have not left. */
  int present;

  volatile boolean beginning = true;

  /** Null: it is being begun, or that failed. */
  volatile Gatherer.@Nullable Trip<R> trip;

  /** Null: it is under way, or failed. */
  volatile @Nullable List<R> results;

  GatheredRequest(List<Caller<R>> callers) {
    this.callers = callers;
    this.present = callers.size();
    callers.forEach(caller -> caller.request = this);
  }

  List<Gatherer.Part> parts() {
    return callers.stream().map(caller -> caller.part).toList();
  }

  /** How long this thread waits, if it alone does; null: others do. */
  Gatherer.@Nullable TimeLimit ownLimit() {
    Caller<R> first = callers.getFirst();
    boolean own = callers.size() == 1 && Thread.currentThread().equals(first.thread);
    return own ? first.limit : null;
  }

  boolean isBegunHere() {
    return beginning && Thread.currentThread().equals(beginner);
  }

  List<R> of(Caller<R> wanted, List<R> all) {
    int from = 0;
    for (Caller<R> caller : callers) {
      int to = from + caller.part.count();
      if (caller.equals(wanted)) {
        return new ArrayList<>(all.subList(from, to)); // The list is the caller's own.
      }
      from = to;
    }
    throw new IllegalStateException("a caller that is not of this request");
  }
}
