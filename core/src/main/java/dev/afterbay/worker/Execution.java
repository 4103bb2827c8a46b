package dev.afterbay.worker;

import dev.afterbay.Delivery;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * One delivery in the hands of a handler, on a virtual thread of its own.
 *
 * <p>Several may want to say how it ended: its handler, the timeout, the loss of its lease, the end
 * of the worker. Whoever takes it first does; for the others it is over.
 */
final class Execution {

  private final HandlerPool pool;
  private final Delivery delivery;
  private final long startedTick;
  private final boolean probe;
  private final Thread thread;
  private final AtomicBoolean taken = new AtomicBoolean();

  /** When it was taken from a handler that had not ended; guarded by the worker's lock. */
  long interruptedTick;

  /** Until when its lease lives at least; later, where a renewal is on its way. */
  private volatile long leaseTick;

  /**
   * @param leaseTick until when its lease lives
   * @param probe it tries out the target of a breaker that is half open
   */
  Execution(HandlerPool pool, Delivery delivery, long startedTick, long leaseTick, boolean probe) {
    this.pool = pool;
    this.delivery = delivery;
    this.startedTick = startedTick;
    this.leaseTick = leaseTick;
    this.probe = probe;
    this.thread = pool.thread(this);
  }

  HandlerPool pool() {
    return pool;
  }

  Delivery delivery() {
    return delivery;
  }

  long startedTick() {
    return startedTick;
  }

  long leaseTick() {
    return leaseTick;
  }

  void renewed(long leaseTick) {
    this.leaseTick = leaseTick;
  }

  boolean isProbe() {
    return probe;
  }

  void start() {
    try {
      thread.start();
    } catch (OutOfMemoryError e) {
      pool.notStarted(this, e);
    }
  }

  boolean take() {
    return taken.compareAndSet(false, true);
  }

  boolean isTaken() {
    return taken.get();
  }

  /** Only for whoever took it from its handler, so that an interrupt never hits a settle. */
  void interrupt() {
    thread.interrupt();
  }

  @Override
  public String toString() {
    return delivery.message().type()
        + " job "
        + delivery.job().id()
        + ", attempt "
        + delivery.attempt();
  }
}
