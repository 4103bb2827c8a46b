package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Tables.Table;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * Reads rows on a thread of its own before they are asked for, so that the ledger, which goes
 * through a backlog, need not wait for files. Only for rows that never change while they are there.
 *
 * <p>All methods are for one thread, which alone knows what is still expected: a row that was put
 * since is not, whatever is being read.
 */
final class ReadAhead implements AutoCloseable {

  /** As many lanes as are gone through side by side; what the oldest waits for is given up. */
  private static final int EXPECTED_MAX = 4;

  /** Of one expectation. */
  private static final long BYTES_MAX = 2L << 20;

  /** Read at once, if they are not too large. */
  private static final int READ_MAX = 64;

  /** So many rows that nobody wants are read, which may be large, before it is given up. */
  private static final int OTHERS_MAX = 4;

  private final Table table;
  private final RocksView view;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("afterbay-ahead").factory());
  private final Map<ByteBuffer, Row> rows = new HashMap<>();
  private final Deque<List<Row>> expected = new ArrayDeque<>();

  ReadAhead(Database database, Table table) {
    this.table = table;
    this.view = RocksView.latest(database);
  }

  private static final class Row {
    private final byte[] key;
    private @Nullable CompletableFuture<?> read;
    private byte @Nullable [] value;

    Row(byte[] key) {
      this.key = key;
    }
  }

  /** These will be asked for soon. */
  void expect(List<byte[]> keys) {
    List<Row> wanted = keys.stream().map(Row::new).toList();
    CompletableFuture<?> read = CompletableFuture.runAsync(() -> read(wanted), thread);
    for (Row row : wanted) {
      row.read = read;
      rows.put(ByteBuffer.wrap(row.key), row);
    }
    expected.add(wanted);
    if (expected.size() > EXPECTED_MAX) {
      expected.remove().forEach(row -> rows.remove(ByteBuffer.wrap(row.key), row));
    }
  }

  /** The row is another one from now on. */
  void forget(byte[] key) {
    if (!rows.isEmpty()) {
      rows.remove(ByteBuffer.wrap(key));
    }
  }

  /** The value, if it was expected and could be read; once. */
  byte @Nullable [] take(byte[] key) {
    Row row = rows.remove(ByteBuffer.wrap(key));
    if (row == null) {
      return null;
    }
    Objects.requireNonNull(row.read).join();
    byte[] value = row.value;
    row.value = null;
    return value;
  }

  @Override
  public void close() {
    thread.close();
    view.close();
  }

  private void read(List<Row> wanted) {
    long bytes = 0;
    int end = 0;
    while (end < wanted.size() && bytes < BYTES_MAX) {
      int at = end;
      end = Math.min(wanted.size(), at + READ_MAX);
      try {
        bytes += readAll(wanted.subList(at, end), BYTES_MAX - bytes);
      } catch (TablesFailed _) {
        return; // Whoever asks for them reads them, and fails.
      }
    }
  }

  /** Reads as many as the limit allows; answers the size of what was read. */
  private long readAll(List<Row> some, long bytesMax) {
    long left = bytesMax - readInOrder(some, bytesMax);
    List<Row> rest = some.stream().filter(row -> row.value == null).toList();
    if (left > 0 && !rest.isEmpty()) {
      List<byte[]> keys = rest.stream().map(row -> row.key).toList();
      List<byte @Nullable []> values = view.getSome(table, keys, left);
      for (int i = 0; i < values.size(); i++) {
        rest.get(i).value = values.get(i);
      }
    }
    return some.stream().mapToLong(row -> row.value == null ? 0 : row.value.length).sum();
  }

  /**
   * Rows that were put one after another mostly stand side by side; to go through them is cheaper
   * than to look for each. Gives up when others stand between them, and at the limit. Answers the
   * size of what was read.
   */
  private long readInOrder(List<Row> some, long bytesMax) {
    NavigableMap<byte[], Row> wanted = new TreeMap<>(Arrays::compareUnsigned);
    some.forEach(row -> wanted.put(row.key, row));
    byte[] last = wanted.lastKey();
    int[] others = {OTHERS_MAX};
    long[] left = {bytesMax};
    view.scan(
        table,
        wanted.firstKey(),
        Arrays.copyOf(last, last.length + 1),
        false,
        (key, value) -> {
          Row row = wanted.get(key);
          if (row == null) {
            return --others[0] > 0;
          }
          row.value = value;
          left[0] -= value.length;
          return left[0] > 0;
        });
    return bytesMax - left[0];
  }
}
