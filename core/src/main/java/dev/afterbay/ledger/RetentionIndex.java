package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Status;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Change;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** The jobs that have ended, by queue, state and time. */
final class RetentionIndex {

  private final Tables tables;

  /** Where the oldest of a queue and state may be, so that what was forgotten is not walked. */
  private final Map<String, byte[]> oldest = new HashMap<>();

  RetentionIndex(Tables tables) {
    this.tables = tables;
  }

  void add(Job job) {
    byte[] key = key(job);
    String name = name(job.queue(), job.status().kind());
    byte[] known = oldest.get(name);
    if (known != null && Arrays.compareUnsigned(key, known) < 0) {
      oldest.put(name, key);
    }
    tables.put(Tables.Table.ENDED, key, Keys.NOTHING);
  }

  void remove(Job job) {
    tables.delete(Tables.Table.ENDED, key(job));
  }

  /** The queue is gone. */
  void drop(String queue) {
    for (Status.Kind kind : Status.Kind.values()) {
      oldest.remove(name(queue, kind));
    }
  }

  /** The oldest ones that ended before the time. */
  List<JobId> before(Change.Forget forget) {
    byte[] prefix = Keys.state(forget.queue(), forget.kind());
    String name = name(forget.queue(), forget.kind());
    long before = RowFormat.millis(forget.before());
    byte[] end = new RowWriter(prefix.length + 8).raw(prefix).int64(before).done();
    byte[] from = oldest.getOrDefault(name, prefix);
    List<byte[]> keys = tables.keys(Tables.Table.ENDED, from, end, false, forget.max());
    if (!keys.isEmpty()) {
      oldest.put(name, keys.getLast());
    }
    return keys.stream().map(Keys::lastId).toList();
  }

  /** Where a job stands that has ended. */
  static byte[] key(Job job) {
    byte[] state = Keys.state(job.queue(), job.status().kind());
    return Keys.ended(state, TimeRules.endedAt(job), job.id());
  }

  private static String name(String queue, Status.Kind kind) {
    return Objects.requireNonNull(queue) + "/" + kind;
  }
}
