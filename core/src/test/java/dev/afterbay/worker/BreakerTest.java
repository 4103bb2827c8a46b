package dev.afterbay.worker;

import static dev.afterbay.worker.Breaker.Verdict.FAILURE;
import static dev.afterbay.worker.Breaker.Verdict.NONE;
import static dev.afterbay.worker.Breaker.Verdict.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.afterbay.Outcome;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class BreakerTest {

  private static final BreakerSettings SETTINGS = BreakerSettings.STANDARD;
  private static final Breaker OPEN = new Breaker.Open(130_000);
  private static final Breaker HALF_OPEN = new Breaker.HalfOpen(0, false);

  @Test
  void fiveFailuresInARowOpenItForThirtySeconds() {
    Breaker breaker = Breaker.Closed.START;
    for (int i = 0; i < 4; i++) {
      breaker = breaker.ended(FAILURE, false, SETTINGS, 100_000);
      assertThat(breaker.admits(7)).isEqualTo(7);
    }
    breaker = breaker.ended(FAILURE, false, SETTINGS, 100_000);
    assertThat(breaker).isEqualTo(OPEN);
    assertThat(breaker.admits(7)).isZero();
  }

  @Test
  void aSuccessStartsTheCountAgain() {
    Breaker breaker = new Breaker.Closed(4).ended(SUCCESS, false, SETTINGS, 0);
    assertThat(breaker).isEqualTo(new Breaker.Closed(0));
  }

  @Test
  void aJobThatTheTargetRefusedSaysNothing() {
    assertThat(new Breaker.Closed(4).ended(NONE, false, SETTINGS, 0))
        .isEqualTo(new Breaker.Closed(4));
    assertThat(new Breaker.HalfOpen(2, true).ended(NONE, true, SETTINGS, 0))
        .isEqualTo(new Breaker.HalfOpen(2, false));
  }

  @Test
  void itIsHalfOpenWhenItsTimeIsOver() {
    assertThat(OPEN.at(129_999)).isSameAs(OPEN);
    assertThat(OPEN.at(130_000)).isEqualTo(HALF_OPEN);
  }

  @Test
  void halfOpenTriesOneAtATime() {
    assertThat(HALF_OPEN.admits(7)).isEqualTo(1);
    assertThat(HALF_OPEN.admits(0)).isZero();
    assertThat(HALF_OPEN.begun().admits(7)).isZero();
  }

  @Test
  void threeSuccessesInARowCloseIt() {
    Breaker breaker = HALF_OPEN;
    for (int i = 0; i < 2; i++) {
      breaker = breaker.begun().ended(SUCCESS, true, SETTINGS, 0);
      assertThat(breaker.admits(7)).isEqualTo(1);
    }
    assertThat(breaker.begun().ended(SUCCESS, true, SETTINGS, 0)).isSameAs(Breaker.Closed.START);
  }

  @Test
  void aFailedProbeOpensItAgain() {
    Breaker probing = new Breaker.HalfOpen(2, true);
    assertThat(probing.ended(FAILURE, true, SETTINGS, 100_000)).isEqualTo(OPEN);
  }

  @Test
  void attemptsFromBeforeSayNothingAboutAnOpenOrHalfOpenOne() {
    assertThat(OPEN.ended(SUCCESS, false, SETTINGS, 0)).isSameAs(OPEN);
    Breaker probing = new Breaker.HalfOpen(1, true);
    assertThat(probing.ended(FAILURE, false, SETTINGS, 0)).isSameAs(probing);
    assertThat(probing.ended(SUCCESS, false, SETTINGS, 0)).isSameAs(probing);
  }

  @Test
  void failIsNoFailureOfTheTarget() {
    assertThat(Breaker.Verdict.of(Outcome.done())).isEqualTo(SUCCESS);
    assertThat(Breaker.Verdict.of(Outcome.retry("r"))).isEqualTo(FAILURE);
    assertThat(Breaker.Verdict.of(Outcome.fail("r"))).isEqualTo(NONE);
    assertThat(Breaker.Verdict.of(Outcome.release())).isEqualTo(NONE);
  }

  @Test
  void settingsThatMeanNothingAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new BreakerSettings(0, Duration.ofSeconds(1), 1));
    assertThatIllegalArgumentException().isThrownBy(() -> new BreakerSettings(1, Duration.ZERO, 1));
    assertThatIllegalArgumentException().isThrownBy(() -> HandlerOptions.STANDARD.concurrency(0));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> HandlerOptions.STANDARD.timeout(Duration.ZERO));
  }
}
