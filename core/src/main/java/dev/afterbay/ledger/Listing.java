package dev.afterbay.ledger;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Status;
import dev.afterbay.rules.AnswerRules;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Pages of jobs, newest first, which is the order of their ids downwards. */
public final class Listing {
  /*
   * A page looks at EXAMINED_MAX jobs at the most, or twice as many, so that a rare match in a large
   * store costs more pages, not a slow one. Jobs of one queue, or in one state, are found by the
   * indexes of the queues (IndexedJobs). Where these are not sorted by id and have more than
   * WALKED_MAX rows of the queue, to walk them takes longer than to look at so many jobs of the
   * whole store, of which many are then probably meant: that is done first. Only if next to none
   * were, all rows of the queue are walked, and the page goes on with what they have: it costs what
   * the queue holds, not what the store holds (0.2 s for 60,000 rows of RocksDB). Of more than
   * WALKED_ALL_MAX rows it does not; then the page ends early, perhaps empty, and the next one goes
   * on. Of one queue in all states, or of one state in all queues, far fewer rows are walked,
   * because most such pages are filled by the first jobs that are looked at.
   *
   * Processing jobs of one queue are looked for among all that are being processed: a row for each
   * would be written with every message, and of them there are only as many as were handed out and
   * not settled, see QueueSettings.unsettledMax (50 ms for each of 50 pages, if there are 100,000).
   */

  private static final int EXAMINED_MAX = 2_000;

  /** Rows of an index: to walk so many keys takes about as long as to read so few jobs. */
  private static final int WALKED_MAX = 20_000;

  /** About a second of RocksDB: lists take their turn, so one page must not hold up the others. */
  private static final int WALKED_ALL_MAX = 300_000;

  /** If of {@link #EXAMINED_MAX} jobs fewer than so many are meant, the next ones may be far. */
  private static final int MEANT_MIN = 100;

  /** An id may have been made a little before its job was accepted. */
  private static final Duration ID_SLACK = Duration.ofMinutes(1);

  private final TableView view;
  private final Jobs.JobQuery query;
  private final int max;
  private final BoundedJobs jobs;
  private final @Nullable IndexedJobs indexed;
  private @Nullable JobId next;

  /** Jobs of the queue and state that the page has looked at. */
  private long meant;

  private Listing(TableView view, Jobs.JobQuery query, int max, long bytesMax) {
    this.view = view;
    this.query = query;
    this.max = max;
    this.jobs = new BoundedJobs(bytesMax);
    this.indexed = IndexedJobs.of(view, query);
  }

  /** See {@link Store#list}; over any view that does not change meanwhile. */
  public static Jobs.JobPage list(
      TableView view, Jobs.JobQuery query, @Nullable String cursor, int max, long bytesMax) {
    return new Listing(view, query, max, bytesMax).page(cursor);
  }

  private Jobs.JobPage page(@Nullable String cursor) {
    JobId before = cursor == null ? null : Keys.idAt(decode(cursor, Keys.ID_BYTES), 0);
    if (indexed == null || query.status() == Status.Kind.PROCESSING) {
      scan(before);
    } else {
      fromIndexes(indexed, before);
    }
    return new Jobs.JobPage(jobs.all(), next == null ? null : encode(Keys.id(next)));
  }

  private void fromIndexes(IndexedJobs indexed, @Nullable JobId before) {
    boolean one = indexed.isOne();
    List<JobId> ids = indexed.newest(before, EXAMINED_MAX + 1, one ? WALKED_MAX : EXAMINED_MAX);
    if (ids == null) {
      boolean goesOn = scan(before);
      if (goesOn && meant < MEANT_MIN) {
        ids = indexed.newest(next, EXAMINED_MAX + 1, one ? WALKED_ALL_MAX : WALKED_MAX);
        next = ids == null ? next : null;
      }
    }
    if (ids != null) {
      fromIndex(ids);
    }
  }

  private void fromIndex(List<JobId> ids) {
    for (int i = 0; i < ids.size(); i++) {
      JobId id = ids.get(i);
      if (i == EXAMINED_MAX) {
        next = successor(id);
        return;
      }
      if (isTooOld(id) || !examine(id)) {
        return;
      }
    }
  }

  /** Answers whether it ended as it had looked at so many. */
  private boolean scan(@Nullable JobId before) {
    if (isAllMeant()) {
      return false;
    }
    boolean processing = query.status() == Status.Kind.PROCESSING;
    byte[] to = before == null ? null : Keys.id(before);
    int[] left = {EXAMINED_MAX};
    view.scan(
        processing ? Tables.Table.ACTIVE : Tables.Table.BODY,
        Keys.NOTHING,
        to,
        true,
        (key, _) -> {
          JobId id = Keys.idAt(key, 0);
          if (isTooOld(id)) {
            return false;
          }
          if (left[0]-- == 0) {
            next = successor(id);
            return false;
          }
          return examine(id) && !isAllMeant();
        });
    return left[0] < 0;
  }

  /** There are no others of the queue and state. */
  private boolean isAllMeant() {
    return indexed != null && meant == indexed.count();
  }

  /** Answers whether there is room for more. */
  private boolean examine(JobId id) {
    if (jobs.size() == max) {
      next = successor(id);
      return false;
    }
    Job job = JobRecords.listed(view, id, query.bodies());
    if (job == null || !AnswerRules.isOfQueueAndState(query, job)) {
      return true;
    }
    if (AnswerRules.matches(query, job) && !jobs.add(job)) {
      next = successor(id);
      return false;
    }
    meant++;
    return true;
  }

  private boolean isTooOld(JobId id) {
    Instant after = query.createdAfter();
    return after != null && id.madeAtMillis() < after.minus(ID_SLACK).toEpochMilli();
  }

  /** See {@link Store#ended}; over any view that does not change meanwhile. */
  public static Jobs.JobPage ended(
      TableView view,
      String queue,
      Status.Kind kind,
      boolean newestFirst,
      @Nullable String cursor,
      int max) {
    byte[] prefix = Keys.state(queue, kind);
    byte[] last = cursor == null ? null : endedKey(prefix, cursor);
    byte[] from = last == null || newestFirst ? prefix : Keys.next(last);
    byte[] to = last == null || !newestFirst ? Keys.after(prefix) : last;
    List<byte[]> keys = view.keys(Tables.Table.ENDED, from, to, newestFirst, max);
    List<Job> jobs = new ArrayList<>();
    for (byte[] key : keys) {
      Job job = JobRecords.job(view, Keys.lastId(key), false);
      if (job != null) {
        jobs.add(job);
      }
    }
    boolean more = keys.size() == max;
    return new Jobs.JobPage(jobs, more ? endedCursor(prefix, keys.getLast()) : null);
  }

  private static byte[] endedKey(byte[] prefix, String cursor) {
    byte[] place = decode(cursor, Keys.TIMER_BYTES);
    return new RowWriter(prefix.length + place.length).raw(prefix).raw(place).done();
  }

  private static String endedCursor(byte[] prefix, byte[] key) {
    return encode(Arrays.copyOfRange(key, prefix.length, key.length));
  }

  /** Pages go on before an id, and this one was not looked at. */
  private static JobId successor(JobId id) {
    long low = id.value().getLeastSignificantBits() + 1;
    long high = id.value().getMostSignificantBits() + (low == 0 ? 1 : 0);
    return new JobId(new UUID(high, low));
  }

  private static String encode(byte[] place) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(place);
  }

  private static byte[] decode(String cursor, int bytes) {
    try {
      byte[] place = Base64.getUrlDecoder().decode(cursor);
      if (place.length != bytes) {
        throw new IllegalArgumentException(place.length + " bytes, not " + bytes);
      }
      return place;
    } catch (IllegalArgumentException e) {
      throw new BrokerException.Rejected("cursor", "not a cursor of this API: " + cursor, e);
    }
  }
}
