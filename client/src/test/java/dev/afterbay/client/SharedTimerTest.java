package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits is woken in time, or before that. */
@Timeout(60)
final class SharedTimerTest {

  private final SharedTimer timer = new SharedTimer(1);

  @Test
  void whoWaitsIsWokenWhenTheTimeIsOverAndNotMuchBefore() throws Exception {
    List<Thread> waiting = new ArrayList<>();
    List<Long> ends = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      long until = Deadline.now() + 10 * i;
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                parkUntil(until);
                synchronized (ends) {
                  ends.add(Deadline.now() - until);
                }
              }));
    }
    for (Thread each : waiting) {
      each.join();
    }
    assertThat(ends).hasSize(20).allSatisfy(late -> assertThat(late).isNotNegative());
  }

  @Test
  void whoWaitsLongIsWokenBySomebodyElse() throws Exception {
    CountDownLatch woken = new CountDownLatch(1);
    Thread waiting =
        Thread.ofVirtual()
            .start(() -> {
              timer.park(Deadline.after(Duration.ofDays(1)));
              woken.countDown();
            });
    while (woken.getCount() > 0) {
      LockSupport.unpark(waiting);
      Thread.yield();
    }
    waiting.join();
  }

  @Test
  void anInterruptEndsTheWait() throws Exception {
    Thread waiting =
        Thread.ofPlatform()
            .start(() -> {
              while (!Thread.currentThread().isInterrupted()) {
                timer.park(Deadline.after(Duration.ofDays(1)));
              }
            });
    waiting.interrupt();
    waiting.join();
  }

  @Test
  void theThreadThatLooksEndsWhenNobodyWaitsAndThereIsANewOneForTheNext() {
    for (int i = 0; i < 3; i++) {
      parkUntil(Deadline.now() + 20);
      while (timer.isLooking()) {
        Thread.yield();
      }
    }
  }

  private void parkUntil(long until) {
    while (Deadline.now() < until) {
      timer.park(until);
    }
  }
}
