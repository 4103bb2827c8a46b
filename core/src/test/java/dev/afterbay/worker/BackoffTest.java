package dev.afterbay.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.LongUnaryOperator;
import java.util.random.RandomGenerator;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Ever longer pauses, of which a half is left to chance. */
final class BackoffTest {

  /** Gives what that makes of the bound. */
  private static Backoff by(LongUnaryOperator chance) {
    return new Backoff(
        new RandomGenerator() {
          @Override
          public long nextLong() {
            throw new AssertionError("without a bound");
          }

          @Override
          public long nextLong(long bound) {
            return chance.applyAsLong(bound);
          }
        });
  }

  private static List<Long> pauses(Backoff backoff) {
    return LongStream.range(0, 8).map(_ -> backoff.next()).boxed().toList();
  }

  @Test
  void aPauseIsTwiceTheOneBeforeAndBetweenItsHalfAndTheWhole() {
    assertThat(pauses(by(_ -> 0)))
        .containsExactly(50L, 100L, 200L, 400L, 800L, 1_600L, 2_500L, 2_500L);
    assertThat(pauses(by(bound -> bound - 1)))
        .containsExactly(100L, 200L, 400L, 800L, 1_600L, 3_200L, 5_000L, 5_000L);
    assertThat(pauses(by(bound -> bound / 2)))
        .containsExactly(75L, 150L, 300L, 600L, 1_200L, 2_400L, 3_750L, 3_750L);
  }

  @Test
  void afterAResetItBeginsAnew() {
    Backoff backoff = by(_ -> 0);
    pauses(backoff);
    backoff.reset();
    assertThat(backoff.next()).isEqualTo(50);
  }
}
