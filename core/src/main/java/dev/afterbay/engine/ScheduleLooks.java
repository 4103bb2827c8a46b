package dev.afterbay.engine;

import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** When to look at each schedule, paused ones too. For one thread at a time. */
final class ScheduleLooks {

  private static final long FIRST_PAUSE_MILLIS = 1_000;
  private static final long LONGEST_PAUSE_MILLIS = 30_000;

  /**
   * A schedule in memory.
   *
   * @param at when to look at it, milliseconds of the calendar
   * @param failures in a row, before that look
   */
  record Look(long at, String name, int failures) implements Comparable<Look> {
    /** After a pause that grows with the failures. */
    static Look later(String name, int failures, Instant now) {
      long pause = Math.min(FIRST_PAUSE_MILLIS << Math.min(failures, 10), LONGEST_PAUSE_MILLIS);
      return new Look(now.toEpochMilli() + pause, name, failures + 1);
    }

    @Override
    public int compareTo(Look that) {
      int byTime = Long.compare(at, that.at);
      return byTime != 0 ? byTime : name.compareTo(that.name);
    }
  }

  private final Map<String, Look> byName = new HashMap<>();

  /** The same ones. */
  private final TreeSet<Look> order = new TreeSet<>();

  void put(Look look) {
    remove(look.name());
    byName.put(look.name(), look);
    order.add(look);
  }

  void remove(String name) {
    Look before = byName.remove(name);
    if (before != null) {
      order.remove(before);
    }
  }

  @Nullable Look of(String name) {
    return byName.get(name);
  }

  int size() {
    return byName.size();
  }

  /** When the earliest is; null: there is none. */
  @Nullable Long earliest() {
    return order.isEmpty() ? null : order.first().at();
  }

  /** Those up to that time, the earliest first. */
  List<Look> due(long time, int max) {
    return order.stream().limit(max).takeWhile(look -> look.at() <= time).toList();
  }
}
