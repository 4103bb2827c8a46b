package dev.afterbay.engine;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;

/** Says what is wrong with schedules, a few lines a minute: thousands may fail together. */
final class ScheduleLog {

  private static final Logger LOG = System.getLogger(Engine.class.getName());
  private static final int LINES_MAX = 10;
  private static final long MINUTE_TICKS = 60_000;

  private final Engine engine;
  private long since = -MINUTE_TICKS;
  private long lines;

  ScheduleLog(Engine engine) {
    this.engine = engine;
  }

  synchronized void warn(String schedule, String what) {
    long now = engine.clock().now().tick();
    if (now - since >= MINUTE_TICKS) {
      if (lines > LINES_MAX) {
        LOG.log(Level.WARNING, (lines - LINES_MAX) + " more lines on schedules were left out");
      }
      since = now;
      lines = 0;
    }
    lines++;
    if (lines <= LINES_MAX) {
      LOG.log(Level.WARNING, "schedule " + schedule + " " + what);
    }
  }
}
