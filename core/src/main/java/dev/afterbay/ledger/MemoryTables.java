package dev.afterbay.ledger;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Tables in memory. Nothing survives; {@link #write} is there so that all tables behave alike. */
public final class MemoryTables implements Tables {

  private final Map<Table, NavigableMap<byte[], byte[]>> tables = new EnumMap<>(Table.class);
  private final List<Runnable> batch = new ArrayList<>();

  /** Empty ones. */
  public MemoryTables() {
    for (Table table : Table.values()) {
      tables.put(table, new TreeMap<>(Arrays::compareUnsigned));
    }
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return entries(table).get(key);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    NavigableMap<byte[], byte[]> range = entries(table).tailMap(from, true);
    if (to != null) {
      if (Arrays.compareUnsigned(from, to) >= 0) {
        return;
      }
      range = range.headMap(to, false);
    }
    for (Map.Entry<byte[], byte[]> entry : (backwards ? range.descendingMap() : range).entrySet()) {
      if (!visitor.visit(entry.getKey(), entry.getValue())) {
        return;
      }
    }
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    batch.add(() -> entries(table).put(key, value));
  }

  @Override
  public void delete(Table table, byte[] key) {
    batch.add(() -> entries(table).remove(key));
  }

  @Override
  public void write() {
    batch.forEach(Runnable::run);
    batch.clear();
  }

  private NavigableMap<byte[], byte[]> entries(Table table) {
    return Objects.requireNonNull(tables.get(table));
  }
}
