package dev.afterbay.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Message;
import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Which due times are made up for after an absence. */
final class DueTimesTest {

  private static final Message REPORT = Message.of("report", "yesterday");
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private static Definition cron(String cron) {
    return Definition.cron(cron, "q", REPORT);
  }

  @Test
  void theyAreTheLatestOfAllThatPassed() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    List<String> crons =
        List.of("*/7 * * * * *", "0-9 * 2 * * *", "0 */3 * * * *", "30 2 * * *", "* * 1 1 * *");
    for (int round = 0; round < 200; round++) {
      Missed missed = random.nextBoolean() ? Missed.LAST : Missed.ALL;
      Definition definition =
          cron(crons.get(random.nextInt(crons.size())))
              .zone(ZoneId.of("Europe/Berlin"))
              .missed(missed);
      Instant first = definition.after(START.plusSeconds(random.nextInt(365 * 86_400)));
      Instant now = first.plusMillis(random.nextLong(1L << (10 + random.nextInt(18))) + 3_001);
      List<Instant> all = new ArrayList<>();
      for (Instant time = first; !time.isAfter(now); time = definition.after(time)) {
        all.add(time);
      }
      int max = missed == Missed.LAST ? 1 : Schedules.MISSED_MAX;
      List<Instant> latest = all.subList(Math.max(0, all.size() - max), all.size());
      List<Instant> fired = latest.subList(0, Math.min(DueTimes.FIRED_MAX, latest.size()));
      DueTimes due = DueTimes.of(definition, first, now, false);
      String text = "seed " + seed + ": " + definition + " from " + first + " to " + now;
      assertThat(due.fire()).as(text).isEqualTo(fired);
      assertThat(due.decided()).as(text).isEqualTo(fired.getLast());
      assertThat(due.tooMany()).as(text).isEqualTo(missed == Missed.ALL && all.size() > max);
    }
  }

  /** In time of the processor, which no other work makes longer. */
  @Test
  void aBusyDayLongAgoIsNotSteppedThrough() {
    ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    Instant now = Instant.parse("2026-12-31T00:00:00Z");
    long before = threads.getCurrentThreadCpuTime();
    for (int i = 0; i < 50; i++) {
      DueTimes due = DueTimes.of(cron("* * * 1 1 *"), START, now, false);
      assertThat(due.fire()).containsExactly(Instant.parse("2026-01-01T23:59:59Z"));
    }
    Duration taken = Duration.ofNanos(threads.getCurrentThreadCpuTime() - before);
    assertThat(taken).isLessThan(Duration.ofSeconds(2));
  }
}
