package dev.afterbay.contract;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.ReceiveOptions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What should be claimed, found by looking at every job each time. */
final class LaneModel {

  enum Stage {
    PENDING,
    PROCESSING,
    ENDED
  }

  static final class Entry {
    final JobId id;
    final String type;
    final @Nullable String line;
    final long rank;
    final int number;
    long dueTick;
    Stage stage = Stage.PENDING;

    Entry(Job job, int number, long dueTick) {
      this.id = job.id();
      this.type = job.message().type();
      this.line = job.line();
      this.rank = job.rank();
      this.number = number;
      this.dueTick = dueTick;
    }

    boolean isDue(long tick) {
      return stage == Stage.PENDING && dueTick <= tick;
    }

    boolean isBehind(Entry other) {
      return line != null && line.equals(other.line) && other.number < number;
    }
  }

  private static final Comparator<Entry> READY_ORDER =
      Comparator.<Entry>comparingLong(entry -> entry.rank).thenComparingInt(entry -> entry.number);

  final List<Entry> entries = new ArrayList<>();

  /** The tick until which a session is held. */
  final Map<String, Long> held = new HashMap<>();

  boolean paused;

  void add(Job job, long dueTick) {
    entries.add(new Entry(job, entries.size(), dueTick));
  }

  /** Takes what a claim should give; with a session, for its consumer. */
  List<JobId> claim(int max, ReceiveOptions.Types types, @Nullable String session, long tick) {
    List<JobId> claimed = new ArrayList<>();
    Predicate<Entry> wanted =
        entry ->
            session == null
                ? isOpen(entry, tick)
                : session.equals(entry.line) && isTurn(entry, tick);
    while (claimed.size() < max) {
      Entry next = first(entry -> wanted.test(entry) && types.takes(entry.type));
      if (paused || next == null) {
        break;
      }
      next.stage = Stage.PROCESSING;
      claimed.add(next.id);
    }
    return claimed;
  }

  /**
   * What is delivered next if each is done at once, and what is being processed or held now is
   * done.
   */
  List<JobId> peek(int max, long tick) {
    List<Entry> left = new ArrayList<>(in(Stage.PENDING));
    List<JobId> next = new ArrayList<>();
    while (next.size() < max) {
      Entry first =
          left.stream()
              .filter(entry -> entry.isDue(tick) && left.stream().noneMatch(entry::isBehind))
              .min(READY_ORDER)
              .orElse(null);
      if (first == null) {
        break;
      }
      left.remove(first);
      next.add(first.id);
    }
    return next;
  }

  /** The session that somebody who names none should get. */
  @Nullable String freeSession(long tick) {
    Entry first = first(entry -> entry.line != null && isOpen(entry, tick));
    return paused || first == null ? null : first.line;
  }

  boolean isFree(String session, long tick) {
    return !paused
        && !isHeld(session, tick)
        && entries.stream()
            .noneMatch(entry -> session.equals(entry.line) && entry.stage == Stage.PROCESSING);
  }

  long pending(long tick) {
    return entries.stream().filter(entry -> entry.isDue(tick)).count();
  }

  /** Whether a session has a job whose time has not come. */
  boolean waits(String session, long tick) {
    return in(Stage.PENDING).stream()
        .anyMatch(entry -> session.equals(entry.line) && !entry.isDue(tick));
  }

  List<Entry> in(Stage stage) {
    return entries.stream().filter(entry -> entry.stage == stage).toList();
  }

  /** Holds that were not renewed end. */
  void lapse(long tick) {
    for (String session : List.copyOf(held.keySet())) {
      if (!isHeld(session, tick)) {
        free(session, tick);
      }
    }
  }

  /** The session is anybody's, and what its consumer has not settled is back. */
  void free(String session, long tick) {
    held.remove(session);
    for (Entry entry : entries) {
      if (session.equals(entry.line) && entry.stage == Stage.PROCESSING) {
        entry.stage = Stage.PENDING;
        entry.dueTick = tick;
      }
    }
  }

  boolean isHeld(String session, long tick) {
    return held.getOrDefault(session, Long.MIN_VALUE) > tick;
  }

  private boolean isOpen(Entry entry, long tick) {
    String line = entry.line;
    return line == null ? entry.isDue(tick) : !isHeld(line, tick) && isTurn(entry, tick);
  }

  /** It is due, and all that were accepted before it in its session have ended. */
  private boolean isTurn(Entry entry, long tick) {
    return entry.isDue(tick)
        && entries.stream()
            .filter(other -> Objects.equals(other.line, entry.line) && other.number != entry.number)
            .noneMatch(other ->
                other.stage == Stage.PROCESSING
                    || (other.stage == Stage.PENDING && other.number < entry.number));
  }

  private @Nullable Entry first(Predicate<Entry> wanted) {
    return entries.stream().filter(wanted).min(READY_ORDER).orElse(null);
  }
}
