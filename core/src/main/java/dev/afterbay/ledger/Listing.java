package dev.afterbay.ledger;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Status;
import dev.afterbay.store.Store;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A page of jobs, newest first, which is the order of their ids downwards.
 *
 * <p>A page looks at {@link #EXAMINED_MAX} jobs at the most, so that a rare match in a large store
 * costs more pages, not a slow one. Jobs of one queue that ended in one way are found by their
 * index, unless there are so many that a walk through its keys takes longer than such a page; and
 * processing jobs always.
 */
final class Listing {

  private static final int EXAMINED_MAX = 2_000;
  private static final int INDEXED_MAX = 100_000;
  private static final int ID_BYTES = 16;

  /** An id may have been made a little before its job was accepted. */
  private static final Duration ID_SLACK = Duration.ofMinutes(1);

  private final TableView view;
  private final Jobs.JobQuery query;
  private final int max;
  private final BoundedJobs jobs;
  private @Nullable JobId next;

  Listing(TableView view, Jobs.JobQuery query, int max, long bytesMax) {
    this.view = view;
    this.query = query;
    this.max = max;
    this.jobs = new BoundedJobs(bytesMax);
  }

  Jobs.JobPage page(@Nullable String cursor) {
    JobId before = cursor == null ? null : read(cursor);
    List<JobId> indexed = indexed(before);
    if (indexed != null) {
      fromIndex(indexed);
    } else {
      boolean processing = query.status() == Status.Kind.PROCESSING;
      scan(processing ? Tables.Table.ACTIVE : Tables.Table.BODY, before);
    }
    return new Jobs.JobPage(jobs.all(), next == null ? null : write(next));
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

  private void scan(Tables.Table table, @Nullable JobId before) {
    byte[] to = before == null ? null : Keys.id(before);
    int[] left = {EXAMINED_MAX};
    view.scan(
        table,
        new byte[0],
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
          return examine(id);
        });
  }

  /** Answers whether there is room for more. */
  private boolean examine(JobId id) {
    if (jobs.size() == max) {
      next = successor(id);
      return false;
    }
    Job job = JobRecords.job(view, id, query.bodies());
    if (job != null && matches(job) && !jobs.add(job)) {
      next = successor(id);
      return false;
    }
    return true;
  }

  private boolean matches(Job job) {
    Instant after = query.createdAfter();
    return (query.queue() == null || query.queue().equals(job.queue()))
        && (query.status() == null || query.status() == job.status().kind())
        && (query.type() == null || query.type().equals(job.message().type()))
        && (query.session() == null || query.session().equals(job.message().options().session()))
        && (after == null || job.createdAt().isAfter(after));
  }

  private boolean isTooOld(JobId id) {
    Instant after = query.createdAfter();
    return after != null && id.madeAtMillis() < after.minus(ID_SLACK).toEpochMilli();
  }

  /**
   * As many of those that ended so as a page may look at, and one more, newest first.
   *
   * @return null: they are not in an index, or too many
   */
  private @Nullable List<JobId> indexed(@Nullable JobId before) {
    String queue = query.queue();
    Status.Kind status = query.status();
    if (queue == null || status == null || !status.isFinal()) {
      return null;
    }
    byte[] prefix = Keys.ended(queue, status);
    PriorityQueue<JobId> newest = new PriorityQueue<>();
    int[] left = {INDEXED_MAX};
    view.scan(
        Tables.Table.ENDED,
        prefix,
        Keys.after(prefix),
        false,
        (key, _) -> {
          JobId id = Keys.idAt(key, key.length - ID_BYTES);
          if (before == null || id.compareTo(before) < 0) {
            newest.add(id);
          }
          if (newest.size() > EXAMINED_MAX + 1) {
            newest.remove();
          }
          return --left[0] >= 0;
        });
    return left[0] < 0 ? null : newest.stream().sorted(Comparator.reverseOrder()).toList();
  }

  /** Jobs without bodies in the order in which they ended, see {@link Store#ended}. */
  static Jobs.JobPage ended(
      TableView view, String queue, Status.Kind kind, @Nullable String cursor, int max) {
    byte[] prefix = Keys.ended(queue, kind);
    byte[] from = cursor == null ? prefix : Keys.next(endedKey(prefix, cursor));
    List<byte[]> keys = new ArrayList<>();
    view.scan(
        Tables.Table.ENDED,
        from,
        Keys.after(prefix),
        false,
        (key, _) -> {
          keys.add(key);
          return keys.size() < max;
        });
    List<Job> jobs = new ArrayList<>();
    for (byte[] key : keys) {
      Job job = JobRecords.job(view, Keys.idAt(key, key.length - ID_BYTES), false);
      if (job != null) {
        jobs.add(job);
      }
    }
    boolean more = keys.size() == max;
    return new Jobs.JobPage(jobs, more ? endedCursor(prefix, keys.getLast()) : null);
  }

  private static byte[] endedKey(byte[] prefix, String cursor) {
    byte[] place = decode(cursor);
    if (place.length != Long.BYTES + ID_BYTES) {
      throw foreign(cursor, null);
    }
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

  private static String write(JobId id) {
    return encode(Keys.id(id));
  }

  private static JobId read(String cursor) {
    byte[] bytes = decode(cursor);
    if (bytes.length != ID_BYTES) {
      throw foreign(cursor, null);
    }
    return Keys.idAt(bytes, 0);
  }

  private static String encode(byte[] place) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(place);
  }

  private static byte[] decode(String cursor) {
    try {
      return Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      throw foreign(cursor, e);
    }
  }

  private static BrokerException.Rejected foreign(String cursor, @Nullable Throwable cause) {
    return new BrokerException.Rejected("cursor", "not a cursor of this API: " + cursor, cause);
  }
}
