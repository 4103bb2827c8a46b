package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {

  private final SplittableRandom random = new SplittableRandom(1);

  @Test
  void delaysGrowByTheFactorUpToTheLongest() {
    RetryPolicy policy = new RetryPolicy(seconds(1), 5, seconds(300), 0);
    assertThat(IntStream.rangeClosed(1, 6).mapToObj(n -> policy.delayAfter(n, random)))
        .containsExactly(
            seconds(1), seconds(5), seconds(25), seconds(125), seconds(300), seconds(300));
  }

  @Test
  void manyAttemptsDoNotOverflow() {
    RetryPolicy policy = new RetryPolicy(seconds(1), 100, Duration.ofDays(365), 0);
    assertThat(policy.delayAfter(Integer.MAX_VALUE, random)).isEqualTo(Duration.ofDays(365));
  }

  @Test
  void chanceAddsAndTakesOffUpToTheJitter() {
    RetryPolicy policy = new RetryPolicy(seconds(100), 1, seconds(200), 0.2);
    List<Long> millis =
        IntStream.range(0, 1_000).mapToObj(_ -> policy.delayAfter(1, random).toMillis()).toList();
    assertThat(millis).allMatch(delay -> delay >= 80_000 && delay <= 120_000);
    assertThat(millis).anyMatch(delay -> delay < 85_000).anyMatch(delay -> delay > 115_000);
  }

  @Test
  void noDelayIsLongerThanTheLongest() {
    RetryPolicy policy = new RetryPolicy(seconds(100), 1, seconds(100), 1);
    assertThat(IntStream.range(0, 1_000).mapToObj(_ -> policy.delayAfter(1, random)))
        .allMatch(delay -> delay.compareTo(seconds(100)) <= 0 && !delay.isNegative());
  }

  @Test
  void aPolicyIsChecked() {
    rejected(() -> new RetryPolicy(seconds(-1), 5, seconds(300), 0));
    rejected(() -> new RetryPolicy(seconds(10), 5, seconds(9), 0));
    rejected(() -> new RetryPolicy(seconds(10), 5, Duration.ofDays(366), 0));
    rejected(() -> new RetryPolicy(seconds(1), 0.9, seconds(300), 0));
    rejected(() -> new RetryPolicy(seconds(1), Double.NaN, seconds(300), 0));
    rejected(() -> new RetryPolicy(seconds(1), 101, seconds(300), 0));
    rejected(() -> new RetryPolicy(seconds(1), 5, seconds(300), -0.1));
    rejected(() -> new RetryPolicy(seconds(1), 5, seconds(300), 1.1));
  }

  private static void rejected(ThrowingCallable call) {
    assertThatExceptionOfType(BrokerException.Rejected.class).isThrownBy(call);
  }

  private static Duration seconds(long seconds) {
    return Duration.ofSeconds(seconds);
  }
}
