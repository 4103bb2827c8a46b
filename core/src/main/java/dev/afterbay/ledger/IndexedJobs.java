package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The jobs that a query means, by the indexes of their queues: of one queue in one state, of one
 * queue in any, or in one state of any queue.
 *
 * <p>Jobs that are being processed have no index of their queue: where a queue has some, all that
 * are being processed are among the newest here, whatever queue they are of.
 */
final class IndexedJobs {

  /** Of more queues the counts are not looked at for a page. */
  private static final int QUEUES_MAX = 1_000;

  private static final List<Status.Kind> INDEXED =
      List.of(
          Status.Kind.PENDING,
          Status.Kind.WAITING,
          Status.Kind.DONE,
          Status.Kind.FAILED,
          Status.Kind.CANCELLED);

  private final TableView view;
  private final List<QueueJobs> parts;
  private final boolean exact;
  private final boolean processing;
  private final long count;

  private IndexedJobs(TableView view, List<QueueJobs> parts, boolean exact, long processing) {
    this.view = view;
    this.parts = parts;
    this.exact = exact;
    this.processing = processing > 0;
    this.count = processing + parts.stream().mapToLong(QueueJobs::count).sum();
  }

  /** Null: no index has them. */
  static @Nullable IndexedJobs of(TableView view, Jobs.JobQuery query) {
    String queue = query.queue();
    Status.Kind kind = query.status();
    if (queue == null) {
      return kind == null || !INDEXED.contains(kind) ? null : ofAll(view, kind);
    }
    QueueEntry counts = new QueueEntry(queue);
    byte[] stored = view.get(Table.COUNT, counts.key);
    if (stored != null) {
      counts.readCounts(stored);
    }
    if (kind != null) {
      return new IndexedJobs(view, List.of(new QueueJobs(counts, kind)), true, 0);
    }
    List<QueueJobs> parts = INDEXED.stream().map(each -> new QueueJobs(counts, each)).toList();
    return new IndexedJobs(view, parts, false, counts.count(Status.Kind.PROCESSING));
  }

  private static @Nullable IndexedJobs ofAll(TableView view, Status.Kind kind) {
    List<QueueJobs> parts = new ArrayList<>();
    int[] left = {QUEUES_MAX};
    view.scan(
        Table.COUNT,
        Keys.NOTHING,
        (key, value) -> {
          QueueEntry counts = new QueueEntry(Keys.queueOf(key));
          counts.readCounts(value);
          QueueJobs part = new QueueJobs(counts, kind);
          if (part.count() > 0) {
            parts.add(part);
          }
          return --left[0] >= 0;
        });
    return left[0] < 0 ? null : new IndexedJobs(view, parts, false, 0);
  }

  /** Whether they are of one queue in one state. */
  boolean isOne() {
    return exact;
  }

  long count() {
    return count;
  }

  /**
   * The ids of the newest ones, the newest first, perhaps with some that are not meant.
   *
   * @param before null: from the newest on
   * @param walkedMax rows that may be walked in vain
   * @return null: there are more
   */
  @Nullable List<JobId> newest(@Nullable JobId before, int max, long walkedMax) {
    if (!isOne() && count > walkedMax) {
      return null;
    }
    // What is in the order of ids is walked only as far as it is wanted.
    Newest newest = new Newest(view, before, max, walkedMax + max);
    for (QueueJobs part : parts) {
      if (!part.addTo(newest)) {
        return null;
      }
    }
    return !processing || addProcessing(newest) ? newest.all() : null;
  }

  private static boolean addProcessing(Newest newest) {
    JobId before = newest.before();
    byte[] to = before == null ? null : Keys.id(before);
    return newest.addDownwards(Table.ACTIVE, Keys.NOTHING, to, key -> Keys.idAt(key, 0));
  }
}
