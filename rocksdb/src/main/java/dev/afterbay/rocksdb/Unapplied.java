package dev.afterbay.rocksdb;

import dev.afterbay.rocksdb.Batch.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Batches that are in the journal and not yet in the tables, as what they amount to: most messages
 * are gone some milliseconds after they came, and of these nothing is left to do.
 *
 * <p>A put and its single deletion amount to nothing, as they would in RocksDB when a compaction
 * sees both; of other changes of a row the last one counts.
 */
final class Unapplied {

  /** Of rows that the tables have, so these come first. */
  private final List<Change> deletions = new ArrayList<>();

  private final Map<Change, Change> latest = new LinkedHashMap<>();
  private long bytes;

  /** How much memory the batches hold. */
  long bytes() {
    return bytes;
  }

  void add(byte[] batch) {
    bytes += batch.length;
    Batch.each(batch, this::add);
  }

  private void add(Change change) {
    if (!change.isSingleDeletion()) {
      latest.put(change, change);
    } else if (latest.remove(change) == null) {
      deletions.add(change);
    }
  }

  /** All of it as one batch; nothing is left. */
  byte[] take() {
    deletions.addAll(latest.values());
    byte[] batch = Batch.of(deletions);
    deletions.clear();
    latest.clear();
    bytes = 0;
    return batch;
  }
}
