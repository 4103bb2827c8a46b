package dev.afterbay.ledger;

import dev.afterbay.Due;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import java.time.Instant;
import java.util.Arrays;
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
    switch (due) {
      case Due.AtTick(long tick) -> {
        tables.put(Tables.Table.DUE_TICK, Keys.timer(tick, id), Keys.NOTHING);
        ticks.add(new Point(tick, id, Keys.BECOMES_DUE), true, _ -> {});
      }
      case Due.At(Instant wall) -> addWall(wall, id, Keys.BECOMES_DUE);
    }
  }

  void remove(Due due, JobId id) {
    switch (due) {
      case Due.AtTick(long tick) -> {
        tables.delete(Tables.Table.DUE_TICK, Keys.timer(tick, id));
        ticks.remove(new Point(tick, id, Keys.BECOMES_DUE));
      }
      case Due.At(Instant wall) -> removeWall(wall, id, Keys.BECOMES_DUE);
    }
  }

  void addWall(Instant wall, JobId id, int reason) {
    byte[] key = Keys.wallTimer(wall, id, reason);
    tables.put(Tables.Table.DUE_WALL, key, Keys.NOTHING);
    walls.add(new Point(Keys.timeOf(key), id, reason), true, _ -> {});
  }

  void removeWall(Instant wall, JobId id, int reason) {
    byte[] key = Keys.wallTimer(wall, id, reason);
    tables.delete(Tables.Table.DUE_WALL, key);
    walls.remove(new Point(Keys.timeOf(key), id, reason));
  }

  boolean has(Due due, JobId id) {
    return tables.get(table(due), Keys.due(due, id)) != null;
  }

  /** Where a job waits for its time. */
  static Tables.Table table(Due due) {
    return due instanceof Due.At ? Tables.Table.DUE_WALL : Tables.Table.DUE_TICK;
  }

  /** A window ran empty: the caller writes what has gathered, then refills. */
  boolean wantsRefill() {
    return ticks.wantsRefill() || walls.wantsRefill();
  }

  void refill() {
    if (ticks.wantsRefill()) {
      refill(Tables.Table.DUE_TICK, ticks);
    }
    if (walls.wantsRefill()) {
      refill(Tables.Table.DUE_WALL, walls);
    }
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

  private void refill(Tables.Table table, LaneWindow<Point, Boolean> window) {
    Point covered = window.covered();
    byte[] from = covered == null ? Keys.NOTHING : Keys.next(key(table, covered));
    window.refill(tables, table, from, null, Timers::point, _ -> true);
  }

  /** That of a key of either table: only those of wall times have a reason behind the id. */
  private static Point point(byte[] key) {
    int reason = key.length > 24 ? key[24] : Keys.BECOMES_DUE;
    return new Point(Keys.timeOf(key), Keys.idAt(key, 8), reason);
  }

  private static byte[] key(Tables.Table table, Point point) {
    byte[] key = Keys.timer(point.time(), point.id());
    if (table == Tables.Table.DUE_TICK) {
      return key;
    }
    byte[] longer = Arrays.copyOf(key, key.length + 1);
    longer[key.length] = (byte) point.reason();
    return longer;
  }
}
