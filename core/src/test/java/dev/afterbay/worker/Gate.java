package dev.afterbay.worker;

import dev.afterbay.Delivery;
import dev.afterbay.Outcome;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A handler that waits until it is opened. */
final class Gate implements Handler {

  final AtomicInteger inside = new AtomicInteger();
  final AtomicInteger interrupts = new AtomicInteger();
  final AtomicReference<Delivery> latest = new AtomicReference<>();
  private final CountDownLatch opened = new CountDownLatch(1);
  private final boolean stubborn;

  Gate() {
    this(false);
  }

  /**
   * @param stubborn it ignores interrupts
   */
  Gate(boolean stubborn) {
    this.stubborn = stubborn;
  }

  void open() {
    opened.countDown();
  }

  @Override
  public Outcome handle(Delivery delivery) throws InterruptedException {
    latest.set(delivery);
    inside.incrementAndGet();
    try {
      while (true) {
        try {
          opened.await();
          return Outcome.done();
        } catch (InterruptedException e) {
          interrupts.incrementAndGet();
          if (!stubborn) {
            throw e;
          }
        }
      }
    } finally {
      inside.decrementAndGet();
    }
  }
}
