package dev.afterbay;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When cron expressions fire, above all where the clock of a zone is changed. */
class CronRuleTest {

  private static final List<String> ZONES =
      List.of(
          "Europe/Berlin",
          "America/St_Johns",
          "Australia/Lord_Howe",
          "America/New_York",
          "Asia/Kathmandu",
          "Africa/Casablanca",
          "UTC");

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          30 2 * * *        | 2026-01-01T02:30:00Z | 2026-01-02T02:30:00Z
          30 2 * * *        | 2026-01-01T02:29:59.999Z | 2026-01-01T02:30:00Z
          * * * * *         | 2026-01-01T00:00:59Z | 2026-01-01T00:01:00Z
          * * * * * *       | 2026-01-01T00:00:59.5Z | 2026-01-01T00:01:00Z
          */15 * * * * *    | 2026-01-01T00:00:46Z | 2026-01-01T00:01:00Z
          5/20 * * * *      | 2026-01-01T00:25:00Z | 2026-01-01T00:45:00Z
          0 0 29 2 *        | 2026-01-01T00:00:00Z | 2028-02-29T00:00:00Z
          0 0 29 2 *        | 2096-02-29T00:00:00Z | 2104-02-29T00:00:00Z
          0 0 29 2 */7      | 2026-01-01T00:00:00Z | 2032-02-29T00:00:00Z
          0 0 29 2 */7      | 2032-02-29T00:00:00Z | 2060-02-29T00:00:00Z
          0 0 29 2 */7      | 2088-02-29T00:00:00Z | 2128-02-29T00:00:00Z
          0 0 31 * *        | 2026-01-31T00:00:00Z | 2026-03-31T00:00:00Z
          0 12 * JAN-mar 7  | 2026-03-29T12:00:00Z | 2027-01-03T12:00:00Z
          0 12 ? * FRI-SUN  | 2026-01-01T12:00:00Z | 2026-01-02T12:00:00Z
          0 12 * * 5-7      | 2026-01-03T12:00:00Z | 2026-01-04T12:00:00Z
          0 12 * * 0-0/1    | 2026-01-04T12:00:00Z | 2026-01-11T12:00:00Z
          0 12 * * 1,3      | 2026-01-05T12:00:00Z | 2026-01-07T12:00:00Z
          0 0 13 * FRI      | 2026-01-09T00:00:00Z | 2026-01-13T00:00:00Z
          0 0 13 * FRI      | 2026-01-13T00:00:00Z | 2026-01-16T00:00:00Z
          0 0 */2 * FRI     | 2026-01-01T00:00:00Z | 2026-01-09T00:00:00Z
          0 22-23,1 * * *   | 2026-01-01T23:00:00Z | 2026-01-02T01:00:00Z
          59 59 23 31 12 *  | 2026-01-01T00:00:00Z | 2026-12-31T23:59:59Z
          @yearly           | 2026-01-01T00:00:00Z | 2027-01-01T00:00:00Z
          @Annually         | 2026-01-01T00:00:00Z | 2027-01-01T00:00:00Z
          @monthly          | 2026-01-01T00:00:00Z | 2026-02-01T00:00:00Z
          @weekly           | 2026-01-01T00:00:00Z | 2026-01-04T00:00:00Z
          @daily            | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z
          @midnight         | 2026-01-01T00:00:00Z | 2026-01-02T00:00:00Z
          @hourly           | 2026-01-01T00:00:00Z | 2026-01-01T01:00:00Z
          """)
  void aTimeIsTheFirstThatMatchesAfterTheOther(String cron, Instant after, Instant due) {
    assertThat(CronRule.parse(cron).after(after, ZoneOffset.UTC)).isEqualTo(due);
  }

  /** The table of docs/schedules.md: local times around both changes of the year. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          # 02:00 -> 03:00, and 03:00 -> 02:00
          Europe/Berlin | 30 2 * * *    | 2026-03-28T12:00 | 29T03:00+02 30T02:30+02
          Europe/Berlin | 30 2 * * *    | 2026-10-24T12:00 | 25T02:30+02 26T02:30+01
          Europe/Berlin | 0 2 * * *     | 2026-03-28T12:00 | 29T03:00+02 30T02:00+02
          Europe/Berlin | 0 3 * * *     | 2026-03-28T12:00 | 29T03:00+02 30T03:00+02
          Europe/Berlin | 0 3 * * *     | 2026-10-24T12:00 | 25T03:00+01 26T03:00+01
          Europe/Berlin | */20 2 * * *  | 2026-03-28T12:00 | 29T03:00+02 30T02:00+02
          Europe/Berlin | */30 2 * * *  | 2026-10-24T12:00 | 25T02:00+02 25T02:30+02 26T02:00+01
          Europe/Berlin | 0 2,3 * * *   | 2026-03-28T12:00 | 29T03:00+02 30T02:00+02
          Europe/Berlin | 30 * * * *    | 2026-03-29T01:00 | 29T01:30+01 29T03:30+02
          Europe/Berlin | 30 * * * *    | 2026-10-25T01:45 | 25T02:30+02 25T02:30+01 25T03:30+01
          Europe/Berlin | 0 */2 * * *   | 2026-03-28T23:00 | 29T00:00+01 29T04:00+02
          Europe/Berlin | 0 */2 * * *   | 2026-10-25T00:30 | 25T02:00+02 25T02:00+01 25T04:00+01
          # half an hour from UTC
          America/St_Johns | 30 2 * * * | 2026-03-07T12:00 | 08T03:00-02:30 09T02:30-02:30
          America/St_Johns | 30 1 * * * | 2026-10-31T12:00 | 01T01:30-02:30 02T01:30-03:30
          America/St_Johns | 30 * * * * | 2026-11-01T00:45 | 01T01:30-02:30 01T01:30-03:30
          # changed by half an hour: 02:00 -> 02:30, and 02:00 -> 01:30
          Australia/Lord_Howe | 15 2 * * *    | 2026-10-03T12:00 | 04T02:30+11 05T02:15+11
          Australia/Lord_Howe | 0 2 * * *     | 2026-10-03T12:00 | 04T02:30+11 05T02:00+11
          Australia/Lord_Howe | 45 1 * * *    | 2026-04-04T12:00 | 05T01:45+11 06T01:45+10:30
          Australia/Lord_Howe | */15 * * * *  | 2026-10-04T01:44 | 04T01:45+10:30 04T02:30+11
          Australia/Lord_Howe | 45 * * * *    | 2026-04-05T01:00 | 05T01:45+11 05T01:45+10:30
          UTC           | 30 2 * * *    | 2026-03-28T12:00 | 29T02:30+00 30T02:30+00
          # a day that never was
          Pacific/Apia  | 0 12 * * *    | 2011-12-29T12:00 | 31T00:00+14 31T12:00+14
          """)
  void aChangeOfTheClockNeitherLosesNorDoublesATimeOfTheDay(
      String zone, String cron, LocalDateTime after, String times) {
    ZoneId id = ZoneId.of(zone);
    Instant last = after.atZone(id).toInstant();
    for (String time : times.split(" ")) {
      last = CronRule.parse(cron).after(last, id);
      OffsetDateTime local = last.atZone(id).toOffsetDateTime();
      assertThat(
              String.format(Locale.ROOT, "%td", local)
                  + "T"
                  + local.toLocalTime()
                  + local.getOffset())
          .startsWith(time.replace("+00", "Z"));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "* * * *",
        "* * * * * * *",
        "60 * * * *",
        "* 24 * * *",
        "* * 0 * *",
        "* * 32 * *",
        "* * * 13 *",
        "* * * * 8",
        "-1 * * * *",
        "1- * * * *",
        "5-1 * * * *",
        "*/0 * * * *",
        "*/60 * * * *",
        "*/ * * * *",
        "1,,2 * * * *",
        ", * * * *",
        "*5 * * * *",
        "* * * FOO *",
        "* * * * MONDAY",
        "* * * * L",
        "* * 15W * *",
        "* * * * 5#2",
        "\u0661 * * * *",
        "@never",
        "0 0 30 2 *",
        "0 0 31 4,6,9,11 *",
        "0 0 31 2 ?",
      })
  void whatCannotBeReadOrNeverFiresIsRefusedByName(String cron) {
    assertThatThrownBy(() -> CronRule.parse(cron))
        .isInstanceOfSatisfying(
            BrokerException.Rejected.class, e -> assertThat(e.field()).isEqualTo("cron"))
        .hasMessageStartingWith("cron ");
  }

  @Test
  void aLongExpressionIsRefusedAndNotShown() {
    assertThatThrownBy(() -> CronRule.parse("1,".repeat(1_000) + "1 * * * *"))
        .isInstanceOf(BrokerException.Rejected.class)
        .message()
        .hasSizeLessThan(200);
  }

  /**
   * The rule of docs/schedules.md in its plainest form: goes through all local times, and all real
   * ones, of the days around a change.
   */
  @Test
  void everyTimeAroundAChangeIsWhatGoingThroughAllOfThemFinds() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 400; i++) {
      ZoneId zone = ZoneId.of(ZONES.get(random.nextInt(ZONES.size())));
      String minute = part(random, 60);
      boolean star = random.nextInt(3) == 0;
      String hour =
          star
              ? (random.nextBoolean() ? "*" : "*/" + (1 + random.nextInt(6)))
              : "" + random.nextInt(5);
      String cron = minute + " " + hour + " * * *";
      Instant start = change(zone, random).minusSeconds(36 * 3_600);
      List<Instant> expected = slowly(minute, hour, star, zone, start);
      List<Instant> found = new ArrayList<>();
      CronRule rule = CronRule.parse(cron);
      for (Instant due = rule.after(start, zone);
          due.isBefore(start.plusSeconds(3 * 86_400));
          due = rule.after(due, zone)) {
        found.add(due);
      }
      assertThat(found)
          .as("seed %d: %s in %s from %s", seed, cron, zone, start)
          .isEqualTo(expected);
    }
  }

  private static String part(SplittableRandom random, int max) {
    return switch (random.nextInt(3)) {
      case 0 -> "*/" + (7 + random.nextInt(30));
      case 1 -> random.nextInt(max) + "," + random.nextInt(max);
      default -> "" + random.nextInt(max);
    };
  }

  private static Instant change(ZoneId zone, SplittableRandom random) {
    Instant from = Instant.parse("2026-01-01T00:00:00Z").plusSeconds(random.nextInt(400) * 86_400L);
    var change = zone.getRules().nextTransition(from);
    return change == null ? from : change.getInstant();
  }

  private static List<Instant> slowly(
      String minute, String hour, boolean star, ZoneId zone, Instant start) {
    TreeSet<Instant> all = new TreeSet<>();
    Instant end = start.plusSeconds(3 * 86_400);
    LocalDateTime local = LocalDateTime.ofInstant(start, zone).minusDays(1).withSecond(0);
    for (int i = 0; i < 6 * 1_440; i++) {
      LocalDateTime time = local.plusMinutes(i).withNano(0);
      if (fits(minute, time.getMinute()) && fits(hour, time.getHour())) {
        List<ZoneOffset> offsets = zone.getRules().getValidOffsets(time);
        if (star) {
          offsets.forEach(offset -> all.add(time.toInstant(offset)));
        } else if (offsets.isEmpty()) {
          all.add(zone.getRules().getTransition(time).getInstant());
        } else {
          all.add(time.toInstant(offsets.getFirst()));
        }
      }
    }
    return all.stream().filter(due -> due.isAfter(start) && due.isBefore(end)).toList();
  }

  private static boolean fits(String field, int value) {
    if (field.equals("*")) {
      return true;
    }
    return field.startsWith("*/")
        ? value % Integer.parseInt(field.substring(2)) == 0
        : List.of(field.split(",")).contains("" + value);
  }
}
