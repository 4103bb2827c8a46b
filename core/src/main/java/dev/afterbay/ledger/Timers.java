package dev.afterbay.ledger;

import dev.afterbay.Due;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The jobs whose time has not come, by tick and by wall time; the near ones are in memory. */
final class Timers {

  /** A point on one of the two clocks. */
  record Point(long time, JobId id, int reason) implements Comparable<Point> {
    @Override
    public int compareTo(Point that) {
      int byTime = Long.compare(time, that.time);
      int byId = byTime != 0 ? byTime : id.compareTo(that.id);
      return byId != 0 ? byId : Integer.compare(reason, that.reason);
    }
  }

  /** How often the wall clock is looked at, in ticks: it may have been set. */
  private static final long WALL_LOOK_TICKS = 1_000;

  private final Tables tables;
  private final LaneWindow<Point, Boolean> ticks;
  private final LaneWindow<Point, Boolean> walls;

  Timers(Tables tables, int windowMax) {
    this.tables = tables;
    this.ticks = new LaneWindow<>(windowMax, false);
    this.walls = new LaneWindow<>(windowMax, false);
  }

  void add(Due due, JobId id) {
    add(table(due), Keys.due(due, id));
  }

  void remove(Due due, JobId id) {
    remove(table(due), Keys.due(due, id));
  }

  /** A time to live ends then. */
  void addExpiry(Instant end, JobId id) {
    add(Tables.Table.DUE_WALL, Keys.wallTimer(end, id, Keys.EXPIRES));
  }

  void removeExpiry(Instant end, JobId id) {
    remove(Tables.Table.DUE_WALL, Keys.wallTimer(end, id, Keys.EXPIRES));
  }

  private void add(Tables.Table table, byte[] key) {
    tables.put(table, key, Keys.NOTHING);
    window(table).add(point(key), true, _ -> {});
  }

  private void remove(Tables.Table table, byte[] key) {
    tables.delete(table, key);
    window(table).remove(point(key));
  }

  boolean has(Due due, JobId id) {
    return tables.get(table(due), Keys.due(due, id)) != null;
  }

  /** Where a job waits for its time. */
  static Tables.Table table(Due due) {
    return due instanceof Due.At ? Tables.Table.DUE_WALL : Tables.Table.DUE_TICK;
  }

  /** Reads on where a window ran empty. */
  void refill() {
    refill(Tables.Table.DUE_TICK);
    refill(Tables.Table.DUE_WALL);
  }

  /** A job that is due; null: none in memory. */
  @Nullable JobId nextDue(Moment now) {
    Map.Entry<Point, Boolean> first = ticks.first();
    if (first != null && first.getKey().time() <= now.tick()) {
      return first.getKey().id();
    }
    for (Point point : walls.keys()) {
      if (point.time() > now.wall().toEpochMilli()) {
        return null;
      }
      if (point.reason() == Keys.BECOMES_DUE) {
        return point.id();
      }
    }
    return null;
  }

  /** Jobs whose time to live is over, as far as they are in memory. */
  Iterable<Point> walls() {
    return walls.keys();
  }

  /** Whether there may be jobs that wait for a tick. */
  boolean waitForTicks() {
    return !ticks.isVoid();
  }

  /** The tick at which somebody should look again. */
  long nextLook(Moment now) {
    Map.Entry<Point, Boolean> tick = ticks.first();
    long next = tick == null ? Long.MAX_VALUE : tick.getKey().time();
    for (Point point : walls.keys()) {
      if (point.reason() == Keys.BECOMES_DUE) {
        long rest = point.time() - now.wall().toEpochMilli();
        return Math.min(next, now.tick() + Math.clamp(rest, 0, WALL_LOOK_TICKS));
      }
    }
    return next;
  }

  private void refill(Tables.Table table) {
    LaneWindow<Point, Boolean> window = window(table);
    if (window.wantsRefill()) {
      Point covered = window.covered();
      byte[] from = covered == null ? Keys.NOTHING : Keys.next(key(table, covered));
      window.refill(tables, table, from, null, Timers::point, _ -> true);
    }
  }

  private LaneWindow<Point, Boolean> window(Tables.Table table) {
    return table == Tables.Table.DUE_TICK ? ticks : walls;
  }

  private static byte[] key(Tables.Table table, Point point) {
    return table == Tables.Table.DUE_TICK
        ? Keys.timer(point.time(), point.id())
        : Keys.wallTimer(Instant.ofEpochMilli(point.time()), point.id(), point.reason());
  }

  /** That of a key of either table: only those of wall times have a reason behind the id. */
  private static Point point(byte[] key) {
    int reason = key.length > Keys.TIMER_BYTES ? key[Keys.TIMER_BYTES] : Keys.BECOMES_DUE;
    return new Point(Keys.timeOf(key), Keys.idAt(key, Long.BYTES), reason);
  }
}
