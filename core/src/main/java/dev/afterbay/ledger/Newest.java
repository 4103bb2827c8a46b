package dev.afterbay.ledger;

import dev.afterbay.JobId;
import dev.afterbay.ledger.Tables.Table;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** The greatest of all ids that come by while rows of indexes are walked. */
final class Newest {

  private final TreeSet<JobId> ids = new TreeSet<>();
  private final TableView view;
  private final @Nullable JobId before;
  private final int max;
  private final long walkedMax;
  private long walked;

  /**
   * @param before null: from the newest on
   * @param walkedMax rows that may be walked
   */
  Newest(TableView view, @Nullable JobId before, int max, long walkedMax) {
    this.view = view;
    this.before = before;
    this.max = max;
    this.walkedMax = walkedMax;
  }

  /** The newest first. */
  List<JobId> all() {
    return List.copyOf(ids.descendingSet());
  }

  /** Whether so many rows more are not too many. */
  boolean mayWalk(long rows) {
    return walked + rows <= walkedMax;
  }

  /**
   * Walks an index in whatever order; false: it has too many rows.
   *
   * @param naming answers the id that a row is of; null: it does not count
   */
  boolean walk(Table table, byte[] prefix, BiFunction<byte[], byte[], @Nullable JobId> naming) {
    view.scan(
        table,
        prefix,
        (key, value) -> {
          JobId id = naming.apply(key, value);
          if (id != null && (before == null || id.compareTo(before) < 0)) {
            add(id);
          }
          return ++walked <= walkedMax;
        });
    return walked <= walkedMax;
  }

  /** Walks an index that has an id behind the prefix, from its end as far as it has newer ones. */
  boolean addDownwards(Table table, byte[] prefix) {
    byte[] to = before == null ? Keys.after(prefix) : Keys.deferred(prefix, before);
    view.scan(table, prefix, to, true, (key, _) -> add(Keys.lastId(key)) && ++walked <= walkedMax);
    return walked <= walkedMax;
  }

  /** False: it is older than all, and these are as many as are wanted. */
  private boolean add(JobId id) {
    if (ids.size() < max) {
      ids.add(id);
      return true;
    }
    if (id.compareTo(ids.first()) < 0) {
      return false;
    }
    if (ids.add(id)) {
      ids.pollFirst();
    }
    return true;
  }
}
