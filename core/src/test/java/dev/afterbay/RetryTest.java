package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

final class RetryTest {

  private static final RetryPolicy POLICY =
      RetryPolicy.exponential(Duration.ofSeconds(1), 2, Duration.ofSeconds(60)).jitter(0);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final List<Duration> pauses = new ArrayList<>();
  private final Deque<BrokerException> failures = new ArrayDeque<>();
  private Duration passed = Duration.ZERO;
  private int calls;

  @Test
  void whatIsTransientIsCalledAgainAfterTheDelaysOfThePolicy() throws InterruptedException {
    assertThat(
            call(MINUTE, new BrokerException.Unavailable("a"), new BrokerException.DiskFull("b")))
        .isEqualTo("well");
    assertThat(pauses).containsExactly(Duration.ofSeconds(1), Duration.ofSeconds(2));
  }

  @Test
  void aBrokerThatAsksForMoreTimeIsGivenIt() throws InterruptedException {
    BrokerException asks = new BrokerException.Throttled("a").retryAfter(Duration.ofSeconds(7));
    BrokerException hurries = new BrokerException.QueueFull("b").retryAfter(Duration.ZERO);
    call(MINUTE, asks, hurries);
    assertThat(pauses).containsExactly(Duration.ofSeconds(7), Duration.ofSeconds(2));
  }

  @Test
  void whatWillFailAgainOrMayHaveGoneWellIsNotCalledAgain() {
    for (BrokerException e :
        List.of(
            new BrokerException.Rejected("body", "no"),
            new BrokerException.NotAuthorized("no"),
            new BrokerException.LeaseLost("x"),
            new BrokerException.OutcomeUnknown("no", new IllegalStateException()))) {
      assertThatExceptionOfType(BrokerException.class)
          .isThrownBy(() -> call(MINUTE, e))
          .isSameAs(e);
    }
    assertThat(pauses).isEmpty();
    assertThat(calls).isEqualTo(4);
  }

  @Test
  void noPauseGoesBeyondTheDeadline() {
    BrokerException last = new BrokerException.Unavailable("c");
    assertThatExceptionOfType(BrokerException.class)
        .isThrownBy(() ->
            call(
                Duration.ofSeconds(6),
                new BrokerException.Unavailable("a"),
                new BrokerException.Unavailable("b"),
                last))
        .isSameAs(last);
    assertThat(passed).isEqualTo(Duration.ofSeconds(3));
  }

  @Test
  void policiesGrowByFactorStepOrList() {
    assertThat(delays(POLICY, 8)).containsExactly(1, 2, 4, 8, 16, 32, 60, 60);
    RetryPolicy linear =
        RetryPolicy.linear(Duration.ofSeconds(1), Duration.ofSeconds(3), Duration.ofSeconds(9));
    assertThat(delays(linear.jitter(0), 5)).containsExactly(1, 4, 7, 9, 9);
    assertThat(delays(RetryPolicy.fixed(Duration.ofSeconds(5)).jitter(0), 3))
        .containsExactly(5, 5, 5);
    RetryPolicy list = RetryPolicy.of(Duration.ofSeconds(3), Duration.ofSeconds(1), MINUTE);
    assertThat(delays(list.jitter(0), 4)).containsExactly(3, 1, 60, 60);
    RetryPolicy given =
        new RetryPolicy(
            Duration.ofSeconds(1),
            5,
            Duration.ZERO,
            Duration.ofSeconds(30),
            0,
            List.of(Duration.ofSeconds(1), Duration.ofHours(1)));
    assertThat(delays(given, 3)).as("not cut at longest").containsExactly(1, 3_600, 3_600);
    RetryPolicy nothingFirst =
        new RetryPolicy(Duration.ZERO, 5, Duration.ofSeconds(1), MINUTE, 0, List.of());
    assertThat(nothingFirst.delayAfter(1_000, new SplittableRandom(1))).isEqualTo(MINUTE);
  }

  @Test
  void jitterNeverGoesBeyondTheCeiling() {
    SplittableRandom random = new SplittableRandom(1);
    RetryPolicy policy = RetryPolicy.of(Duration.ofSeconds(10), MINUTE).jitter(0.5);
    for (int i = 0; i < 1_000; i++) {
      assertThat(policy.delayAfter(1, random))
          .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
      assertThat(policy.delayAfter(2, random)).isBetween(Duration.ofSeconds(30), MINUTE);
    }
  }

  private static int[] delays(RetryPolicy policy, int count) {
    int[] seconds = new int[count];
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < count; i++) {
      seconds[i] = (int) policy.delayAfter(i + 1, random).toSeconds();
    }
    return seconds;
  }

  private String call(Duration deadline, BrokerException... fails) throws InterruptedException {
    failures.clear();
    failures.addAll(Arrays.asList(fails));
    Retry.Time time =
        new Retry.Time() {
          @Override
          public long nanos() {
            return passed.toNanos();
          }

          @Override
          public void sleep(Duration duration) {
            pauses.add(duration);
            passed = passed.plus(duration);
          }
        };
    return Retry.call(POLICY, deadline, this::next, time, new SplittableRandom(1));
  }

  private String next() {
    calls++;
    BrokerException failure = failures.poll();
    if (failure != null) {
      throw failure;
    }
    return "well";
  }
}
