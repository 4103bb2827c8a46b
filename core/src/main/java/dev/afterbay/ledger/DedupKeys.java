package dev.afterbay.ledger;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Moment;
import dev.afterbay.rules.TimeRules;
import dev.afterbay.store.Change;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The keys that make a second message the same one, until the end of their windows. */
final class DedupKeys {

  /** Most keys that one group forgets. */
  private static final int FORGET_MAX = 200;

  /** How often expired keys are looked for, in ticks. */
  private static final long LOOK_TICKS = 1_000;

  private record Entry(JobId id, long untilMillis) {}

  private final Tables tables;

  private long nextLook;
  private byte[] forgotten = Keys.NOTHING;

  DedupKeys(Tables tables) {
    this.tables = tables;
  }

  /** The job that has the key; null: it is free. */
  @Nullable JobId find(String queue, String key, Moment now) {
    return find(Keys.key(queue, key), now);
  }

  /** The new job takes its key if it has one; answers the job that has it already. */
  @Nullable JobId take(Change.Append append, Moment now) {
    Change.Unique unique = append.unique();
    if (unique == null) {
      return null;
    }
    Job job = append.job();
    byte[] key = Keys.key(job.queue(), unique.key());
    JobId first = find(key, now);
    if (first != null) {
      return first;
    }
    long untilMillis = RowFormat.millis(unique.until());
    byte[] taken = new RowWriter(24).uuid(job.id().value()).int64(untilMillis).done();
    tables.put(Tables.Table.KEY, key, taken);
    byte[] expiry = Keys.keyExpiry(untilMillis, key);
    tables.put(Tables.Table.KEY_EXPIRY, expiry, Keys.NOTHING);
    if (Arrays.compareUnsigned(expiry, forgotten) < 0) {
      forgotten = Keys.NOTHING;
    }
    return null;
  }

  private @Nullable JobId find(byte[] key, Moment now) {
    byte[] stored = tables.get(Tables.Table.KEY, key);
    Entry entry = stored == null ? null : entry(stored);
    return entry == null || !TimeRules.isRemembered(entry.untilMillis, now) ? null : entry.id;
  }

  /** Forgets keys whose window is over; answers whether there was one. */
  boolean forget(Moment now) {
    byte[] to = new RowWriter(8).int64(now.wall().toEpochMilli() + 1).done();
    List<byte[]> over = tables.keys(Tables.Table.KEY_EXPIRY, forgotten, to, false, FORGET_MAX);
    over.forEach(this::forget);
    forgotten = over.isEmpty() ? forgotten : Keys.next(over.getLast());
    nextLook = over.size() == FORGET_MAX ? now.tick() : now.tick() + LOOK_TICKS;
    return !over.isEmpty();
  }

  long nextLook() {
    return nextLook;
  }

  /** A key that was taken again since has a later window, which stays. */
  private void forget(byte[] expiry) {
    byte[] key = Arrays.copyOfRange(expiry, 8, expiry.length);
    tables.delete(Tables.Table.KEY_EXPIRY, expiry);
    byte[] stored = tables.get(Tables.Table.KEY, key);
    if (stored != null && entry(stored).untilMillis == Keys.timeOf(expiry)) {
      tables.delete(Tables.Table.KEY, key);
    }
  }

  /** Until when a key is taken, by its record. */
  static long untilMillis(byte[] stored) {
    return entry(stored).untilMillis;
  }

  private static Entry entry(byte[] stored) {
    RowReader in = new RowReader(stored);
    return new Entry(new JobId(in.uuid()), in.int64());
  }
}
