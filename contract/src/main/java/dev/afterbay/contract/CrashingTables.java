package dev.afterbay.contract;

import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Tables in memory that remember what a loss of power would leave of them: all batches up to the
 * last {@link #sync}, and of those written since then the first few, never a part of one.
 */
public final class CrashingTables implements Tables {

  private record Entry(Table table, byte[] key, byte @Nullable [] value) {
    void putInto(Tables tables) {
      if (value == null) {
        tables.delete(table, key);
      } else {
        tables.put(table, key, value);
      }
    }
  }

  private final MemoryTables synced = new MemoryTables();
  private final MemoryTables written = new MemoryTables();
  private final List<List<Entry>> unsynced = new ArrayList<>();
  private List<Entry> batch = new ArrayList<>();

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return written.get(table, key);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    written.scan(table, from, to, backwards, visitor);
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    batch.add(new Entry(table, key, value));
  }

  @Override
  public void delete(Table table, byte[] key) {
    batch.add(new Entry(table, key, null));
  }

  @Override
  public void write() {
    if (batch.isEmpty()) {
      return;
    }
    batch.forEach(entry -> entry.putInto(written));
    written.write();
    unsynced.add(batch);
    batch = new ArrayList<>();
  }

  /** What was written until now survives any crash. */
  public void sync() {
    for (List<Entry> entries : unsynced) {
      entries.forEach(entry -> entry.putInto(synced));
      synced.write();
    }
    unsynced.clear();
  }

  /** How many batches were written since the last sync. */
  public int unsynced() {
    return unsynced.size();
  }

  /**
   * The tables after a loss of power. These ones stay as they are.
   *
   * @param kept how many of the {@link #unsynced} batches had reached the disk
   */
  public CrashingTables crash(int kept) {
    CrashingTables left = new CrashingTables();
    for (Table table : Table.values()) {
      synced.scan(
          table,
          new byte[0],
          null,
          false,
          (key, value) -> {
            left.put(table, key, value);
            return true;
          });
    }
    left.write();
    for (List<Entry> entries : unsynced.subList(0, kept)) {
      left.batch.addAll(entries);
      left.write();
    }
    left.sync();
    return left;
  }
}
