package dev.afterbay.client;

import java.util.List;
import java.util.function.Supplier;

/** What closing and settling have in common: it must be tried though things go wrong. */
final class Closing {

  private Closing() {}

  /**
   * An interrupt from before does not keep it from closing: it is why it closes, most often. One
   * that comes meanwhile ends it at once.
   */
  static void uninterrupted(Runnable close) {
    get(() -> {
      close.run();
      return true;
    });
  }

  /** As {@link #uninterrupted}. */
  static <T> T get(Supplier<T> close) {
    boolean interrupted = Thread.interrupted();
    try {
      return close.get();
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Side by side, so that together they take no longer than the slowest. */
  static void all(List<Runnable> actions) {
    if (actions.size() == 1) {
      actions.getFirst().run();
      return;
    }
    List<Thread> threads = actions.stream().map(Thread::startVirtualThread).toList();
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException _) {
      threads.forEach(Thread::interrupt);
      Thread.currentThread().interrupt();
    }
  }
}
