package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.ledger.TableView;
import dev.afterbay.ledger.Tables.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
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
  private final ShortageHandler shortage;
  private final Database.@Nullable InUse use;
  private final @Nullable Snapshot snapshot;
  private final ReadOptions options;
  private final BooleanSupplier stop;
  private @Nullable Overlay overlay;

  private RocksView(
      Database database,
      ShortageHandler shortage,
      Database.@Nullable InUse use,
      @Nullable Snapshot snapshot,
      BooleanSupplier stop) {
    this.shortage = shortage;
    this.use = use;
    this.stop = stop;
    this.database = database;
    this.snapshot = snapshot;
    this.options = options();
  }

  static RocksView latest(Database database) {
    return latest(database, (_, _) -> false);
  }

  /**
   * As above.
   *
   * @param shortage decides whether what finds no descriptor for a file is read again
   */
  static RocksView latest(Database database, ShortageHandler shortage) {
    return new RocksView(database, shortage, null, null, () -> false);
  }

  /** Without what is only in memory, and only for single rows. */
  static RocksView persisted(Database database) {
    RocksView view = latest(database);
    view.options.setReadTier(ReadTier.PERSISTED_TIER);
    return view;
  }

  /**
   * Does not change while others write. To be closed by the thread that has asked for it.
   *
   * @param stop what is being read is given up, with {@link BrokerException.Unavailable}
   */
  static RocksView snapshot(Database database, BooleanSupplier stop) {
    Database.InUse use = database.use();
    try {
      Snapshot snapshot = database.rocks().getSnapshot();
      return new RocksView(database, (_, _) -> false, use, snapshot, stop);
    } catch (RuntimeException e) {
      use.close();
      throw e;
    }
  }

  /** What is to be read over the tables from now on; null: nothing. */
  void overlay(@Nullable Overlay overlay) {
    this.overlay = overlay;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return patiently(() -> read(table, key));
  }

  private byte @Nullable [] read(Table table, byte[] key) throws RocksDBException {
    checkStop();
    try (Database.InUse _ = database.use()) {
      if (overlay != null) {
        return overlay.get(table, options, key);
      }
      return database.rocks().get(database.handle(table), options, key);
    }
  }

  /**
   * {@inheritDoc} RocksDB stops within a read at about so many bytes, and answers nothing for the
   * other keys, nor for one that it cannot read; so the first of those is read by itself.
   */
  @Override
  public List<byte @Nullable []> getSome(Table table, List<byte[]> keys, long bytesMax) {
    if (keys.size() < 2 || overlay != null) {
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
    return patiently(() -> {
      try (Database.InUse _ = database.use();
          ReadOptions limited = options().setValueSizeSoftLimit(bytesMax)) {
        ColumnFamilyHandle handle = database.handle(table);
        return database
            .rocks()
            .multiGetAsList(limited, Collections.nCopies(keys.size(), handle), keys);
      }
    });
  }

  @Override
  public void scan(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor) {
    byte[][] last = {null};
    Visitor remembering =
        (key, value) -> {
          last[0] = key;
          return visitor.visit(key, value);
        };
    patiently(() -> {
      byte[] seen = last[0];
      if (seen == null) {
        visit(table, from, to, backwards, remembering);
      } else if (backwards) {
        visit(table, from, seen, true, remembering);
      } else {
        visit(table, Arrays.copyOf(seen, seen.length + 1), to, false, remembering);
      }
      return null;
    });
  }

  /** What is done again if there was no descriptor for it. */
  @FunctionalInterface
  private interface Read<T extends @Nullable Object> {
    T read() throws RocksDBException;
  }

  private <T extends @Nullable Object> T patiently(Read<T> read) {
    for (int attempts = 0; ; attempts++) {
      try {
        return read.read();
      } catch (RocksDBException e) {
        if (!Shortage.is(e) || !shortage.goOn(e, attempts)) {
          throw TablesFailed.reading(database, e);
        }
      }
    }
  }

  private void visit(
      Table table, byte[] from, byte @Nullable [] to, boolean backwards, Visitor visitor)
      throws RocksDBException {
    try (Database.InUse _ = database.use();
        Slice lower = new Slice(from);
        Slice upper = new Slice(to == null ? START : to);
        ReadOptions bounds = options()) {
      bounds.setIterateLowerBound(lower);
      if (to != null) {
        bounds.setIterateUpperBound(upper);
      }
      try (RocksIterator entries = database.rocks().newIterator(database.handle(table), bounds)) {
        if (overlay == null) {
          visit(entries, backwards, visitor);
        } else {
          visit(overlay, entries, table, from, to, backwards, visitor);
        }
      }
    }
  }

  @Override
  public void close() {
    options.close();
    if (snapshot != null) {
      database.rocks().releaseSnapshot(snapshot);
      snapshot.close();
    }
    if (use != null) {
      use.close();
    }
  }

  private void checkStop() {
    if (stop.getAsBoolean()) {
      throw new BrokerException.Unavailable("the store is being closed: open it again");
    }
    if (use != null && database.isWanted()) {
      throw new BrokerException.Unavailable(
          "the listing was given up, as RocksDB has to be opened again: try again");
    }
  }

  private void visit(RocksIterator entries, boolean backwards, Visitor visitor)
      throws RocksDBException {
    if (backwards) {
      entries.seekToLast();
    } else {
      entries.seekToFirst();
    }
    visitFromHere(entries, backwards, visitor);
  }

  /** The overlay has no bounds, so they are looked at here. */
  private void visit(
      Overlay over,
      RocksIterator below,
      Table table,
      byte[] from,
      byte @Nullable [] to,
      boolean backwards,
      Visitor visitor)
      throws RocksDBException {
    try (RocksIterator entries = over.over(table, below)) {
      if (!backwards) {
        entries.seek(from);
      } else if (to == null) {
        entries.seekToLast();
      } else {
        entries.seekForPrev(to);
      }
      visitFromHere(
          entries,
          backwards,
          (key, value) -> {
            if (to != null && Arrays.compareUnsigned(key, to) >= 0) {
              return backwards; // It may begin at the bound itself, which does not belong to it.
            }
            return Arrays.compareUnsigned(key, from) >= 0 && visitor.visit(key, value);
          });
    }
  }

  private void visitFromHere(RocksIterator entries, boolean backwards, Visitor visitor)
      throws RocksDBException {
    while (entries.isValid()) {
      checkStop();
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
