package dev.afterbay.engine;

import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * Which due times of a schedule bring a job now. Pure: time is an argument.
 *
 * @param fire the earliest first
 * @param decided all up to this one are fired or left out for good
 * @param tooMany more were missed than are made up for
 */
record DueTimes(List<Instant> fire, Instant decided, boolean tooMany) {
  /*
   * A due time that passed a moment ago is late, not missed: a pause of the process, or a disk that
   * was slow. Where the earliest of them is later than that, nobody was there, and all that passed
   * meanwhile is missed together: else a process that was away for a minute would fire one job for
   * the minute, and then one for each of the last three seconds.
   */

  /** What is later than this is missed. */
  static final Duration LATE_MAX = Duration.ofSeconds(3);

  /** A calendar that was set back by more than this was wrong before, and what was decided too. */
  static final Duration SET_BACK_MAX = Duration.ofHours(3);

  /** Jobs of one commit. */
  static final int FIRED_MAX = 100;

  /**
   * How far back latest times are sought at first; a cron expression has one each second at most.
   */
  private static final long FIRST_WINDOW_SECONDS = 64;

  private static final int WIDER = 16;

  /** Due times that are not worth a shorter window. */
  private static final int ENOUGH = 64;

  /**
   * @param next the first due time that is not decided; has passed
   * @param failing it could not fire before, so what passed meanwhile was not missed by absence
   */
  static DueTimes of(Definition definition, Instant next, Instant now, boolean failing) {
    boolean late = next.isBefore(now.minus(LATE_MAX));
    boolean all = !late || definition.missed() == Missed.ALL;
    List<Instant> times = latest(definition, next, now, all ? Schedules.MISSED_MAX : 1);
    Instant last = times.getLast();
    if (late && definition.missed() == Missed.SKIP && !failing) {
      return new DueTimes(List.of(), last, false);
    }
    if (definition.overlap() == Schedules.Overlap.SKIP) {
      return new DueTimes(List.of(last), last, false);
    }
    boolean tooMany = all && times.getFirst().isAfter(next);
    if (times.size() > FIRED_MAX) {
      List<Instant> first = times.subList(0, FIRED_MAX);
      return new DueTimes(List.copyOf(first), first.getLast(), tooMany);
    }
    return new DueTimes(times, last, tooMany);
  }

  /** The due times from {@code first} to {@code now}, of those the latest {@code max}. */
  private static List<Instant> latest(Definition definition, Instant first, Instant now, int max) {
    Duration every = definition.every();
    if (every != null) {
      long passed = Duration.between(first, now).dividedBy(every);
      List<Instant> times = new ArrayList<>();
      for (long i = Math.max(0, passed - max + 1); i <= passed; i++) {
        times.add(first.plus(every.multipliedBy(i)));
      }
      return times;
    }
    return latestOfCalendar(definition, first, now, max);
  }

  /**
   * Looks at ever longer times before now, until one has enough of them. Where that one has far too
   * many, as after the one busy day of a year, its length is halved towards the last that had too
   * few: two that differ by a second differ by one due time at most.
   */
  private static List<Instant> latestOfCalendar(
      Definition definition, Instant first, Instant now, int max) {
    long whole = Duration.between(first, now).toSeconds() + 1;
    long few = 0;
    long many = Long.MAX_VALUE;
    long window = Math.min(FIRST_WINDOW_SECONDS, whole);
    while (true) {
      boolean all = window == whole;
      List<Instant> times = new ArrayList<>(all ? List.of(first) : List.of());
      Instant from = all ? first : now.minusSeconds(window);
      if (!isAdded(times, definition, from, now, 2 * max + ENOUGH)) {
        many = window;
      } else if (all || times.size() >= max) {
        return List.copyOf(times.subList(Math.max(0, times.size() - max), times.size()));
      } else {
        few = window;
      }
      window = many == Long.MAX_VALUE ? Math.min(window * WIDER, whole) : few + (many - few) / 2;
    }
  }

  /** The due times after the one up to the other; false: there are more than so many. */
  private static boolean isAdded(
      List<Instant> times, Definition definition, Instant after, Instant now, int limit) {
    Instant last = after;
    // Ever more at once: each time a cron expression is parsed, and those after now are for
    // nothing.
    for (int count = 1; times.size() <= limit; count = Math.min(2 * count, limit)) {
      for (Instant time : definition.after(last, count)) {
        if (time.isAfter(now)) {
          return true;
        }
        times.add(time);
      }
      last = times.getLast();
    }
    return false;
  }

  /**
   * Whether the calendar was set back, so that the next due time is further away than it can be.
   *
   * <p>Intervals measure time that passes, so they begin anew. Times of the calendar that came
   * already do not come a second time, as in the hour that a change of the clock repeats; unless
   * the calendar was set back so far that it was wrong before.
   */
  static boolean isAhead(Definition definition, Instant decided, Instant next, Instant now) {
    Duration every = definition.every();
    return every != null ? next.isAfter(now.plus(every)) : decided.isAfter(now.plus(SET_BACK_MAX));
  }
}
