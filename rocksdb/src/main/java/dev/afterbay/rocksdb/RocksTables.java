package dev.afterbay.rocksdb;

import dev.afterbay.store.Tables;
import java.nio.ByteBuffer;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

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

  /** About what an entry takes in the log beside its key and value. */
  private static final int ENTRY_BYTES = 8;

  private final Database database;
  private final Device device;
  private final RocksView view;
  private final WriteOptions options = new WriteOptions();
  private final WriteBatch batch = new WriteBatch();

  /** For the check of the invariant: the latest about keys of the batch. */
  private final Map<Table, Map<ByteBuffer, Boolean>> present = new EnumMap<>(Table.class);

  private long bytesWritten;
  private long bytesGathered;

  RocksTables(Database database, Device device) {
    this.database = database;
    this.device = device;
    this.view = RocksView.latest(database);
  }

  /** Whether a key is deleted before it is put again. */
  static boolean isPutOnce(Table table) {
    return switch (table) {
      case BODY, READY, LINE, DUE_TICK, DUE_WALL, ENDED -> true;
      default -> false;
    };
  }

  @Override
  public void put(Table table, byte[] key, byte[] value) {
    assert alternates(table, key, true) : table + " " + hex(key) + " is put twice";
    bytesGathered += ENTRY_BYTES + key.length + value.length;
    try {
      batch.put(database.handle(table), key, value);
    } catch (RocksDBException e) {
      throw new TablesFailed("gathering", e);
    }
  }

  @Override
  public void delete(Table table, byte[] key) {
    assert alternates(table, key, false);
    bytesGathered += ENTRY_BYTES + key.length;
    try {
      if (isPutOnce(table)) {
        batch.singleDelete(database.handle(table), key);
      } else {
        batch.delete(database.handle(table), key);
      }
    } catch (RocksDBException e) {
      throw new TablesFailed("gathering", e);
    }
  }

  @Override
  public void write() {
    if (bytesGathered == 0) {
      return;
    }
    try {
      device.write(database.rocks(), options, batch);
    } catch (RocksDBException e) {
      throw new TablesFailed("writing", e);
    }
    batch.clear();
    present.clear();
    bytesWritten += bytesGathered;
    bytesGathered = 0;
  }

  /** About the size of what has gathered and is not written yet. */
  long bytesGathered() {
    return bytesGathered;
  }

  /** About the size of everything that was written since the start. */
  long bytesWritten() {
    return bytesWritten;
  }

  /** The number of the last change that was written. */
  long commit() {
    return database.rocks().getLatestSequenceNumber();
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return view.get(table, key);
  }

  @Override
  public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
    return view.getAll(table, keys);
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    view.scan(table, from, to, backwards, visitor);
  }

  @Override
  public void close() {
    view.close();
    batch.close();
    options.close();
  }

  private boolean alternates(Table table, byte[] key, boolean put) {
    if (!isPutOnce(table)) {
      return true;
    }
    Boolean known =
        present.computeIfAbsent(table, _ -> new HashMap<>()).put(ByteBuffer.wrap(key), put);
    boolean there = known != null ? known : view.get(table, key) != null;
    return !put || !there;
  }

  private static String hex(byte[] key) {
    return java.util.HexFormat.of().formatHex(key);
  }
}
