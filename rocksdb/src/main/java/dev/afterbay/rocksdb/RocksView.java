package dev.afterbay.rocksdb;

import dev.afterbay.store.TableView;
import dev.afterbay.store.Tables.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ReadOptions;
import org.rocksdb.ReadTier;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Slice;
import org.rocksdb.Snapshot;

/**
 * What can be read of a database, now or in a snapshot. A read that fails throws {@link
 * TablesFailed}; RocksDB checks the checksum of every block, so no wrong bytes are returned.
 */
final class RocksView implements TableView, AutoCloseable {

  private static final byte[] START = {};

  private final Database database;
  private final @Nullable Snapshot snapshot;
  private final ReadOptions options;

  private RocksView(Database database, @Nullable Snapshot snapshot) {
    this.database = database;
    this.snapshot = snapshot;
    this.options = options();
  }

  static RocksView latest(Database database) {
    return new RocksView(database, null);
  }

  /** Without what is only in memory, and only for single rows. */
  static RocksView persisted(Database database) {
    RocksView view = latest(database);
    view.options.setReadTier(ReadTier.PERSISTED_TIER);
    return view;
  }

  /** Does not change while others write. */
  static RocksView snapshot(Database database) {
    return new RocksView(database, database.rocks().getSnapshot());
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    try {
      return database.rocks().get(database.handle(table), options, key);
    } catch (RocksDBException e) {
      throw TablesFailed.reading(database, e);
    }
  }

  @Override
  @SuppressWarnings("NullAway") // The list has nulls, which RocksDB does not declare.
  public List<byte @Nullable []> getAll(Table table, List<byte[]> keys) {
    if (keys.isEmpty()) {
      return List.of();
    }
    List<byte @Nullable []> values;
    try {
      values =
          database
              .rocks()
              .multiGetAsList(
                  options, Collections.nCopies(keys.size(), database.handle(table)), keys);
    } catch (RocksDBException e) {
      throw TablesFailed.reading(database, e);
    }
    for (int i = 0; i < values.size(); i++) {
      if (values.get(i) == null) {
        // Also what could not be read is null there: to read it by itself tells, and throws.
        values.set(i, get(table, keys.get(i)));
      }
    }
    return values;
  }

  /**
   * {@inheritDoc} RocksDB stops within a read at about so many bytes, and answers nothing for the
   * other keys, nor for one that it cannot read; so the first of those is read by itself.
   */
  @Override
  public List<byte @Nullable []> getSome(Table table, List<byte[]> keys, long bytesMax) {
    if (keys.size() < 2) {
      return TableView.super.getSome(table, keys, bytesMax);
    }
    List<byte @Nullable []> values = limited(table, keys, bytesMax);
    int first = values.indexOf(null);
    if (first < 0) {
      return values;
    }
    List<byte @Nullable []> some = new ArrayList<>(values.subList(0, first));
    if (first == 0) {
      some.add(get(table, keys.getFirst()));
    }
    return some;
  }

  @SuppressWarnings("NullAway") // The list has nulls, which RocksDB does not declare.
  private List<byte @Nullable []> limited(Table table, List<byte[]> keys, long bytesMax) {
    try (ReadOptions limited = options().setValueSizeSoftLimit(bytesMax)) {
      return database
          .rocks()
          .multiGetAsList(limited, Collections.nCopies(keys.size(), database.handle(table)), keys);
    } catch (RocksDBException e) {
      throw TablesFailed.reading(database, e);
    }
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    try (Slice lower = new Slice(from);
        Slice upper = new Slice(to == null ? START : to);
        ReadOptions bounds = options()) {
      bounds.setIterateLowerBound(lower);
      if (to != null) {
        bounds.setIterateUpperBound(upper);
      }
      try (RocksIterator entries = database.rocks().newIterator(database.handle(table), bounds)) {
        visit(entries, backwards, visitor);
      }
    } catch (RocksDBException e) {
      throw TablesFailed.reading(database, e);
    }
  }

  @Override
  public void close() {
    options.close();
    if (snapshot != null) {
      database.rocks().releaseSnapshot(snapshot);
      snapshot.close();
    }
  }

  private static void visit(RocksIterator entries, boolean backwards, Visitor visitor)
      throws RocksDBException {
    if (backwards) {
      entries.seekToLast();
    } else {
      entries.seekToFirst();
    }
    while (entries.isValid()) {
      if (!visitor.visit(entries.key(), entries.value())) {
        return;
      }
      if (backwards) {
        entries.prev();
      } else {
        entries.next();
      }
    }
    entries.status();
  }

  private ReadOptions options() {
    ReadOptions fresh = new ReadOptions();
    return snapshot == null ? fresh : fresh.setSnapshot(snapshot);
  }
}
