package dev.afterbay.http;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Logs what strangers can cause: of each kind a few lines a minute, and then how many were left
 * out, so that whoever sends bad requests does not fill a disk with them.
 */
final class RateLimitedLog {

  /** Of one kind, in a minute. */
  static final int LINES_MAX = 10;

  static final long MINUTE_TICKS = 60_000;

  private final LongSupplier ticks;
  private final Executor writing;
  private final Map<String, Kind> kinds = new HashMap<>();

  /**
   * @param ticks in milliseconds
   */
  RateLimitedLog(LongSupplier ticks) {
    this(ticks, Runnable::run);
  }

  /**
   * @param writing writes each line: a log may stall with its disk or whoever reads it, and an
   *     event loop must not
   */
  RateLimitedLog(LongSupplier ticks, Executor writing) {
    this.ticks = ticks;
    this.writing = writing;
  }

  /** The lines of a kind since its first one. */
  private static final class Kind {
    private final Logger log;
    private final Level level;
    private final int most;
    private final long since;
    private long lines;

    Kind(Logger log, Level level, int most, long since) {
      this.log = log;
      this.level = level;
      this.most = most;
      this.since = since;
    }
  }

  /**
   * @param kind one of a fixed set of words, never what a stranger chose
   */
  void warn(Logger log, String kind, String text) {
    write(log, Level.WARNING, LINES_MAX, kind, text, null);
  }

  /** As {@link #warn(Logger, String, String)}, but one line a minute is enough. */
  void warnOnce(Logger log, String kind, String text) {
    write(log, Level.WARNING, 1, kind, text, null);
  }

  /** As {@link #warn(Logger, String, String)}, for what is the caller's fault. */
  void info(Logger log, String kind, String text) {
    write(log, Level.INFO, LINES_MAX, kind, text, null);
  }

  /** As {@link #warn(Logger, String, String)}, with what was thrown. */
  void warn(Logger log, String kind, String text, @Nullable Throwable thrown) {
    write(log, Level.WARNING, LINES_MAX, kind, text, thrown);
  }

  /** As {@link #warn(Logger, String, String)}, for what a person must look at. */
  void error(Logger log, String kind, String text) {
    write(log, Level.ERROR, LINES_MAX, kind, text, null);
  }

  /** As {@link #error(Logger, String, String)}, with what was thrown. */
  void error(Logger log, String kind, String text, @Nullable Throwable thrown) {
    write(log, Level.ERROR, LINES_MAX, kind, text, thrown);
  }

  private synchronized void write(
      Logger log, Level level, int most, String kind, String text, @Nullable Throwable thrown) {
    sweep();
    Kind seen = kinds.computeIfAbsent(kind, _ -> new Kind(log, level, most, ticks.getAsLong()));
    seen.lines++;
    if (seen.lines <= most) {
      writing.execute(() -> log.log(level, text, thrown));
    }
  }

  /** Says what was left out of the minutes that are over; called now and then. */
  synchronized void sweep() {
    long latest = ticks.getAsLong() - MINUTE_TICKS;
    for (Iterator<Map.Entry<String, Kind>> all = kinds.entrySet().iterator(); all.hasNext(); ) {
      Map.Entry<String, Kind> entry = all.next();
      if (entry.getValue().since <= latest) {
        all.remove();
        end(entry.getKey(), entry.getValue());
      }
    }
  }

  private void end(String kind, Kind seen) {
    long more = seen.lines - seen.most;
    if (more > 0) {
      String text = more + " more lines like this were left out: " + kind;
      writing.execute(() -> seen.log.log(seen.level, text));
    }
  }
}
