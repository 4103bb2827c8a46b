package dev.afterbay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Schedule;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class StoredScheduleTest {

  @Test
  void oneWhoseTimesCannotBeToldIsShownWithoutThemAndSaysSo() {
    Definition definition = Definition.cron("@daily", "q", Message.of("report", "yesterday"));
    StoredSchedule stored =
        new StoredSchedule("a", 1, definition, false, Instant.EPOCH, Instant.MAX, null, null);
    Schedule shown = stored.shown(Instant.EPOCH);
    assertThat(shown.next()).isEmpty();
    assertThat(shown.lastError()).startsWith("has no next time: ");
    assertThat(stored.failed("the queue is full").shown(Instant.EPOCH).lastError())
        .isEqualTo("the queue is full");
    assertThat(stored.paused(true).shown(Instant.EPOCH).next()).hasSize(5);
  }
}
