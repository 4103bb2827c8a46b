package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who waits is woken in time, or before that. */
@Timeout(60)
final class SharedTimerTest {

  private final SharedTimer timer = timer(SharedTimer.THREADS, Deadline::now);

  private static SharedTimer timer(ThreadFactory threads, LongSupplier clock) {
    return new SharedTimer(1, threads, clock);
  }

  @Test
  void whoWaitsGoesOnWhenTheTimeIsOverAndNotBefore() throws Exception {
    List<Thread> waiting = new ArrayList<>();
    List<Long> late = new CopyOnWriteArrayList<>();
    startLooking(timer);
    for (int i = 0; i < 20; i++) {
      long until = Deadline.now() + 10L * i;
      waiting.add(
          Thread.ofVirtual()
              .start(() -> {
                await(timer, until, () -> false);
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
    startLooking(timer);
    Thread waiting = startWaiting(() -> await(timer, inADay(), done::get));
    done.set(true);
    LockSupport.unpark(waiting);
    waiting.join();
  }

  /** As with a lock on the way that is taken by somebody else in this moment. */
  @Test
  void whoWaitsGoesOnThoughSomethingElseUsedUpWhatWokeIt() {
    await(timer, inADay(), isDoneFromTheSecondLookOn()); // By itself, and begins the thread.
    startLooking(timer);
    await(timer, inADay(), isDoneFromTheSecondLookOn());
  }

  @Test
  void anInterruptEndsTheWaitUnlessItIsDone() throws Exception {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> timer.await(inADay(), () -> false))
        .isInstanceOf(InterruptedException.class);
    Thread.currentThread().interrupt();
    timer.await(inADay(), () -> true);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void anInterruptEndsTheWaitOfOneThatIsParked() throws Exception {
    AtomicReference<Throwable> thrown = new AtomicReference<>();
    startLooking(timer);
    Thread waiting =
        startWaiting(() -> {
          try {
            timer.await(inADay(), () -> false);
          } catch (InterruptedException e) {
            thrown.set(e);
          }
        });
    waiting.interrupt();
    waiting.join();
    assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
  }

  @Test
  void aWorkerOfAPoolMayWaitForAnotherOfTheSamePool() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicReference<Thread> waiting = new AtomicReference<>();
    ForkJoinPool pool = new ForkJoinPool(1);
    try {
      var wait =
          pool.submit(() -> {
            waiting.set(Thread.currentThread());
            await(timer, inADay(), done::get);
          });
      while (waiting.get() == null) {
        Thread.onSpinWait();
      }
      pool.execute(() -> {
        done.set(true);
        LockSupport.unpark(waiting.get());
      });
      wait.get();
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void theThreadThatLooksEndsWhenNobodyWaitsAndThereIsAnotherForTheNext() {
    for (int i = 0; i < 3; i++) {
      startLooking(timer);
      while (timer.isLooking()) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void theThreadThatLooksOutlivesAFullHeap() {
    Thread here = Thread.currentThread();
    AtomicInteger failures = new AtomicInteger();
    SharedTimer failing =
        timer(
            SharedTimer.THREADS,
            () -> {
              if (!Thread.currentThread().equals(here) && failures.incrementAndGet() <= 5) {
                throw new OutOfMemoryError("as if");
              }
              return Deadline.now();
            });
    while (failures.get() <= 5) {
      await(failing, Deadline.now() + 20, () -> false);
    }
  }

  @Test
  void whoeverWaitsDoesSoByItselfIfThereIsNoThreadThatLooks() throws Exception {
    AtomicInteger tried = new AtomicInteger();
    SharedTimer alone =
        timer(
            _ -> {
              tried.incrementAndGet();
              throw new OutOfMemoryError("as if");
            },
            Deadline::now);
    long until = Deadline.now() + 200;
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      waiting.add(Thread.ofVirtual().start(() -> await(alone, until, () -> false)));
    }
    for (Thread each : waiting) {
      each.join();
    }
    assertThat(Deadline.now()).isGreaterThanOrEqualTo(until);
    assertThat(tried.get()).as("a new thread is not tried in each moment").isBetween(1, 4);
  }

  @Test
  void anInterruptOfTheThreadThatLooksDoesNotKeepItFromWaiting() {
    Thread here = Thread.currentThread();
    AtomicInteger looks = new AtomicInteger();
    AtomicReference<Thread> thread = new AtomicReference<>();
    SharedTimer counted =
        timer(
            look -> {
              thread.set(SharedTimer.THREADS.newThread(look));
              return thread.get();
            },
            () -> {
              if (!Thread.currentThread().equals(here)) {
                looks.incrementAndGet();
              }
              return Deadline.now();
            });
    startLooking(counted);
    thread.get().interrupt();
    looks.set(0);
    long began = Deadline.now();
    await(counted, began + 100, () -> false);
    assertThat((long) looks.get()).isLessThanOrEqualTo(Deadline.now() - began + 20);
  }

  @Test
  void theThreadThatLooksTakesNothingAlongFromWhoeverBeginsIt() throws Exception {
    InheritableThreadLocal<String> local = new InheritableThreadLocal<>();
    ClassLoader loader = new ClassLoader() {};
    List<Object> taken = new ArrayList<>();
    Thread beginner =
        new Thread(() -> {
          local.set("of one caller");
          Thread.currentThread().setContextClassLoader(loader);
          Thread looks = SharedTimer.THREADS.newThread(() -> taken.add(local.get() == null));
          taken.add(looks.isDaemon());
          taken.add(!loader.equals(looks.getContextClassLoader()));
          looks.start();
          join(looks);
        });
    beginner.start();
    beginner.join();
    assertThat(taken).containsExactly(true, true, true);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static BooleanSupplier isDoneFromTheSecondLookOn() {
    AtomicInteger asked = new AtomicInteger();
    return () -> asked.incrementAndGet() > 1;
  }

  private static long inADay() {
    return Deadline.after(Duration.ofDays(1));
  }

  private static void startLooking(SharedTimer timer) {
    while (!timer.isLooking()) {
      await(timer, Deadline.now() + 5, () -> false);
    }
  }

  /** It is parked when this returns. */
  private static Thread startWaiting(Runnable wait) {
    Thread thread = Thread.ofVirtual().start(wait);
    while (thread.getState() != Thread.State.WAITING
        && thread.getState() != Thread.State.TIMED_WAITING) {
      Thread.onSpinWait();
    }
    return thread;
  }

  private static void await(SharedTimer timer, long until, BooleanSupplier done) {
    try {
      timer.await(until, done);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
