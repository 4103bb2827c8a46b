package dev.afterbay.bench;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class TaskTest {

  @Test
  void aTaskIsTheSameAtTheOtherEnd() {
    Task task = new Task(Task.Kind.WORK, "bench-1", 64, 100, 5_000, Duration.ofMillis(1_500));
    assertThat(Task.parse(task.line())).isEqualTo(task);
  }

  @Test
  void aTaskOfABrokerIsTheSameAtTheOtherEnd() {
    BrokerTask task =
        new BrokerTask(BrokerTask.Kind.LIFECYCLE, "warm-1", 64, Duration.ofMillis(1_500));
    assertThat(BrokerTask.parse(task.line())).isEqualTo(task);
  }

  @Test
  void aResultIsTheSameAtTheOtherEnd() {
    Task.Result result = new Task.Result(1_000, 0.5, 1.25, 7);
    assertThat(Task.Result.parse(result.line())).isEqualTo(result);
    assertThat(result.perSecond()).isEqualTo(2_000);
  }
}
