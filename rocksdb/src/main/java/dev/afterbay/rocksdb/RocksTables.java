package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Tables;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * The tables of a ledger as column families of RocksDB. For one writing thread.
 *
 * <p>Where a key is never put again before it was deleted, the deletion is a SingleDelete: it and
 * the put annihilate each other when they meet, so that a queue that is sent to and received from
 * leaves nothing behind, while a plain deletion would travel to the last level. Two puts in a row
 * would bring the older one back, so that rule is an invariant of these tables, checked wherever
 * assertions are on.
 */
final class RocksTables implements Tables, AutoCloseable {

  /** Rows whose check is remembered before they are read instead. */
  private static final int CHECKED_MAX = 10_000;

  private final Database database;
  private final Outlet outlet;
  private final RocksView view;
  private final ReadAhead bodies;
  private final Batch batch = new Batch();

  /** For the check of the invariant: whether rows are there after the batch that gathers. */
  private final Map<Row, Boolean> gathered = new HashMap<>();

  /** The same of batches before, which cannot be read yet. */
  private final Map<Row, Boolean> written = new HashMap<>();

  /** That are open, one within the visitor of the other. */
  private int scans;

  private record Row(Table table, ByteBuffer key) {}

  /** Where batches go: they are written in their order, at once or soon. */
  interface Outlet {
    void write(byte[] batch);

    /**
     * Returns when all of them can be read.
     *
     * @return over the tables; null: they have all of them
     */
    @Nullable Overlay await();

    /** As {@link ShortageHandler#goOn}, for a read. */
    default boolean goOn(Exception shortage, int attempts) {
      return false;
    }
  }

  RocksTables(Database database, Outlet outlet) {
    this.database = database;
    this.outlet = outlet;
    this.view = RocksView.latest(database, outlet::goOn);
    this.bodies = new ReadAhead(database, Table.BODY);
  }

  /** Applies each batch at once, for tables that are flushed before they count. */
  static RocksTables direct(Database database, Device device) {
    return new RocksTables(
        database,
        new Outlet() {
          @Override
          public void write(byte[] batch) {
            try {
              device.apply(database.rocks(), batch);
            } catch (RocksDBException e) {
              throw TablesFailed.writing(e);
            }
          }

          @Override
          public @Nullable Overlay await() {
            return null;
          }
        });
  }

  /** Whether a key is deleted before it is put again. */
  static boolean isPutOnce(Table table) {
    return switch (table) {
      case BODY, JOB, ACTIVE, READY, LINE, DUE_TICK, DUE_WALL, DEFERRED, ENDED -> true;
      default -> false;
    };
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    assert alternates(table, key, true) : table + " " + hex(key) + " is put twice";
    if (table == Table.BODY) {
      bodies.forget(key);
    }
    batch.put(database.family(table), key, value);
  }

  @Override
  public void delete(Table table, byte[] key) {
    assert alternates(table, key, false) : table + " " + hex(key) + " is deleted, and not there";
    int family = database.family(table);
    if (isPutOnce(table)) {
      batch.singleDelete(family, key);
    } else {
      batch.delete(family, key);
    }
  }

  @Override
  public void write() {
    assert scans == 0 : "a visitor of a scan writes";
    if (!batch.isEmpty()) {
      outlet.write(batch.take());
      written.putAll(gathered);
      gathered.clear();
    }
  }

  /** The size of what has gathered and is not written yet. */
  long bytesGathered() {
    return batch.size();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    await();
    return view.get(table, key);
  }

  /** {@inheritDoc} What was read ahead is in memory, and does not count. */
  @Override
  public List<byte @Nullable []> getSome(Table table, List<byte[]> keys, long bytesMax) {
    List<byte @Nullable []> values = new ArrayList<>(keys.size());
    for (byte[] key : keys) {
      byte[] value = table == Table.BODY ? bodies.take(key) : null;
      if (value == null) {
        break;
      }
      values.add(value);
    }
    if (values.isEmpty()) {
      await();
      return view.getSome(table, keys, bytesMax);
    }
    return values;
  }

  @Override
  public void expectBodies(List<byte[]> keys) {
    bodies.expect(keys);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    await();
    scans++;
    try {
      view.scan(table, from, to, backwards, visitor);
    } finally {
      scans--;
    }
  }

  @Override
  public void close() {
    bodies.close();
    view.close();
  }

  private boolean alternates(Table table, byte[] key, boolean put) {
    if (!isPutOnce(table)) {
      return true;
    }
    if (written.size() > CHECKED_MAX) {
      await();
    }
    Row row = new Row(table, ByteBuffer.wrap(key));
    Boolean before = written.get(row);
    Boolean known = gathered.put(row, put);
    boolean there = known != null ? known : before != null ? before : view.get(table, key) != null;
    return there != put;
  }

  /**
   * Not within a scan: its entries are read through the overlay, which may be closed or begun anew
   * here, and no visitor writes a batch, so that there is nothing new to be seen.
   */
  private void await() {
    if (scans > 0) {
      return;
    }
    view.overlay(outlet.await());
    written.clear();
  }

  private static String hex(byte[] key) {
    return HexFormat.of().formatHex(key);
  }
}
