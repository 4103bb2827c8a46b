package dev.afterbay.ledger;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What can be read of {@link Tables}. */
public interface TableView {

  /** The value of a key; null: there is none. */
  byte @Nullable [] get(Tables.Table table, byte[] key);

  /**
   * The values of the first keys, in their order, null where there is none: of as many as the limit
   * allows, and at least of one. The last value may be what goes beyond the limit.
   */
  default List<byte @Nullable []> getSome(Tables.Table table, List<byte[]> keys, long bytesMax) {
    List<byte @Nullable []> values = new ArrayList<>(keys.size());
    long bytes = 0;
    for (byte[] key : keys) {
      if (!values.isEmpty() && bytes >= bytesMax) {
        break;
      }
      byte[] value = get(table, key);
      values.add(value);
      bytes += value == null ? 0 : value.length;
    }
    return values;
  }

  /**
   * Visits entries from {@code from} (inclusive) to {@code to} (exclusive; null: the end), or the
   * same range backwards, until the visitor answers false.
   */
  void scan(
      Tables.Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor);

  /** The first key from {@code from} (inclusive) on; null: there is none. */
  default byte @Nullable [] firstKey(Tables.Table table, byte[] from) {
    byte @Nullable [][] first = {null};
    scan(
        table,
        from,
        null,
        false,
        (key, _) -> {
          first[0] = key;
          return false;
        });
    return first[0];
  }

  /** Sees an entry; answers whether it wants the next. */
  @FunctionalInterface
  interface Visitor {
    /** Answers whether it wants the next one. */
    boolean visit(byte[] key, byte[] value);
  }
}
