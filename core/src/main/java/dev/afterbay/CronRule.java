package dev.afterbay;

import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.temporal.ChronoUnit;
import java.time.zone.ZoneOffsetTransition;
import java.time.zone.ZoneRules;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * A cron expression, and when it fires (decision 0018). The fields are local times of a zone, whose
 * clock people change twice a year. What is meant then depends on the hour field:
 *
 * <ul>
 *   <li>Hours are named ({@code 30 2 * * *}): each local time is meant once. One that is skipped
 *       fires at the end of the gap, several of them together once; one that is repeated fires at
 *       its first occurrence only.
 *   <li>The hour is {@code *} or a step such as {@code *}{@code /2}: a rhythm is meant. Every real
 *       time whose local time matches fires, so a repeated one twice and a skipped one never.
 * </ul>
 *
 * <p>Where days of the month and of the week are both restricted, either fires, as crontab(5) has
 * it; a field with a {@code *} in it is no restriction there.
 */
final class CronRule {
  /*
   * Fields are sets of bits, and the next time is found from the largest field down: a date by its
   * month and day, then the time of the day. No loop over seconds, so a yearly rule costs a few
   * hundred steps and one of each second one.
   */

  static final int CHARS_MAX = 256;

  /**
   * Within so many years each rule that ever fires has: 29 February on a Sunday comes each 28
   * years, but where a century has no such day it may take 40.
   */
  private static final int YEARS_MAX = 41;

  private static final String MONTHS = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";
  private static final String WEEKDAYS = "SUNMONTUEWEDTHUFRISAT";
  private static final int SUNDAY_TOO = 7;

  private final long seconds;
  private final long minutes;
  private final long hours;
  private final long days;
  private final long months;
  private final long weekdays;

  /** Else both must match: one of them, or each, has a star. */
  private final boolean eitherDay;

  /** Whether a rhythm is meant, and not times of the day. */
  private final boolean everyRealTime;

  private CronRule(String[] fields) {
    seconds = set("second", fields[0], 0, 59, "");
    minutes = set("minute", fields[1], 0, 59, "");
    hours = set("hour", fields[2], 0, 23, "");
    days = set("day of month", fields[3], 1, 31, "");
    months = set("month", fields[4], 1, 12, MONTHS);
    long week = set("day of week", fields[5], 0, SUNDAY_TOO, WEEKDAYS);
    weekdays = (week & 1L << SUNDAY_TOO) == 0 ? week : (week | 1) & ~(1L << SUNDAY_TOO);
    eitherDay = !hasStar(fields[3]) && !hasStar(fields[5]);
    everyRealTime = hasStar(fields[2]);
  }

  /**
   * Reads five fields, six with seconds first, or a word such as {@code @daily}.
   *
   * @throws BrokerException.Rejected naming {@code cron} if it cannot be read, or never fires
   */
  static CronRule parse(String text) {
    if (text.length() > CHARS_MAX) {
      throw wrong("must have at most " + CHARS_MAX + " characters");
    }
    String[] fields = spelledOut(text.strip()).split("[ \t]+");
    if (fields.length == 5) {
      fields = ("0 " + String.join(" ", fields)).split(" ");
    }
    if (fields.length != 6) {
      throw wrong(
          "must have 5 fields (minute hour day month weekday), 6 with seconds first, or be a word"
              + " such as @daily: "
              + shown(text));
    }
    CronRule rule = new CronRule(fields);
    // Any year does: this looks at the calendar alone.
    if (rule.match(LocalDate.EPOCH.atStartOfDay()) == null) {
      throw wrong("can never fire, there is no such day: " + shown(text));
    }
    return rule;
  }

  private static String spelledOut(String text) {
    return switch (text.toLowerCase(Locale.ROOT)) {
      case "@yearly", "@annually" -> "0 0 1 1 *";
      case "@monthly" -> "0 0 1 * *";
      case "@weekly" -> "0 0 * * 0";
      case "@daily", "@midnight" -> "0 0 * * *";
      case "@hourly" -> "0 * * * *";
      default -> {
        if (text.startsWith("@")) {
          throw wrong(
              "knows @yearly, @annually, @monthly, @weekly, @daily, @midnight and @hourly: "
                  + shown(text));
        }
        yield text;
      }
    };
  }

  private static boolean hasStar(String field) {
    return field.indexOf('*') >= 0 || field.equals("?");
  }

  private static long set(String field, String text, int min, int max, String names) {
    long set = 0;
    for (String part : text.split(",", -1)) {
      int slash = part.indexOf('/');
      String range = slash < 0 ? part : part.substring(0, slash);
      int step = slash < 0 ? 1 : number(field + " step", part.substring(slash + 1), 1, max, "");
      int dash = range.indexOf('-');
      boolean all = range.equals("*") || range.equals("?");
      int from =
          all ? min : number(field, dash < 0 ? range : range.substring(0, dash), min, max, names);
      int to = from;
      if (all || (dash < 0 && slash >= 0)) {
        to = max == SUNDAY_TOO ? max - 1 : max; // Else Sunday would be in it twice.
      } else if (dash >= 0) {
        to = number(field, range.substring(dash + 1), min, max, names);
        to = to == 0 && from > 0 && max == SUNDAY_TOO ? SUNDAY_TOO : to; // FRI-SUN
      }
      if (to < from) {
        throw wrong("has a " + field + " range that goes down: " + shown(part));
      }
      for (int value = from; value <= to; value += step) {
        set |= 1L << value;
      }
    }
    return set;
  }

  private static int number(String field, String text, int min, int max, String names) {
    int name = text.length() == 3 ? names.indexOf(text.toUpperCase(Locale.ROOT)) : -1;
    if (name >= 0 && name % 3 == 0) {
      return name / 3 + min;
    }
    boolean digits = text.length() <= 2 && text.chars().allMatch(c -> c >= '0' && c <= '9');
    if (digits && !text.isEmpty()) {
      int number = Integer.parseInt(text);
      if (number >= min && number <= max) {
        return number;
      }
    }
    String orNames = names.isEmpty() ? "" : ", or a name such as " + names.substring(0, 3);
    throw wrong(
        "has a wrong " + field + ", must be " + min + " to " + max + orNames + ": " + shown(text));
  }

  private static BrokerException.Rejected wrong(String what) {
    return new BrokerException.Rejected("cron", "cron " + what);
  }

  private static String shown(String text) {
    return '"' + PlainText.line(text, 40) + '"';
  }

  /** The first time after the given one at which it fires. */
  Instant after(Instant time, ZoneId zone) {
    ZoneRules rules = zone.getRules();
    Instant second = time.truncatedTo(ChronoUnit.SECONDS);
    return everyRealTime ? realAfter(second, rules) : namedAfter(second, rules);
  }

  /** Goes from one change of the clock to the next: between them real and local time run alike. */
  private Instant realAfter(Instant second, ZoneRules rules) {
    Instant from = second.plusSeconds(1);
    while (true) {
      ZoneOffset offset = rules.getOffset(from);
      Instant due = matched(LocalDateTime.ofInstant(from, offset)).toInstant(offset);
      ZoneOffsetTransition change = rules.nextTransition(from);
      if (change == null || due.isBefore(change.getInstant())) {
        return due;
      }
      from = change.getInstant();
    }
  }

  /** Goes through local times, each of which has one real time at which it fires. */
  private Instant namedAfter(Instant second, ZoneRules rules) {
    LocalDateTime local = LocalDateTime.ofInstant(second, rules.getOffset(second)).plusSeconds(1);
    while (true) {
      local = matched(local);
      ZoneOffsetTransition change = rules.getTransition(local);
      Instant due = due(local, change, rules);
      if (due.isAfter(second)) {
        return due;
      }
      // It is repeated, and fired when it came first: so did all up to the end of the overlap.
      local = change == null || change.isGap() ? local.plusSeconds(1) : change.getDateTimeBefore();
    }
  }

  private static Instant due(
      LocalDateTime local, @Nullable ZoneOffsetTransition change, ZoneRules rules) {
    if (change == null) {
      return local.toInstant(rules.getOffset(local));
    }
    return change.isGap() ? change.getInstant() : local.toInstant(change.getOffsetBefore());
  }

  private LocalDateTime matched(LocalDateTime from) {
    LocalDateTime match = match(from);
    if (match == null) {
      throw new IllegalStateException("no time within " + YEARS_MAX + " years of " + from);
    }
    return match;
  }

  /** The first local time from the given one on; null: none within {@link #YEARS_MAX}. */
  private @Nullable LocalDateTime match(LocalDateTime from) {
    LocalDate day = from.toLocalDate();
    LocalDate last = day.plusYears(YEARS_MAX);
    LocalTime earliest = from.toLocalTime();
    while (!day.isAfter(last)) {
      LocalTime time = isDay(day) ? timeFrom(earliest) : null;
      if (time != null) {
        return day.atTime(time);
      }
      boolean month = has(months, day.getMonthValue());
      day = month ? day.plusDays(1) : day.withDayOfMonth(1).plusMonths(1);
      earliest = LocalTime.MIDNIGHT;
    }
    return null;
  }

  private boolean isDay(LocalDate day) {
    boolean ofMonth = has(days, day.getDayOfMonth());
    boolean ofWeek = has(weekdays, day.getDayOfWeek().getValue() % 7);
    return has(months, day.getMonthValue()) && (eitherDay ? ofMonth || ofWeek : ofMonth && ofWeek);
  }

  /** The first time of a day from the given one on; null: none. */
  private @Nullable LocalTime timeFrom(LocalTime from) {
    int hour = next(hours, from.getHour());
    int minute = hour == from.getHour() ? next(minutes, from.getMinute()) : first(minutes);
    boolean now = hour == from.getHour() && minute == from.getMinute();
    int second = now ? next(seconds, from.getSecond()) : first(seconds);
    if (hour >= 0 && minute >= 0 && second < 0) {
      minute = next(minutes, minute + 1);
      second = first(seconds);
    }
    if (hour >= 0 && minute < 0) {
      hour = next(hours, hour + 1);
      minute = first(minutes);
      second = first(seconds);
    }
    return hour < 0 ? null : LocalTime.of(hour, minute, second);
  }

  private static boolean has(long set, int value) {
    return (set & 1L << value) != 0;
  }

  /** The least value from the given one on; -1: none. */
  private static int next(long set, int from) {
    long rest = set & -1L << from;
    return from > 63 || rest == 0 ? -1 : first(rest);
  }

  private static int first(long set) {
    return Long.numberOfTrailingZeros(set);
  }
}
