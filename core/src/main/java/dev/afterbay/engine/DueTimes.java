package dev.afterbay.engine;

import dev.afterbay.Schedules;
import dev.afterbay.Schedules.Definition;
import dev.afterbay.Schedules.Missed;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
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
    long window = FIRST_WINDOW_SECONDS;
    while (true) {
      Instant from = now.minusSeconds(window);
      boolean whole = !from.isAfter(first);
      Deque<Instant> times = new ArrayDeque<>();
      Instant time = whole ? first : definition.after(from);
      while (!time.isAfter(now)) {
        times.add(time);
        if (times.size() > max) {
          times.removeFirst();
        }
        time = definition.after(time);
      }
      if (whole || times.size() == max) {
        return List.copyOf(times);
      }
      window *= WIDER;
    }
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
