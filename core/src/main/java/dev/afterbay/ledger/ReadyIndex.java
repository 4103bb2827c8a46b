package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.ReceiveOptions.Types;
import dev.afterbay.store.Store;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Which pending job comes next: the READY table and the heads of its lanes in memory.
 *
 * <p>A queue has a lane for each type, and one more for each type of which there are jobs with a
 * session. In a lane jobs stand by rank, then by order of acceptance. Picking takes the first head
 * among the lanes that the claimant takes ({@link LaneOrder}), and reads no lane before its turn.
 * Of a session only the first job can be in READY, and only while nobody holds the session or works
 * on it ({@link SessionQueues}), so a session with a million jobs costs the others nothing.
 *
 * <p>Rejected: one lane for each session, as a directory of lanes would then have to be stored by
 * head, and be written with every claim.
 */
final class ReadyIndex {

  /** From here on, lanes keep smaller windows. */
  private static final int MANY = 100;

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
  private static final int FEW = 4;

  /** A claimant of so many types looks at their lanes; one of more goes through all in order. */
  private static final int FEW_TYPES = 8;

  /** Of many lanes, so many are read for one claim, which may then come to fewer jobs. */
  private static final int REFILLED_MAX = 32;

  /**
   * Expired jobs that one claim passes over: a million may expire at once, and each has to be read.
   */
  private static final int SKIPPED_MAX = 1_000;

  private final Tables tables;
  private final JobCache cache;
  private final int windowMax;
  private final Set<Store.Wake> woken = new LinkedHashSet<>();

  /**
   * Lanes with expired jobs that a claim passed over, and the latest wall time at which one did.
   */
  private final Map<Lane, QueueEntry> passedOver = new HashMap<>();

  private Instant passedOverAt = Instant.MIN;
  private long windowed;
  private long bodyBytes;
  private int skipped;
  private int refilled;

  ReadyIndex(Tables tables, JobCache cache, int windowMax) {
    this.tables = tables;
    this.cache = cache;
    this.windowMax = windowMax;
  }

  /** The job can be claimed from now on. */
  void offer(CachedJob entry) {
    Lane lane = lane(entry.book, entry.job, true);
    entry.place = CachedJob.Place.READY;
    tables.put(Tables.Table.READY, Keys.ready(lane.prefix, entry.head), value(entry));
    lane.window.limit(limit(lane));
    if (lane.window.isVoid() && isCrowded()) {
      lane.window.leaveStored();
    }
    if (lane.window.add(entry.head, entry, this::leave)) {
      enter(entry);
    }
    stand(entry.book, lane, entry.head);
    cache.touch(entry);
    wake(entry.book, null);
  }

  /** The job cannot be claimed any more. */
  void withdraw(CachedJob entry) {
    Lane lane = lane(entry.book, entry.job, false);
    tables.delete(Tables.Table.READY, Keys.ready(lane.prefix, entry.head));
    lane.window.remove(entry.head);
    leave(entry);
    entry.place = CachedJob.Place.BLOCKED;
    if (lane.window.wantsRefill()) {
      findHead(entry.book, lane, entry.head);
    }
    stand(entry.book, lane, null);
    if (lane.window.isVoid()) {
      entry.book.ready.remove(laneName(lane.type, lane.sessions));
      passedOver.remove(lane);
    }
  }

  /** Expired jobs of a lane are not in its window any more, though they are stored. */
  private void passOver(QueueEntry book, Lane lane, Moment now) {
    passedOver.put(lane, book);
    if (now.wall().isAfter(passedOverAt)) {
      passedOverAt = now.wall();
    }
  }

  /** The wall clock was set back: what had expired has not, and must be met again. */
  private void lookAgainIfSetBack(Moment now) {
    if (passedOver.isEmpty() || !now.wall().isBefore(passedOverAt)) {
      return;
    }
    passedOver.forEach((lane, book) -> {
      lane.window.values().forEach(this::leave);
      lane.window.forget();
      byte[] first = tables.firstKey(Tables.Table.READY, lane.prefix);
      Position head = first == null || !lane.has(first) ? null : Keys.headOf(first);
      book.heads.move(lane, head);
    });
    passedOver.clear();
    passedOverAt = Instant.MIN;
  }

  /**
   * Where a lane goes on of which nothing is in memory: it may have nothing at all. Not looked for
   * from its start on, as a group that takes many out of it would walk over all of them each time.
   */
  private void findHead(QueueEntry book, Lane lane, Position gone) {
    if (isBefore(lane.head, gone)) {
      return;
    }
    byte[] first = tables.firstKey(Tables.Table.READY, Keys.ready(lane.prefix, gone));
    if (first == null || !lane.has(first)) {
      lane.window.refilledToTheEnd();
    } else {
      book.heads.move(lane, Keys.headOf(first));
    }
  }

  /** Picks up to {@code max} jobs; each is given to the taker, until that wants no more. */
  void pick(QueueEntry book, Types types, int max, Moment now, Taker taker) {
    skipped = 0;
    refilled = 0;
    lookAgainIfSetBack(now);
    int left = max;
    Lane lane = next(book, types, null);
    while (left > 0 && lane != null) {
      Position head = lane.head;
      CachedJob first = firstOrNull(book, lane, now);
      if (skipped == SKIPPED_MAX) {
        wake(book, null);
        return;
      }
      // A lane that was not in memory may turn out to stand further behind; it is met again there.
      if (first != null && first.head.equals(head)) {
        left--;
        if (!taker.take(first)) {
          return;
        }
        if (left > 0 && lane.window.wantsRefill()) {
          refill(book, lane, limit(lane));
        }
      }
      if (refilled >= REFILLED_MAX && left < max && book.ready.size() > MANY) {
        wake(book, null);
        return;
      }
      lane = next(book, types, head);
    }
  }

  /** The first lane after a place that the claimant takes. */
  private static @Nullable Lane next(QueueEntry book, Types types, @Nullable Position after) {
    if (!types.only() || types.types().size() > FEW_TYPES) {
      return book.heads.next(lane -> types.takes(lane.type), after);
    }
    Lane next = null;
    for (String type : types.types()) {
      next = earlier(next, book.ready.get(laneName(type, false)), after);
      next = earlier(next, book.ready.get(laneName(type, true)), after);
    }
    return next;
  }

  private static @Nullable Lane earlier(
      @Nullable Lane best, @Nullable Lane other, @Nullable Position after) {
    if (other == null || other.head == null) {
      return best;
    }
    boolean comes = after == null || other.head.compareTo(after) > 0;
    boolean sooner = best == null || best.head == null || other.head.compareTo(best.head) < 0;
    return comes && sooner ? other : best;
  }

  /** Takes a job out of READY; answers whether it wants more. */
  @FunctionalInterface
  interface Taker {
    boolean take(CachedJob next);
  }

  /** Has the heads of lanes in memory, which they are not after an open until somebody claims. */
  void look(QueueEntry book) {
    Lane lane = book.heads.next(_ -> true, null);
    for (int left = MANY; left > 0 && lane != null; left--) {
      Position head = lane.head;
      if (lane.window.wantsRefill()) {
        refill(book, lane, Math.min(FEW, limit(lane)));
      }
      lane = book.heads.next(_ -> true, head);
    }
  }

  /** The jobs that can be claimed and come next, as they are stored. */
  NavigableMap<Position, JobId> peek(QueueEntry book, int max) {
    TreeMap<Position, JobId> next = new TreeMap<>();
    Lane lane = book.heads.next(_ -> true, null);
    while (lane != null && (next.size() < max || isBefore(lane.head, next.lastKey()))) {
      Position head = Objects.requireNonNull(lane.head);
      tables.scan(
          Tables.Table.READY,
          Keys.ready(lane.prefix, head),
          Keys.after(lane.prefix),
          false,
          (key, value) -> {
            Position found = Keys.headOf(key);
            if (next.size() == max && !isBefore(found, next.lastKey())) {
              return false;
            }
            next.put(found, Keys.idAt(value, 0));
            if (next.size() > max) {
              next.pollLastEntry();
            }
            return true;
          });
      lane = book.heads.next(_ -> true, head);
    }
    return next;
  }

  /** The first job of a session that nobody holds or works on. */
  @Nullable CachedJob firstSession(QueueEntry book, Moment now) {
    skipped = 0;
    lookAgainIfSetBack(now);
    Lane lane = book.heads.next(Lane::isOfSessions, null);
    while (lane != null) {
      Position head = lane.head;
      CachedJob first = firstOrNull(book, lane, now);
      if (skipped == SKIPPED_MAX) {
        wake(book, null);
        return null;
      }
      if (first != null && first.head.equals(head)) {
        return first;
      }
      lane = book.heads.next(Lane::isOfSessions, head);
    }
    return null;
  }

  /** The lanes as they are stored; at open. */
  void restore(Function<String, QueueEntry> queues) {
    byte @Nullable [] next = {};
    while (next != null) {
      byte[] key = tables.firstKey(Tables.Table.READY, next);
      next = key == null ? null : Keys.after(restore(queues.apply(Keys.queueOf(key)), key).prefix);
    }
  }

  /** Queues that got something to claim since the last call. */
  List<Store.Wake> woken() {
    if (woken.isEmpty()) {
      return List.of();
    }
    List<Store.Wake> wakes = List.copyOf(woken);
    woken.clear();
    return wakes;
  }

  /**
   * @param session null: anybody may find something; else the consumer of that session
   */
  void wake(QueueEntry book, @Nullable String session) {
    woken.add(session == null ? book.wake : new Store.Wake(book.name, session));
  }

  /** A job is not being processed any more: there may be room for another. */
  void wakeRefused(QueueEntry book) {
    woken.addAll(book.noLongerRefused());
  }

  private Lane restore(QueueEntry book, byte[] readyKey) {
    int at = 1 + (readyKey[0] & 0xff);
    int length = readyKey[at] & 0xff;
    String type = new String(readyKey, at + 1, length, StandardCharsets.US_ASCII);
    boolean sessions = readyKey[at + 1 + length] != 0;
    Lane lane = new Lane(book.name, type, sessions, windowMax(book), false);
    book.ready.put(laneName(type, sessions), lane);
    book.heads.move(lane, Keys.headOf(readyKey));
    return lane;
  }

  private Lane lane(QueueEntry book, Job job, boolean complete) {
    boolean sessions = job.line() != null;
    String name = laneName(job.message().type(), sessions);
    Lane lane = book.ready.get(name);
    if (lane == null) {
      // Every lane with a stored job is known, so a new one has none.
      lane = new Lane(book.name, job.message().type(), sessions, windowMax(book), complete);
      book.ready.put(name, lane);
    }
    return lane;
  }

  private int windowMax(QueueEntry book) {
    return book.ready.size() < MANY ? windowMax : Math.min(windowMax, SMALL_WINDOW);
  }

  private static boolean isBefore(@Nullable Position head, Position other) {
    return head != null && head.compareTo(other) < 0;
  }

  /**
   * Has a lane stand where its first job is.
   *
   * @param added a job that is stored now, but perhaps not in memory; null: none
   */
  private static void stand(QueueEntry book, Lane lane, @Nullable Position added) {
    Map.Entry<Position, CachedJob> first = lane.window.first();
    if (first != null) {
      book.heads.move(lane, first.getKey());
    } else if (lane.window.isVoid()) {
      book.heads.move(lane, null);
    } else if (added != null && (lane.head == null || added.compareTo(lane.head) < 0)) {
      book.heads.move(lane, added);
    }
  }

  /**
   * The first job of a lane that has not expired. An expired one leaves memory but stays stored
   * until the engine ends it: nobody wants it before. After {@link #SKIPPED_MAX} of them it gives
   * up.
   */
  private @Nullable CachedJob firstOrNull(QueueEntry book, Lane lane, Moment now) {
    while (true) {
      if (lane.window.wantsRefill()) {
        refill(book, lane, limit(lane));
      }
      Map.Entry<Position, CachedJob> first = lane.window.first();
      if (first == null || skipped == SKIPPED_MAX) {
        return null;
      }
      if (!first.getValue().job.isExpired(now)) {
        return first.getValue();
      }
      skipped++;
      passOver(book, lane, now);
      lane.window.remove(first.getKey());
      leave(first.getValue());
      stand(book, lane, null);
    }
  }

  /** Reads the next jobs of a lane: the index, then bodies and states, some at once. */
  private void refill(QueueEntry book, Lane lane, int wanted) {
    refilled++;
    lane.window.limit(limit(lane));
    Position covered = lane.window.covered();
    byte[] from = covered == null ? lane.prefix : Keys.next(Keys.ready(lane.prefix, covered));
    List<byte[]> heads = new ArrayList<>();
    List<byte[]> values = new ArrayList<>();
    // As many again will be wanted next, if nobody goes through a hundred lanes side by side.
    int scanned = wanted > SMALL_WINDOW ? 2 * wanted : wanted + 1;
    tables.scan(
        Tables.Table.READY,
        from,
        Keys.after(lane.prefix),
        false,
        (key, value) -> {
          heads.add(key);
          values.add(value);
          return heads.size() < scanned;
        });
    int end = fill(lane, heads, values, Math.min(wanted, heads.size()));
    if (end < heads.size() && wanted > SMALL_WINDOW) {
      tables.expectBodies(bodyKeys(values.subList(end, heads.size())));
    } else if (end == heads.size() && heads.size() < scanned) {
      lane.window.refilledToTheEnd();
    }
    stand(book, lane, null);
  }

  /** Fills in up to so many entries, unless their bodies are too large; answers how many. */
  private int fill(Lane lane, List<byte[]> heads, List<byte[]> values, int max) {
    long read = 0;
    int end = 0;
    while (end < max && read < REFILL_BYTES_MAX) {
      int to = Math.min(max, end + READ_MAX);
      List<byte[]> keys = bodyKeys(values.subList(end, to));
      List<byte @Nullable []> bodies = tables.getSome(Tables.Table.BODY, keys, READ_BYTES);
      read += fill(lane, heads.subList(end, to), values.subList(end, to), keys, bodies);
      end += bodies.size();
    }
    return end;
  }

  /** Answers the size of the bodies. */
  private long fill(
      Lane lane,
      List<byte[]> heads,
      List<byte[]> values,
      List<byte[]> keys,
      List<byte @Nullable []> bodies) {
    long bytes = 0;
    for (int i = 0; i < bodies.size(); i++) {
      JobId id = Keys.idAt(keys.get(i), 0);
      byte[] body = bodies.get(i);
      if (body == null) {
        throw new IllegalStateException("READY names " + id + ", which has no body: verify");
      }
      CachedJob entry = cache.inMemory(id);
      if (entry == null) {
        boolean stored = values.get(i)[16] != 0;
        byte[] state = stored ? tables.get(Tables.Table.JOB, keys.get(i)) : null;
        entry = cache.place(JobRecords.job(tables, id, body, state, true), stored, false);
      }
      entry.place = CachedJob.Place.READY;
      bytes += body.length;
      lane.window.refill(Keys.headOf(heads.get(i)), entry);
      enter(entry);
    }
    return bytes;
  }

  private static List<byte[]> bodyKeys(List<byte[]> values) {
    return values.stream().map(value -> Arrays.copyOf(value, 16)).toList();
  }

  /** There are so many lanes that one of which nothing is in memory stays so until its turn. */
  private boolean isCrowded() {
    return windowed >= (long) FULL_WINDOWS * windowMax;
  }

  /** How many jobs of a lane may be in memory. */
  private int limit(Lane lane) {
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
      long bytes = entry.job.message().body().length;
      if (bodyBytes + bytes > Math.min(windowMax * BYTES_PER_JOB, BODY_BYTES_MAX)) {
        entry.strip();
      } else {
        entry.windowedBytes = bytes;
        bodyBytes += bytes;
      }
    }
  }

  private void leave(CachedJob entry) {
    cache.touch(entry);
    if (entry.windowed) {
      entry.windowed = false;
      windowed--;
      bodyBytes -= entry.windowedBytes;
      entry.windowedBytes = 0;
    }
  }

  /** The id, and whether the state has a record of its own. */
  private static byte[] value(CachedJob entry) {
    return new RowWriter(17).uuid(entry.job.id().value()).int8(entry.stored ? 1 : 0).done();
  }

  private static String laneName(String type, boolean sessions) {
    return sessions ? type + "/" : type;
  }
}
