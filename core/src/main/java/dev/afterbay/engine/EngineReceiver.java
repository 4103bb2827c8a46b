package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.Moment;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.store.Claim;
import dev.afterbay.store.SessionLease;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** Claims for one receiver, and knows what it has not settled. */
sealed class EngineReceiver implements Receiver permits EngineSession {

  final Engine engine;
  final String queue;
  final ReceiveOptions receiving;
  private final Store.Wake place;
  private final Set<Waiters.Waiter> waiting = ConcurrentHashMap.newKeySet();
  private final Set<EngineDelivery> open = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  /** From so many on it looks for those that have lapsed. */
  private volatile int openMax = RECEIVE_MAX;

  EngineReceiver(
      Engine engine, String queue, ReceiveOptions receiving, @Nullable SessionLease held) {
    this.engine = engine;
    this.queue = queue;
    this.receiving = receiving;
    this.place = new Store.Wake(queue, held == null ? null : held.session());
    // A session that is used by its token belongs to nobody here: each use is a new object.
    if (held == null || !receiving.detached()) {
      engine.opened(this);
    }
  }

  @Override
  public List<Delivery> receive(int max, Duration wait, ReceiveOptions.Types types)
      throws InterruptedException {
    if (max < 1 || max > RECEIVE_MAX) {
      throw new BrokerException.Rejected("max", "max must be 1 to " + RECEIVE_MAX + ": " + max);
    }
    long deadline = engine.deadline(wait);
    boolean picky = !types.equals(ReceiveOptions.Types.ALL);
    while (!closed) {
      Waiters.Waiter waiter = engine.join(place, picky);
      waiting.add(waiter);
      boolean passOn = true;
      try {
        engine.requireQueue(queue);
        if (Thread.interrupted()) {
          throw new InterruptedException();
        }
        List<Delivery> deliveries = claim(max, types);
        passOn = deliveries.size() == max;
        if (!deliveries.isEmpty()) {
          return deliveries;
        }
        if (wait.isZero() || closed || isLost() || !waiter.await(engine.clock(), deadline)) {
          return List.of();
        }
      } finally {
        waiting.remove(waiter);
        engine.leave(place, waiter, passOn);
      }
    }
    return List.of();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    engine.closed(this);
    waiting.forEach(Waiters.Waiter::wake);
    releaseAll();
  }

  /** Nothing will ever come any more. */
  boolean isLost() {
    return false;
  }

  /** The session that this is a receiver of. */
  @Nullable SessionLease held() {
    return null;
  }

  void settled(EngineDelivery delivery) {
    open.remove(delivery);
  }

  /** The store was away: it can be settled later, or is released. */
  void notSettled(EngineDelivery delivery) {
    open.add(delivery);
  }

  long leaseMillis() {
    Duration own = receiving.lease();
    return (own != null ? own : engine.settingsOf(queue).lease()).toMillis();
  }

  /**
   * A close that comes between the claim and the note of it is seen here, or sees the note: either
   * way what was claimed is handed back.
   */
  private List<Delivery> claim(int max, ReceiveOptions.Types types) throws InterruptedException {
    forgetLapsed();
    long bytesMax = receiving.room().take();
    List<Job> jobs = List.of();
    try {
      jobs =
          engine.store.claim(
              new Claim(
                  queue,
                  receiving.consumer(),
                  leaseMillis(),
                  receiving.detached(),
                  max,
                  types,
                  held(),
                  bytesMax));
    } finally {
      receiving.room().keep(jobs);
    }
    List<Delivery> deliveries = new ArrayList<>(jobs.size());
    for (Job job : jobs) {
      EngineDelivery delivery = new EngineDelivery(this, job);
      if (!delivery.isAtMostOnce()) {
        open.add(delivery);
      }
      deliveries.add(delivery);
    }
    if (closed) {
      releaseAll();
      return List.of();
    }
    return deliveries;
  }

  /** A consumer that never settles what it fails at must not fill the memory. */
  private void forgetLapsed() {
    if (open.size() >= openMax) {
      Moment now = engine.clock().now();
      open.removeIf(delivery -> delivery.hasLapsed(now));
      openMax = Math.max(RECEIVE_MAX, 2 * open.size());
    }
  }

  /** How many deliveries it would hand back. */
  int openCount() {
    return open.size();
  }

  /** In one sweep, for a connection that is lost may have had a thousand of them. */
  private void releaseAll() {
    List<Job> mine = new ArrayList<>();
    for (EngineDelivery delivery : open) {
      if (delivery.end()) {
        mine.add(delivery.current());
      }
    }
    new Settling(engine).release(mine);
  }
}
