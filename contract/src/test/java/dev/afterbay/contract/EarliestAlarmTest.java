package dev.afterbay.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Moment;
import dev.afterbay.ledger.EarliestAlarm;
import dev.afterbay.store.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class EarliestAlarmTest {

  private final TestClock clock = new TestClock();
  private final List<Long> rings = new ArrayList<>();
  private final EarliestAlarm alarm = new EarliestAlarm(clock, () -> rings.add(clock.now().tick()));

  @Test
  void itRingsOnceAtTheEarliestTime() {
    long now = clock.now().tick();
    alarm.by(now + 300);
    alarm.by(now + 100);
    alarm.by(now + 200);
    clock.advance(Duration.ofSeconds(1));
    assertThat(rings).containsExactly(now + 100);
  }

  @Test
  void afterARingALaterTimeSetsItAgain() {
    long now = clock.now().tick();
    alarm.by(now + 100);
    clock.advance(Duration.ofMillis(100));
    alarm.by(now + 5_000);
    clock.advance(Duration.ofSeconds(10));
    assertThat(rings).containsExactly(now + 100, now + 5_000);
  }

  @Test
  void onceCancelledItDoesNotRing() {
    alarm.by(clock.now().tick() + 100);
    alarm.cancel();
    clock.advance(Duration.ofSeconds(1));
    assertThat(rings).isEmpty();
    alarm.by(clock.now().tick() + 100);
    clock.advance(Duration.ofSeconds(1));
    assertThat(rings).hasSize(1);
  }

  /** As a clock may do whose alarm has begun to ring when it is called off. */
  @Test
  void anAlarmThatWasReplacedWhileItRangIsNone() {
    List<Runnable> set = new ArrayList<>();
    Clock stubborn =
        new Clock() {
          @Override
          public Moment now() {
            return clock.now();
          }

          @Override
          public Alarm at(long tick, Runnable action) {
            set.add(action);
            return () -> {};
          }
        };
    EarliestAlarm replaced = new EarliestAlarm(stubborn, () -> rings.add(0L));
    replaced.by(200);
    replaced.by(100);
    set.get(0).run();
    assertThat(rings).isEmpty();
    replaced.by(150);
    assertThat(set).as("the one at 100 still stands").hasSize(2);
    set.get(1).run();
    assertThat(rings).hasSize(1);
  }
}
