package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;

import com.cronutils.model.definition.CronDefinition;
import com.cronutils.model.definition.CronDefinitionBuilder;
import com.cronutils.model.time.ExecutionTime;
import com.cronutils.parser.CronParser;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Away from changes of the clock another reader of cron expressions comes to the same times. */
class CronOracleTest {

  private static final int EXPRESSIONS = 1_000;
  private static final int TIMES = 4;

  private static final CronDefinition WITH_SECONDS =
      CronDefinitionBuilder.defineCron()
          .withSeconds()
          .and()
          .withMinutes()
          .and()
          .withHours()
          .and()
          .withDayOfMonth()
          .and()
          .withMonth()
          .and()
          .withDayOfWeek()
          .withValidRange(0, 7)
          .withMondayDoWValue(1)
          .withIntMapping(7, 0)
          .and()
          .instance();

  @Test
  void cronUtilsComesToTheSameTimes() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    CronParser parser = new CronParser(WITH_SECONDS);
    for (int i = 0; i < EXPRESSIONS; i++) {
      String cron = expression(random);
      ExecutionTime oracle = ExecutionTime.forCron(parser.parse(cron));
      CronRule rule = CronRule.parse(cron);
      Instant time =
          Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextLong(4 * 365 * 86_400L));
      for (int j = 0; j < TIMES; j++) {
        ZonedDateTime expected = oracle.nextExecution(time.atZone(ZoneOffset.UTC)).orElseThrow();
        Instant found = rule.after(time, ZoneOffset.UTC);
        assertThat(found)
            .as("seed %d: %s after %s", seed, cron, time)
            .isEqualTo(expected.toInstant());
        time = found;
      }
    }
  }

  /** A star with a step in a field of days is no restriction to us, as to crontab(5): left out. */
  private static String expression(SplittableRandom random) {
    String days = random.nextInt(2) == 0 ? "*" : field(random, 1, 28, false);
    String weekdays = random.nextInt(2) == 0 ? "*" : field(random, 0, 6, false);
    return String.join(
        " ",
        field(random, 0, 59, true),
        field(random, 0, 59, true),
        field(random, 0, 23, true),
        days,
        field(random, 1, 12, true),
        weekdays);
  }

  private static String field(SplittableRandom random, int min, int max, boolean star) {
    int a = random.nextInt(min, max + 1);
    int b = random.nextInt(a, max + 1);
    int step = random.nextInt(1, Math.max(2, max / 2));
    return switch (random.nextInt(star ? 6 : 4)) {
      case 0 -> "" + a;
      case 1 -> a + "-" + b;
      case 2 -> a + "-" + b + "/" + step;
      case 3 -> a + "," + b + "," + random.nextInt(min, max + 1);
      case 4 -> "*";
      default -> "*/" + step;
    };
  }
}
