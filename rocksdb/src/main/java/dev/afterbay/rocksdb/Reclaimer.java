package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Tables.Table;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.CompactRangeOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/**
 * The thread that gives the room of deleted rows back to the disk.
 *
 * <p>RocksDB writes deletions to files when they fill a buffer, and compacts when files fill a
 * level. The deletions of a thousand large bodies do neither, and on a disk that is low nothing
 * comes that would: sends are refused. So it is looked at how much room the deletions stand for,
 * each second while the disk is low and each minute otherwise; if that is worth it they are written
 * to files, and compacted down to their rows. RocksDB does that in steps of some buffers, and
 * deletes what a step has replaced before the next one; where all is deleted a step writes next to
 * nothing, so that little room is enough.
 *
 * <p>A deletion is gone when it has met its row. So nothing is compacted again unless something was
 * deleted since, and a start needs to know nothing of what was before.
 */
final class Reclaimer {

  private static final Logger LOG = System.getLogger(Reclaimer.class.getName());
  private static final long MIB = 1L << 20;
  private static final Duration END_MAX = Duration.ofSeconds(5);
  private static final long LOOK_NANOS = 60_000_000_000L;
  private static final long LOOK_SOON_NANOS = 1_000_000_000;

  /** Looking takes at most so small a part of the time. */
  private static final long LOOK_SHARE = 10;

  /** Where averages promise less than this part of a table, it is compacted seldom. */
  private static final long GAIN_SHARE = 16;

  private static final long SELDOM_NANOS = 10_000_000_000L;
  private static final long SELDOM_SHARE = 10;

  /** As long as RocksDB may take to see that there is room again. */
  private static final long FAILED_NANOS = 5_000_000_000L;

  private final Database database;
  private final Applier applier;
  private final DiskSpace room;
  private final StoreFailure failure;
  private final BooleanSupplier blocked;
  private final Runnable exhausted;
  private final Thread thread;
  private final CompactRangeOptions options;
  private final Map<Table, Garbage> seen = new EnumMap<>(Table.class);
  private final Map<Table, Compacted> compacted = new EnumMap<>(Table.class);
  private final Compacted never = new Compacted(System.nanoTime() - SELDOM_NANOS, 0, 0);
  private long lookedAt = System.nanoTime();
  private long lookTook;

  /** More was deleted, perhaps, while a table was compacted. */
  private boolean goesOn;

  private @Nullable String told;
  private final AtomicInteger compactions = new AtomicInteger();
  private volatile boolean ending;

  /**
   * The last time.
   *
   * @param at when it ended
   * @param took how long, in nanoseconds
   * @param left deletions that are still there, as a listing still reads their rows
   */
  private record Compacted(long at, long took, long left) {

    /** RocksDB compacts them itself once nobody reads their rows. */
    Compacted leaving(long deletions) {
      return deletions < left ? new Compacted(at, took, deletions) : this;
    }
  }

  /**
   * @param blocked whether RocksDB takes nothing: it must not be asked for a flush then
   * @param exhausted gives up the reserve, as there is no room for a compaction
   */
  Reclaimer(
      Database database,
      Applier applier,
      DiskSpace room,
      StoreFailure failure,
      BooleanSupplier blocked,
      Runnable exhausted) {
    this.database = database;
    this.applier = applier;
    this.room = room;
    this.failure = failure;
    this.blocked = blocked;
    this.exhausted = exhausted;
    this.options =
        new CompactRangeOptions().setExclusiveManualCompaction(false).setAllowWriteStall(true);
    this.thread = Thread.ofPlatform().daemon().name("afterbay-reclaim").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** How often a table was compacted. */
  int compactions() {
    return compactions.get();
  }

  /** The disk was looked at. */
  void wakeIfLow() {
    if (room.isLow()) {
      LockSupport.unpark(thread);
    }
  }

  /** Gives up what is being compacted, which loses nothing. Then {@link #end}. */
  void cancel() {
    ending = true;
    options.setCanceled(true);
    LockSupport.unpark(thread);
  }

  /**
   * Nothing uses the database afterwards.
   *
   * @param slow is run if that takes long
   */
  void end(Runnable slow) throws InterruptedException {
    cancel();
    if (!thread.join(END_MAX)) {
      slow.run();
    }
    thread.join();
    options.close();
  }

  private void run() {
    while (!ending && failure.reason() == null) {
      if (isDue()) {
        lookAnyway();
      }
      LockSupport.parkNanos(this, pauseNanos());
    }
  }

  private boolean isDue() {
    long pause = room.isLow() ? LOOK_SOON_NANOS : pauseNanos();
    return System.nanoTime() - lookedAt >= Math.max(pause, LOOK_SHARE * lookTook);
  }

  private long pauseNanos() {
    return goesOn ? LOOK_SOON_NANOS : LOOK_NANOS;
  }

  private void lookAnyway() {
    try {
      look();
    } catch (RocksDBException e) {
      tell(e);
    } catch (RuntimeException | Error e) {
      // It goes on: without it the room of what is deleted may never come back.
      if (!ending && failure.reason() == null) {
        LOG.log(Level.ERROR, "Looking for room of what was deleted failed: " + Reason.of(e), e);
      }
    }
    lookedAt = System.nanoTime();
  }

  /** RocksDB counts it as an error of the background, if it is one, and that is looked for. */
  private void tell(RocksDBException e) {
    if (ending) {
      return;
    }
    String reason = isTooLarge(e) ? "there is no room to compact it" : Reason.of(e);
    if (!reason.equals(told)) {
      LOG.log(Level.WARNING, "What was deleted keeps its room for now: " + reason);
    }
    told = reason;
    if (Shortage.is(e) || isTooLarge(e)) {
      exhausted.run();
    }
  }

  /** RocksDB did not begin, as it has found no room before. Its code for that is not Java's. */
  private static boolean isTooLarge(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Undefined;
  }

  /** Compacts what is worth it now. */
  void look() throws RocksDBException {
    goesOn = false;
    long start = System.nanoTime();
    // A flush that found no room would close the tables.
    boolean fits = room.isFree(room.smallPartBytes());
    if (!fits || blocked.getAsBoolean() || !applier.applyWaiting()) {
      return;
    }
    for (Table table : Table.values()) {
      Garbage garbage = Garbage.of(database, table, seen.get(table));
      seen.put(table, garbage);
      compacted.computeIfPresent(table, (_, last) -> last.leaving(garbage.fileDeletions()));
    }
    lookTook = System.nanoTime() - start;
    for (Map.Entry<Table, Garbage> entry : seen.entrySet()) {
      if (!ending && isWorthIt(entry.getKey(), entry.getValue())) {
        compact(entry.getKey(), entry.getValue());
        goesOn = true;
      }
    }
  }

  private boolean isWorthIt(Table table, Garbage all) {
    Compacted last = compacted.getOrDefault(table, never);
    Garbage garbage = all.without(last.left);
    long likely = garbage.likelyBytes();
    if (!room.isLow()) {
      return likely >= Math.max(room.smallPartBytes(), garbage.fileBytes() / 2);
    }
    long wanted = Math.min(room.smallPartBytes(), room.missingBytes());
    long since = System.nanoTime() - last.at;
    if (likely >= wanted && likely >= garbage.fileBytes() / GAIN_SHARE) {
      return since >= last.took;
    }
    return garbage.possibleBytes() >= wanted
        && since >= Math.max(SELDOM_NANOS, SELDOM_SHARE * last.took);
  }

  private void compact(Table table, Garbage before) throws RocksDBException {
    // Asked first, as a flush that waits keeps RocksDB from going on after a lack of room.
    applier.probe();
    compactions.incrementAndGet();
    long start = System.nanoTime();
    try (Database.InUse _ = database.use()) {
      database.rocks().compactRange(database.handle(table), null, null, options);
    } catch (RocksDBException e) {
      long took = System.nanoTime() - start;
      compacted.put(table, new Compacted(start + took, Math.max(took, FAILED_NANOS), 0));
      throw e;
    }
    long end = System.nanoTime();
    Garbage after = Garbage.of(database, table, null);
    seen.put(table, after);
    compacted.put(table, new Compacted(end, end - start, after.fileDeletions()));
    told = null;
    LOG.log(
        room.isLow() ? Level.INFO : Level.DEBUG,
        "What was deleted of the table "
            + table
            + " gave back "
            + Math.max(0, before.fileBytes() - after.fileBytes()) / MIB
            + " MiB");
  }
}
