package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Tables.Table;
import java.util.Collection;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.TableProperties;

/**
 * What the deleted rows of a table still take on the disk. RocksDB knows how many deletions have
 * not met their rows in a compaction yet, in files and in memory, also after a start; it does not
 * know how large those rows are.
 *
 * @param fileDeletions in files
 * @param memoryDeletions only in memory so far
 * @param memoryPuts rows that are only in memory: as many of those deletions may belong to them
 * @param fileBytes all rows that are in files, the deleted ones, too
 * @param rowBytes one of them on average
 * @param rowBytesMax one of them, if it is a large one
 * @param version changes with the files
 */
record Garbage(
    long fileDeletions,
    long memoryDeletions,
    long memoryPuts,
    long fileBytes,
    long rowBytes,
    long rowBytesMax,
    long version) {

  /** Bodies and results may be larger, but then the average or their number tells. */
  private static final long LARGE_ROW_BYTES = 1L << 20;

  private static final long OTHER_ROW_BYTES = 4L << 10;

  /**
   * Reads a block of each file of the table if anything has changed.
   *
   * @param before what it was when it was looked at before; null: it never was
   */
  static Garbage of(Database database, Table table, @Nullable Garbage before)
      throws RocksDBException {
    try (Database.InUse _ = database.use()) {
      return of(database, database.handle(table), table, before);
    }
  }

  private static Garbage of(
      Database database, ColumnFamilyHandle handle, Table table, @Nullable Garbage before)
      throws RocksDBException {
    // RocksDB counts from the beginning each time that it is opened.
    long openings = (long) database.openings() << Integer.SIZE;
    long version = openings + number(database, handle, "current-super-version-number");
    long deletions =
        number(database, handle, "num-deletes-active-mem-table")
            + number(database, handle, "num-deletes-imm-mem-tables");
    long entries =
        number(database, handle, "num-entries-active-mem-table")
            + number(database, handle, "num-entries-imm-mem-tables");
    long puts = Math.max(0, entries - deletions);
    if (before != null && before.version == version) {
      return before.withMemory(deletions, puts);
    }
    Collection<TableProperties> files = database.rocks().getPropertiesOfAllTables(handle).values();
    long fileDeletions = files.stream().mapToLong(TableProperties::getNumDeletions).sum();
    long rows = files.stream().mapToLong(TableProperties::getNumEntries).sum() - fileDeletions;
    long bytes = files.stream().mapToLong(TableProperties::getDataSize).sum();
    long average = bytes / Math.max(1, rows);
    return new Garbage(
        fileDeletions, deletions, puts, bytes, average, largest(table, average), version);
  }

  private static long largest(Table table, long average) {
    return Math.max(
        average,
        switch (table) {
          case BODY, NOTE -> LARGE_ROW_BYTES;
          default -> OTHER_ROW_BYTES;
        });
  }

  private static long number(Database database, ColumnFamilyHandle handle, String property)
      throws RocksDBException {
    return database.rocks().getLongProperty(handle, "rocksdb." + property);
  }

  private Garbage withMemory(long deletions, long puts) {
    return new Garbage(fileDeletions, deletions, puts, fileBytes, rowBytes, rowBytesMax, version);
  }

  /** Without so many deletions in files, which a compaction has met in vain. */
  Garbage without(long known) {
    return new Garbage(
        Math.max(0, fileDeletions - known),
        memoryDeletions,
        memoryPuts,
        fileBytes,
        rowBytes,
        rowBytesMax,
        version);
  }

  /** What a compaction frees, if the deleted rows are like the others. */
  long likelyBytes() {
    long rows = fileDeletions + Math.max(0, memoryDeletions - memoryPuts);
    return Math.min(fileBytes, rows * rowBytes);
  }

  /** What a compaction frees, if the deleted rows are the large ones. */
  long possibleBytes() {
    return Math.min(fileBytes, (fileDeletions + memoryDeletions) * rowBytesMax);
  }
}
