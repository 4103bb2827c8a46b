package dev.afterbay.rocksdb;

import dev.afterbay.rocksdb.Batch.Change;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The net changes of several batches: most messages are gone some milliseconds after they came, and
 * of these nothing is left to do.
 *
 * <p>A put and its single deletion cancel out, as they would in RocksDB when a compaction sees
 * both; of other changes of a row the last one counts.
 */
final class CoalescedBatch {

  /** Of rows that the tables have, so these come first. */
  private final List<Change> deletions = new ArrayList<>();

  private final Map<Change, Change> latest;

  private CoalescedBatch(int changes) {
    latest = LinkedHashMap.newLinkedHashMap(changes / 2);
  }

  /** All of them as one batch. */
  static byte[] of(List<byte[]> batches) {
    CoalescedBatch net = new CoalescedBatch(batches.stream().mapToInt(Batch::count).sum());
    for (byte[] batch : batches) {
      Batch.each(batch, net::add);
    }
    net.deletions.addAll(net.latest.values());
    return Batch.of(net.deletions);
  }

  private void add(Change change) {
    if (!change.isSingleDeletion()) {
      latest.put(change, change);
    } else if (latest.remove(change) == null) {
      deletions.add(change);
    }
  }
}
