package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.ReceiveOptions.Types;
import dev.afterbay.store.Store;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * Which pending job comes next: the READY table and the heads of its lanes in memory.
 *
 * <p>A queue has a lane for each type, and one more for each type of which there are jobs with a
 * session. In a lane jobs stand by rank, then by order of acceptance. Picking takes the first head
 * among the lanes that the claimant takes ({@link LaneOrder}), and reads no lane before its turn.
 * Of a session only the first job can be in READY, and only while nobody holds the session or works
 * on it ({@link SessionQueues}), so a session with a million jobs costs the others nothing. {@link
 * LaneWindows} decides how much of a lane is in memory.
 *
 * <p>Rejected: one lane for each session, as a directory of lanes would then have to be stored by
 * head, and be written with every claim.
 */
final class ReadyIndex {

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
  private final LaneWindows windows;
  private final Set<Store.Wake> woken = new LinkedHashSet<>();

  /**
   * Lanes with expired jobs that a claim passed over, and the latest wall time at which one did.
   */
  private final Map<Lane, QueueEntry> passedOver = new HashMap<>();

  private Instant passedOverAt = Instant.MIN;
  private int skipped;
  private int refilled;

  ReadyIndex(Tables tables, JobCache cache, int windowMax) {
    this.tables = tables;
    this.cache = cache;
    this.windows = new LaneWindows(tables, cache, windowMax);
  }

  /** The job can be claimed from now on. */
  void offer(CachedJob entry) {
    Lane lane = lane(entry, true);
    entry.place = CachedJob.Place.READY;
    tables.put(Tables.Table.READY, Keys.ready(lane.prefix, entry.head), value(entry));
    windows.add(lane, entry);
    stand(entry.queue, lane, entry.head);
    cache.touch(entry);
    wake(entry.queue, null);
  }

  /** The job cannot be claimed any more. */
  void withdraw(CachedJob entry) {
    Lane lane = lane(entry, false);
    tables.delete(Tables.Table.READY, Keys.ready(lane.prefix, entry.head));
    windows.remove(lane, entry);
    entry.place = CachedJob.Place.BLOCKED;
    if (lane.window.wantsRefill()) {
      findHead(entry.queue, lane, entry.head);
    }
    stand(entry.queue, lane, null);
    if (lane.window.isVoid()) {
      entry.queue.ready.remove(laneName(lane.type, lane.sessions));
      passedOver.remove(lane);
    }
  }

  /** The wall clock was set back: what had expired has not, and must be met again. */
  private void lookAgainIfSetBack(Moment now) {
    if (passedOver.isEmpty() || !now.wall().isBefore(passedOverAt)) {
      return;
    }
    passedOver.forEach((lane, queue) -> {
      windows.forget(lane);
      queue.heads.move(lane, firstStored(lane, lane.prefix));
    });
    passedOver.clear();
    passedOverAt = Instant.MIN;
  }

  /**
   * Where a lane goes on of which nothing is in memory: it may have nothing at all. Not looked for
   * from its start on, as a group that takes many out of it would walk over all of them each time.
   */
  private void findHead(QueueEntry queue, Lane lane, Position gone) {
    if (isBefore(lane.head, gone)) {
      return;
    }
    Position first = firstStored(lane, Keys.ready(lane.prefix, gone));
    if (first == null) {
      lane.window.refilledToTheEnd();
    } else {
      queue.heads.move(lane, first);
    }
  }

  /** Where the first stored job of a lane is from a key on; null: there is none. */
  private @Nullable Position firstStored(Lane lane, byte[] from) {
    List<byte[]> first = tables.keys(Tables.Table.READY, from, Keys.after(lane.prefix), false, 1);
    return first.isEmpty() ? null : Keys.headOf(first.getFirst());
  }

  /**
   * Picks up to {@code max} jobs.
   *
   * @param taker takes each of them out of READY, and answers whether it wants more
   */
  void pick(QueueEntry queue, Types types, int max, Moment now, Predicate<CachedJob> taker) {
    pick(queue, after -> next(queue, types, after), max, now, taker);
  }

  private void pick(
      QueueEntry queue,
      Function<@Nullable Position, @Nullable Lane> nextAfter,
      int max,
      Moment now,
      Predicate<CachedJob> taker) {
    skipped = 0;
    refilled = 0;
    lookAgainIfSetBack(now);
    int left = max;
    Lane lane = nextAfter.apply(null);
    while (left > 0 && lane != null) {
      Position head = lane.head;
      CachedJob first = firstOrNull(queue, lane, now);
      if (skipped == SKIPPED_MAX) {
        wake(queue, null);
        return;
      }
      // A lane that was not in memory may turn out to stand further behind; it is met again there.
      if (first != null && first.head.equals(head)) {
        left--;
        if (!taker.test(first)) {
          return;
        }
        if (left > 0 && lane.window.wantsRefill()) {
          refill(queue, lane, windows.limit(lane));
        }
      }
      if (refilled >= REFILLED_MAX && left < max && queue.ready.size() > LaneWindows.MANY) {
        wake(queue, null);
        return;
      }
      lane = nextAfter.apply(head);
    }
  }

  /** The first lane after a place that the claimant takes. */
  private static @Nullable Lane next(QueueEntry queue, Types types, @Nullable Position after) {
    if (!types.only() || types.types().size() > FEW_TYPES) {
      return queue.heads.next(lane -> types.takes(lane.type), after);
    }
    Lane next = null;
    for (String type : types.types()) {
      next = earlier(next, queue.ready.get(laneName(type, false)), after);
      next = earlier(next, queue.ready.get(laneName(type, true)), after);
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

  /** Has the heads of lanes in memory, which they are not after an open until somebody claims. */
  void look(QueueEntry queue) {
    Lane lane = queue.heads.next(_ -> true, null);
    for (int left = LaneWindows.MANY; left > 0 && lane != null; left--) {
      Position head = lane.head;
      if (lane.window.wantsRefill()) {
        refill(queue, lane, Math.min(LaneWindows.FEW, windows.limit(lane)));
      }
      lane = queue.heads.next(_ -> true, head);
    }
  }

  /**
   * The jobs that can be claimed and come next, as they are stored.
   *
   * @param after only those behind this place; null: from the first on
   */
  NavigableMap<Position, JobId> peek(QueueEntry queue, int max, @Nullable Position after) {
    TreeMap<Position, JobId> next = new TreeMap<>();
    Lane lane = queue.heads.next(_ -> true, null);
    while (lane != null && (next.size() < max || isBefore(lane.head, next.lastKey()))) {
      Position head = Objects.requireNonNull(lane.head);
      tables.scan(
          Tables.Table.READY,
          after == null || isBefore(after, head)
              ? Keys.ready(lane.prefix, head)
              : Keys.next(Keys.ready(lane.prefix, after)),
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
      lane = queue.heads.next(_ -> true, head);
    }
    return next;
  }

  /** The first job of a session that nobody holds or works on. */
  @Nullable CachedJob firstSession(QueueEntry queue, Moment now) {
    List<CachedJob> first = new ArrayList<>(1);
    pick(
        queue,
        after -> queue.heads.next(lane -> lane.sessions, after),
        1,
        now,
        entry -> !first.add(entry));
    return first.isEmpty() ? null : first.getFirst();
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
    List<Store.Wake> wakes = List.copyOf(woken);
    woken.clear();
    return wakes;
  }

  /**
   * @param session null: anybody may find something; else the consumer of that session
   */
  void wake(QueueEntry queue, @Nullable String session) {
    woken.add(session == null ? queue.wake : new Store.Wake(queue.name, session));
  }

  /** A job is not being processed any more: there may be room for another. */
  void wakeRefused(QueueEntry queue) {
    woken.addAll(queue.noLongerRefused());
  }

  private Lane restore(QueueEntry queue, byte[] readyKey) {
    int at = 1 + (readyKey[0] & 0xff);
    int length = readyKey[at] & 0xff;
    String type = new String(readyKey, at + 1, length, StandardCharsets.US_ASCII);
    boolean sessions = readyKey[at + 1 + length] != 0;
    Lane lane = lane(queue, type, sessions, false);
    queue.heads.move(lane, Keys.headOf(readyKey));
    return lane;
  }

  private Lane lane(CachedJob entry, boolean complete) {
    Job job = entry.job;
    return lane(entry.queue, job.message().type(), job.line() != null, complete);
  }

  /**
   * @param complete nothing is stored of it if it is new: every lane with a stored job is known
   */
  private Lane lane(QueueEntry queue, String type, boolean sessions, boolean complete) {
    return queue.ready.computeIfAbsent(
        laneName(type, sessions),
        _ -> new Lane(queue.name, type, sessions, windows.sizeIn(queue), complete));
  }

  private static boolean isBefore(@Nullable Position head, Position other) {
    return head != null && head.compareTo(other) < 0;
  }

  /**
   * Has a lane stand where its first job is.
   *
   * @param added a job that is stored now, but perhaps not in memory; null: none
   */
  private static void stand(QueueEntry queue, Lane lane, @Nullable Position added) {
    Map.Entry<Position, CachedJob> first = lane.window.first();
    if (first != null) {
      queue.heads.move(lane, first.getKey());
    } else if (lane.window.isVoid()) {
      queue.heads.move(lane, null);
    } else if (added != null && (lane.head == null || added.compareTo(lane.head) < 0)) {
      queue.heads.move(lane, added);
    }
  }

  /**
   * The first job of a lane that has not expired. An expired one leaves memory but stays stored
   * until the engine ends it: nobody wants it before. After {@link #SKIPPED_MAX} of them it gives
   * up.
   */
  private @Nullable CachedJob firstOrNull(QueueEntry queue, Lane lane, Moment now) {
    while (true) {
      if (lane.window.wantsRefill()) {
        refill(queue, lane, windows.limit(lane));
      }
      Map.Entry<Position, CachedJob> first = lane.window.first();
      if (first == null || skipped == SKIPPED_MAX) {
        return null;
      }
      if (!first.getValue().job.isExpired(now)) {
        return first.getValue();
      }
      skipped++;
      passedOver.put(lane, queue);
      passedOverAt = now.wall().isAfter(passedOverAt) ? now.wall() : passedOverAt;
      windows.remove(lane, first.getValue());
      stand(queue, lane, null);
    }
  }

  private void refill(QueueEntry queue, Lane lane, int wanted) {
    refilled++;
    windows.refill(lane, wanted);
    stand(queue, lane, null);
  }

  /** The id, and whether the state has a record of its own. */
  private static byte[] value(CachedJob entry) {
    return new RowWriter(17).uuid(entry.job.id().value()).int8(entry.stored ? 1 : 0).done();
  }

  private static String laneName(String type, boolean sessions) {
    return sessions ? type + "/" : type;
  }
}
