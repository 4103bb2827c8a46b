package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class NumbersTest {

  @Test
  void theMedianIsTheMiddleWhateverTheOrder() {
    assertThat(new Numbers(5, 1, 3).median()).isEqualTo(3);
    assertThat(new Numbers(4, 1, 3, 2).median()).isEqualTo(2.5);
  }

  @Test
  void theMinimumAndTheMaximumAreFound() {
    Numbers numbers = new Numbers(5, 1, 3);
    assertThat(numbers.min()).isEqualTo(1);
    assertThat(numbers.max()).isEqualTo(5);
  }

  @Test
  void aPercentileIsASampleThatTheShareDoesNotExceed() {
    double[] samples = new double[100];
    for (int i = 0; i < samples.length; i++) {
      samples[i] = samples.length - i;
    }
    assertThat(new Numbers(samples).percentile(0.99)).isEqualTo(99);
    assertThat(new Numbers(samples).percentile(0.5)).isEqualTo(50);
    assertThat(new Numbers(7).percentile(0.99)).isEqualTo(7);
  }

  @Test
  void aGoalIsMetFromItsOwnSide() {
    assertThat(Goal.atLeast(10).isMetBy(10)).isTrue();
    assertThat(Goal.atLeast(10).isMetBy(9.9)).isFalse();
    assertThat(Goal.atMost(10).isMetBy(10)).isTrue();
    assertThat(Goal.atMost(10).isMetBy(10.1)).isFalse();
    assertThat(Goal.NONE.isMetBy(0)).isTrue();
  }

  @Test
  void aRowIsOnlyMetIfItsRatioIsToo() {
    Goal goal = Goal.atLeast(100);
    Goal ratio = Goal.atLeast(0.2);
    assertThat(new Row("x", "/s", new Numbers(100), goal, new Numbers(0.2), ratio).isMet())
        .isTrue();
    assertThat(new Row("x", "/s", new Numbers(100), goal, new Numbers(0.1), ratio).isMet())
        .isFalse();
    assertThat(new Row("x", "/s", new Numbers(99), goal, new Numbers(0.2), ratio).isMet())
        .isFalse();
  }
}
