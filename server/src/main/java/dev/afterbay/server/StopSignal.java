package dev.afterbay.server;

import java.util.concurrent.CountDownLatch;

/**
 * Makes SIGTERM and SIGINT a request that the main thread fulfils: it ends what it has begun, even
 * a start that is under way, and the process exits with the code that it came to.
 *
 * <p>A signal runs the JVM's shutdown hooks, and would then exit with 143. So the hook waits for
 * the main thread and halts with that thread's code. It waits without a limit: whoever supervises
 * the process has one, and to halt within a write would be no better than its SIGKILL.
 */
final class StopSignal {
  private final CountDownLatch asked = new CountDownLatch(1);
  private final CountDownLatch over = new CountDownLatch(1);
  private volatile int exitCode;

  /** From now on signals only ask. */
  void install() {
    Runtime.getRuntime().addShutdownHook(new Thread(this::onShutdown, "stop"));
  }

  boolean isAsked() {
    return asked.getCount() == 0;
  }

  /** Waits for the signal. */
  void await() throws InterruptedException {
    asked.await();
  }

  /** The main thread has done all it had to do, and ends the process. */
  void exit(int code) {
    exitCode = code;
    over.countDown();
    System.exit(code);
  }

  private void onShutdown() {
    asked.countDown();
    try {
      over.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    System.out.flush();
    LogLines.flush();
    Runtime.getRuntime().halt(exitCode);
  }
}
