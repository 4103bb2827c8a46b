package dev.afterbay.contract;

import dev.afterbay.ledger.MemoryTables;
import dev.afterbay.ledger.Tables;
import org.jspecify.annotations.Nullable;

/** Counts what a store reads and writes. */
final class CountingTables implements Tables {

  /** Rows that scans have shown. */
  long visits;

  long scans;

  /** Rows of BODY that were read by their keys. */
  long bodies;

  /** Rows of the largest batch. */
  long writtenAtOnce;

  private final Tables tables = new MemoryTables();
  private long gathered;

  void reset() {
    writtenAtOnce = 0;
    visits = 0;
    scans = 0;
    bodies = 0;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    bodies += table == Table.BODY ? 1 : 0;
    return tables.get(table, key);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    scans++;
    tables.scan(
        table,
        from,
        to,
        backwards,
        (key, value) -> {
          visits++;
          return visitor.visit(key, value);
        });
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    gathered++;
    tables.put(table, key, value);
  }

  @Override
  public void delete(Table table, byte[] key) {
    gathered++;
    tables.delete(table, key);
  }

  @Override
  public void write() {
    writtenAtOnce = Math.max(writtenAtOnce, gathered);
    gathered = 0;
    tables.write();
  }
}
