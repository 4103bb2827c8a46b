package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which of the jobs in READY are in memory: the windows of all lanes, and the room that they share.
 *
 * <p>A window is filled from the tables when it is empty and its lane's turn comes. The more jobs
 * are in windows, the fewer each of them may have, so that a million lanes fit in memory as well as
 * one; bodies, attributes and attempts count by their bytes.
 */
final class LaneWindows {

  /** From so many lanes of a queue on, they keep smaller windows. */
  static final int MANY = 100;

  private static final int SMALL_WINDOW = 64;

  private static final long HEAP_BYTES = Runtime.getRuntime().maxMemory();

  /** Bodies read by one refill, so that large ones do not fill the memory. */
  private static final long REFILL_BYTES_MAX = Math.min(8L << 20, HEAP_BYTES / 32);

  /** Bodies read at once: so many, or about so many bytes. */
  private static final int READ_MAX = 64;

  private static final long READ_BYTES = 1L << 20;

  /** Of all lanes together, in windows of the standard size: so many jobs stay in memory. */
  private static final int FULL_WINDOWS = 100;

  /**
   * And so many bytes of bodies for each job of one window, in a small heap less; the others are
   * read when claimed.
   */
  private static final long BYTES_PER_JOB = 32L << 10;

  private static final long BODY_BYTES_MAX = HEAP_BYTES / 16;

  /** Jobs at the head of a lane when those of all lanes are too many. */
  static final int FEW = 4;

  /**
   * A row of READY.
   *
   * @param stored the state has a record of its own
   */
  private record Row(Position head, byte[] id, boolean stored) {
    static Row of(byte[] key, byte[] value) {
      byte[] id = Arrays.copyOf(value, Keys.ID_BYTES);
      return new Row(Keys.headOf(key), id, value[Keys.ID_BYTES] != 0);
    }
  }

  private final Tables tables;
  private final JobCache cache;
  private final int windowMax;
  private long windowed;
  private long bodyBytes;

  LaneWindows(Tables tables, JobCache cache, int windowMax) {
    this.tables = tables;
    this.cache = cache;
    this.windowMax = windowMax;
  }

  /** The size of the window of a new lane. */
  int sizeIn(QueueEntry queue) {
    return queue.ready.size() < MANY ? windowMax : Math.min(windowMax, SMALL_WINDOW);
  }

  /** A job was stored in READY; it is in memory now if it stands near the head and has room. */
  void add(Lane lane, CachedJob entry) {
    lane.window.limit(limit(lane));
    if (lane.window.isVoid() && isCrowded()) {
      lane.window.leaveStored();
    }
    if (lane.window.add(entry.head, entry, this::leave)) {
      enter(entry);
    }
  }

  /** A job is not in READY any more, or need not be in memory. */
  void remove(Lane lane, CachedJob entry) {
    lane.window.remove(entry.head);
    leave(entry);
  }

  /** As if nothing of the lane had been read yet. */
  void forget(Lane lane) {
    lane.window.values().forEach(this::leave);
    lane.window.forget();
  }

  /** Reads the next jobs of a lane: the index, then bodies and states, some at once. */
  void refill(Lane lane, int wanted) {
    lane.window.limit(limit(lane));
    Position covered = lane.window.covered();
    byte[] from = covered == null ? lane.prefix : Keys.next(Keys.ready(lane.prefix, covered));
    List<Row> rows = new ArrayList<>();
    // As many again will be wanted next, if nobody goes through a hundred lanes side by side.
    int scanned = wanted > SMALL_WINDOW ? 2 * wanted : wanted + 1;
    tables.scan(
        Tables.Table.READY,
        from,
        Keys.after(lane.prefix),
        false,
        (key, value) -> {
          rows.add(Row.of(key, value));
          return rows.size() < scanned;
        });
    int end = fill(lane, rows.subList(0, Math.min(wanted, rows.size())));
    if (end < rows.size() && wanted > SMALL_WINDOW) {
      tables.expectBodies(ids(rows.subList(end, rows.size())));
    } else if (end == rows.size() && rows.size() < scanned) {
      lane.window.refilledToTheEnd();
    }
  }

  /** Fills in the entries, unless their bodies are too large; answers how many. */
  private int fill(Lane lane, List<Row> rows) {
    long read = 0;
    int end = 0;
    while (end < rows.size() && read < REFILL_BYTES_MAX) {
      List<Row> next = rows.subList(end, Math.min(rows.size(), end + READ_MAX));
      List<byte @Nullable []> bodies = tables.getSome(Tables.Table.BODY, ids(next), READ_BYTES);
      for (int i = 0; i < bodies.size(); i++) {
        read += fill(lane, next.get(i), bodies.get(i));
      }
      end += bodies.size();
    }
    return end;
  }

  /** Answers how much was read. */
  private long fill(Lane lane, Row row, byte @Nullable [] body) {
    JobId id = Keys.idAt(row.id, 0);
    if (body == null) {
      throw new IllegalStateException("READY names " + id + ", which has no body: verify");
    }
    CachedJob entry = cache.inMemory(id);
    if (entry == null) {
      byte[] state = row.stored ? tables.get(Tables.Table.JOB, row.id) : null;
      entry = cache.place(JobRecords.job(tables, id, body, state, true), row.stored, false);
    }
    entry.place = CachedJob.Place.READY;
    lane.window.refill(row.head, entry);
    long read = entry.bare ? body.length : entry.job.bytes();
    enter(entry);
    return read;
  }

  private static List<byte[]> ids(List<Row> rows) {
    return rows.stream().map(Row::id).toList();
  }

  /** There are so many lanes that one of which nothing is in memory stays so until its turn. */
  private boolean isCrowded() {
    return windowed >= (long) FULL_WINDOWS * windowMax;
  }

  /** How many jobs of a lane may be in memory. */
  int limit(Lane lane) {
    long full = (long) FULL_WINDOWS * windowMax;
    return windowed < full ? lane.windowMax : windowed < 2 * full ? Math.min(FEW, windowMax) : 1;
  }

  /** A job stands in the window of its lane now; its body does while there is room for bodies. */
  private void enter(CachedJob entry) {
    if (entry.windowed) {
      return;
    }
    entry.windowed = true;
    windowed++;
    if (!entry.bare) {
      long bytes = entry.job.bytes() - Job.BARE_BYTES;
      if (bodyBytes + bytes > Math.min(windowMax * BYTES_PER_JOB, BODY_BYTES_MAX)) {
        entry.strip();
      } else {
        entry.windowedBytes = bytes;
        bodyBytes += bytes;
      }
    }
  }

  /** The job is not in the window of its lane any more. */
  private void leave(CachedJob entry) {
    cache.touch(entry);
    if (entry.windowed) {
      entry.windowed = false;
      windowed--;
      bodyBytes -= entry.windowedBytes;
      entry.windowedBytes = 0;
    }
  }
}
