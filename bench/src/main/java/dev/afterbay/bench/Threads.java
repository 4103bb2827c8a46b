package dev.afterbay.bench;

import java.util.List;

/** Waits for threads in places that cannot throw. */
final class Threads {

  private Threads() {}

  /** Waits until all have ended, or until it is interrupted; that stays visible. */
  static void join(List<Thread> threads) {
    try {
      for (Thread thread : threads) {
        thread.join();
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    }
  }
}
