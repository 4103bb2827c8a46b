package dev.afterbay.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
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

  /** Visits the entries whose keys begin with the prefix, until the visitor answers false. */
  default void scan(Tables.Table table, byte[] prefix, Visitor visitor) {
    scan(table, prefix, Keys.after(prefix), false, visitor);
  }

  /** Shows all entries whose keys begin with the prefix. */
  default void each(Tables.Table table, byte[] prefix, BiConsumer<byte[], byte[]> viewer) {
    scan(
        table,
        prefix,
        (key, value) -> {
          viewer.accept(key, value);
          return true;
        });
  }

  /** The first keys that a scan of the range would visit, at most so many. */
  default List<byte[]> keys(
      Tables.Table table, byte[] from, byte @Nullable [] to, boolean backwards, int max) {
    List<byte[]> keys = new ArrayList<>();
    scan(
        table,
        from,
        to,
        backwards,
        (key, _) -> {
          keys.add(key);
          return keys.size() < max;
        });
    return keys;
  }

  /** The first key from {@code from} (inclusive) on; null: there is none. */
  default byte @Nullable [] firstKey(Tables.Table table, byte[] from) {
    List<byte[]> first = keys(table, from, null, false, 1);
    return first.isEmpty() ? null : first.getFirst();
  }

  /** Sees an entry; answers whether it wants the next. */
  @FunctionalInterface
  interface Visitor {
    /** Answers whether it wants the next one. */
    boolean visit(byte[] key, byte[] value);
  }
}
