package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits is woken in time, or before that. */
@Timeout(60)
final class SharedTimerTest {

  private final SharedTimer timer = new SharedTimer(1);

  @Test
  void whoWaitsGoesOnWhenTheTimeIsOverAndNotBefore() throws Exception {
    List<Thread> waiting = new ArrayList<>();
    List<Long> late = new CopyOnWriteArrayList<>();
    for (int i = 0; i < 20; i++) {
      long until = Deadline.now() + 10 * i;
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                await(until, () -> false);
                late.add(Deadline.now() - until);
              }));
    }
    for (Thread each : waiting) {
      each.join();
    }
    assertThat(late).hasSize(20).allMatch(millis -> millis >= 0);
  }

  @Test
  void whoWaitsGoesOnWhenItIsDone() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    long until = Deadline.after(Duration.ofDays(1));
    Thread waiting = Thread.ofVirtual().start(() -> await(until, done::get));
    done.set(true);
    LockSupport.unpark(waiting);
    waiting.join();
  }

  @Test
  void anInterruptEndsTheWaitUnlessItIsDone() throws Exception {
    long until = Deadline.after(Duration.ofDays(1));
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> timer.await(until, () -> false))
        .isInstanceOf(InterruptedException.class);
    Thread.currentThread().interrupt();
    timer.await(until, () -> true);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void theThreadThatLooksEndsWhenNobodyWaitsAndThereIsAnotherForTheNext() {
    for (int i = 0; i < 3; i++) {
      await(Deadline.now() + 20, () -> false);
      while (timer.isLooking()) {
        Thread.yield();
      }
    }
  }

  private void await(long until, BooleanSupplier done) {
    try {
      timer.await(until, done);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
