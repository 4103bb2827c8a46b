package dev.afterbay;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.random.RandomGenerator;

/**
 * Calls again what failed for now.
 *
 * <pre>{@code
 * JobId id =
 *     Retry.call(RetryPolicy.STANDARD, Duration.ofMinutes(1), () -> queue.send(message));
 * }</pre>
 *
 * <p>Only what {@link BrokerException#isTransient} says may go well later is tried again, after the
 * delay of the policy, or after {@link BrokerException#retryAfter} if that is longer. A call whose
 * outcome is unknown is not, for it may have gone well.
 */
public final class Retry {

  /** Where time comes from, and where it goes. */
  interface Time {
    Time SYSTEM =
        new Time() {
          @Override
          public long nanos() {
            return System.nanoTime();
          }

          @Override
          public void sleep(Duration duration) throws InterruptedException {
            Thread.sleep(duration);
          }
        };

    long nanos();

    void sleep(Duration duration) throws InterruptedException;
  }

  private Retry() {}

  /**
   * Calls until it goes well, fails for good, or would have to wait beyond the deadline.
   *
   * @param deadline from now on; no call is begun after it
   * @throws BrokerException what the last call failed with
   * @throws InterruptedException while it waited; an interrupt of the call itself is the call's
   */
  public static <T> T call(RetryPolicy policy, Duration deadline, Call<T> call)
      throws InterruptedException {
    return call(policy, deadline, call, Time.SYSTEM, ThreadLocalRandom.current());
  }

  /** As {@link #call(RetryPolicy, Duration, Call)}, of what answers nothing. */
  public static void run(RetryPolicy policy, Duration deadline, Runnable call)
      throws InterruptedException {
    Call<Boolean> all =
        () -> {
          call.run();
          return true;
        };
    call(policy, deadline, all);
  }

  static <T> T call(
      RetryPolicy policy, Duration deadline, Call<T> call, Time time, RandomGenerator random)
      throws InterruptedException {
    long begun = time.nanos();
    for (int attempt = 1; ; attempt++) {
      try {
        return call.get();
      } catch (BrokerException e) {
        Duration pause = longer(policy.delayAfter(attempt, random), e);
        Duration passed = Duration.ofNanos(time.nanos() - begun);
        if (!e.isTransient() || pause.compareTo(deadline.minus(passed)) > 0) {
          throw e;
        }
        time.sleep(pause);
      }
    }
  }

  private static Duration longer(Duration delay, BrokerException e) {
    Duration asked = e.retryAfter().orElse(Duration.ZERO);
    return asked.compareTo(delay) > 0 ? asked : delay;
  }

  /** What is called. */
  @FunctionalInterface
  public interface Call<T> {

    /** Does it once, and answers what it came to. */
    T get() throws InterruptedException;
  }
}
