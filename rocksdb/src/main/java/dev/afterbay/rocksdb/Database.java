package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Ledger;
import dev.afterbay.ledger.Tables.Table;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBufferManager;

/**
 * An open RocksDB with a column family for each table, and everything native that belongs to it.
 *
 * <p>What is set, and why:
 *
 * <ul>
 *   <li>Nothing goes to RocksDB's own log: the {@link Journal} is the log.
 *   <li>Buffers are flushed together, all or none, so that files always hold all of the commits up
 *       to one, whose number they tell, and none of a later one.
 *   <li>{@code avoidFlushDuringShutdown}: what is in memory is in the journal, and a full disk can
 *       be closed and opened.
 *   <li>Index and filter blocks are in the cache, so that memory does not grow with the backlog.
 *   <li>Files with many deletions are compacted early: a drained backlog gives its room back. Few
 *       deletions of large rows are for the {@link Reclaimer}.
 * </ul>
 */
final class Database implements AutoCloseable {

  /** How a database is opened. */
  enum Access {
    /** Makes what is missing. */
    CREATE,
    /** Everything must be there: a table that is missing held jobs. */
    EXISTING,
    /** A working copy: as above; changes nothing in the background. */
    COPY,
    /** For repair: takes what it finds, and changes nothing in the background. */
    SALVAGE,
    /** For repair: a new one, which need not last. */
    SCRATCH
  }

  private static final int BACKGROUND_JOBS = 2;

  /** RocksDB would start 15 threads more for each table, even for one without a file. */
  private static final int OPENING_THREADS = 1;

  /**
   * Each start begins a new one, of some 150 KB where little happens, also a start that fails: what
   * was logged at the time of the damage must outlive a few of them.
   */
  private static final int LOG_FILES_MAX = 10;

  private static final long LOG_FILE_BYTES = 4L << 20;
  private static final long MANIFEST_PREALLOCATION_BYTES = 64L << 10;
  private static final long SYNC_STEP_BYTES = 1L << 20;
  private static final int BLOOM_BITS = 10;

  /** Then writes wait; they are not slowed down before, as {@link Device#apply} does not wait. */
  private static final int LEVEL_0_FILES_MAX = 36;

  private static final long PENDING_BYTES_MAX = 256L << 30;
  private static final long BLOCK_BYTES = 8L << 10;

  /** A file is compacted when, of so many entries in a row, so many are deletions. */
  private static final long DELETION_WINDOW = 16_384;

  private static final long DELETION_TRIGGER = 8_192;

  private final Deque<AutoCloseable> natives = new ArrayDeque<>();
  private final Map<Table, ColumnFamilyHandle> handles = new EnumMap<>(Table.class);
  private final Map<Table, Integer> families = new EnumMap<>(Table.class);
  private final RocksDB rocks;

  static Database open(Path path, Access access, Sizing sizing) throws RocksDBException {
    NativeLibrary.ensureLoaded();
    return new Database(path, access, sizing);
  }

  private Database(Path path, Access access, Sizing sizing) throws RocksDBException {
    try {
      Cache cache = own(new LRUCache(sizing.cacheBytes()));
      DBOptions options = options(access, sizing, cache);
      boolean strict = access == Access.EXISTING || access == Access.COPY;
      options.setCreateMissingColumnFamilies(!strict);
      List<ColumnFamilyDescriptor> descriptors = descriptors(access, sizing, cache);
      List<ColumnFamilyHandle> opened = new ArrayList<>();
      String name = path.toString();
      rocks = own(RocksDB.open(options, name, descriptors, opened));
      opened.forEach(this::own);
      Iterator<ColumnFamilyHandle> next = opened.iterator();
      next.next();
      for (Table table : Table.values()) {
        ColumnFamilyHandle handle = next.next();
        handles.put(table, handle);
        families.put(table, handle.getID());
      }
      if (access == Access.CREATE || access == Access.EXISTING) {
        checkFiles(path);
      }
    } catch (RocksDBException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * RocksDB opens only a few files of tables at first, and would find a missing or shorter one when
   * it is read, perhaps days later. Compactions go on meanwhile, so a file counts only if it still
   * belongs to the database after it was looked at.
   *
   * @param path where they are; of a working copy, where the original is
   */
  void checkFiles(Path path) {
    Set<String> wrong = new HashSet<>();
    for (LiveFileMetaData live : rocks.getLiveFilesMetaData()) {
      if (sizeOf(path, live) != live.size()) {
        wrong.add(live.fileName());
      }
    }
    if (wrong.isEmpty()) {
      return;
    }
    for (LiveFileMetaData live : rocks.getLiveFilesMetaData()) {
      if (wrong.contains(live.fileName())) {
        long found = sizeOf(path, live);
        String lost = "it has " + found + " bytes, and should have " + live.size();
        Path file = path.resolve(live.fileName().substring(1));
        throw new StoreException.Damaged(
            new Damage(file, Math.min(found, live.size()), lost), null);
      }
    }
  }

  private static long sizeOf(Path path, LiveFileMetaData live) {
    return path.resolve(live.fileName().substring(1)).toFile().length();
  }

  RocksDB rocks() {
    return rocks;
  }

  /** The number of the last commit that is in files. */
  long persisted() {
    try (RocksView view = RocksView.persisted(this)) {
      return Ledger.commitNumber(view);
    }
  }

  ColumnFamilyHandle handle(Table table) {
    return Objects.requireNonNull(handles.get(table));
  }

  /** The number of a table's column family, which its handle would have to enter JNI for. */
  int family(Table table) {
    return Objects.requireNonNull(families.get(table));
  }

  /** The handle of a column family by its number. */
  ColumnFamilyHandle handle(int family) {
    for (Map.Entry<Table, Integer> entry : families.entrySet()) {
      if (entry.getValue() == family) {
        return handle(entry.getKey());
      }
    }
    throw new IllegalArgumentException("there is no column family " + family);
  }

  /** The name of a table's column family. */
  static byte[] nameOf(Table table) {
    return table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.US_ASCII);
  }

  /**
   * How many flushes and compactions have failed. RocksDB's listener cannot be asked: it knows no
   * reason for a flush that fails without RocksDB's own log, and throws.
   */
  long backgroundErrors() throws RocksDBException {
    return rocks.getLongProperty("rocksdb.background-errors");
  }

  /** Writes everything that is only in memory to files. */
  void flush() throws RocksDBException {
    flush(true);
  }

  /** As {@link #flush}, in the background. */
  void flushSoon() throws RocksDBException {
    flush(false);
  }

  /** Whoever waits for RocksDB, as it stalls or flushes, fails; nothing is written any more. */
  void giveUpWaiting() {
    rocks.cancelAllBackgroundWork(false);
  }

  private void flush(boolean wait) throws RocksDBException {
    try (FlushOptions options = new FlushOptions().setWaitForFlush(wait).setAllowWriteStall(true)) {
      rocks.flush(options, List.copyOf(handles.values()));
    }
  }

  @Override
  public void close() {
    while (!natives.isEmpty()) {
      try {
        natives.pop().close();
      } catch (Exception e) {
        throw new IllegalStateException("closing RocksDB failed", e);
      }
    }
  }

  private <T extends AutoCloseable> T own(T closeable) {
    natives.push(closeable);
    return closeable;
  }

  private DBOptions options(Access access, Sizing sizing, Cache cache) {
    boolean strict = access == Access.CREATE || access == Access.EXISTING;
    return own(new DBOptions())
        .setCreateIfMissing(access == Access.CREATE || access == Access.SCRATCH)
        .setParanoidChecks(strict)
        .setAtomicFlush(true)
        .setAvoidFlushDuringShutdown(true)
        .setWriteBufferManager(own(new WriteBufferManager(sizing.buffersBytes(), cache)))
        .setAllowConcurrentMemtableWrite(false)
        .setMaxBackgroundJobs(BACKGROUND_JOBS)
        .setMaxOpenFiles(OpenFiles.tables())
        .setMaxFileOpeningThreads(OPENING_THREADS)
        .setManifestPreallocationSize(MANIFEST_PREALLOCATION_BYTES)
        .setBytesPerSync(SYNC_STEP_BYTES)
        .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
        .setKeepLogFileNum(LOG_FILES_MAX)
        .setMaxLogFileSize(LOG_FILE_BYTES)
        .setStatsDumpPeriodSec(0)
        .setStatsPersistPeriodSec(0);
  }

  private List<ColumnFamilyDescriptor> descriptors(Access access, Sizing sizing, Cache cache) {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    // Nothing is in it, but as much as the largest buffer of all must be free on the disk before
    // RocksDB goes on after a lack of room; without a size of its own that is 64 MiB.
    ColumnFamilyOptions unused =
        own(new ColumnFamilyOptions()).setWriteBufferSize(sizing.otherBytes());
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, unused));
    Options common = commonOptions();
    for (Table table : Table.values()) {
      ColumnFamilyOptions options = columnOptions(table, common, sizing, cache);
      options.setDisableAutoCompactions(access == Access.SALVAGE || access == Access.COPY);
      descriptors.add(new ColumnFamilyDescriptor(nameOf(table), options));
    }
    return descriptors;
  }

  /** What the tables have in common; read from text, so once. */
  private Options commonOptions() {
    // Only Options can be given a collector; column families inherit it.
    Options common = own(new Options(own(new DBOptions()), own(hinted())));
    common.setTablePropertiesCollectorFactory(
        List.of(
            own(
                TablePropertiesCollectorFactory.NewCompactOnDeletionCollectorFactory(
                    DELETION_WINDOW, DELETION_TRIGGER, 0))));
    return common;
  }

  private ColumnFamilyOptions columnOptions(
      Table table, Options common, Sizing sizing, Cache cache) {
    boolean body = table == Table.BODY;
    long buffer = body ? sizing.bodyBytes() : sizing.otherBytes();
    BlockBasedTableConfig format =
        new BlockBasedTableConfig()
            .setBlockCache(cache)
            .setBlockSize(BLOCK_BYTES)
            .setCacheIndexAndFilterBlocks(true)
            .setCacheIndexAndFilterBlocksWithHighPriority(true)
            .setPinL0FilterAndIndexBlocksInCache(true);
    if (isLookedUp(table)) {
      format.setFilterPolicy(own(new BloomFilter(BLOOM_BITS)));
    }
    return own(new ColumnFamilyOptions(common))
        .setTableFormatConfig(format)
        .setWriteBufferSize(buffer)
        .setArenaBlockSize(Math.min(buffer / 8, arenaBytes(table)))
        .setCompressionType(body ? CompressionType.LZ4_COMPRESSION : CompressionType.NO_COMPRESSION)
        .setTargetFileSizeBase(buffer / 2)
        .setMaxBytesForLevelBase(4 * buffer)
        .setLevel0SlowdownWritesTrigger(LEVEL_0_FILES_MAX)
        .setLevel0StopWritesTrigger(LEVEL_0_FILES_MAX)
        .setSoftPendingCompactionBytesLimit(PENDING_BYTES_MAX)
        .setHardPendingCompactionBytesLimit(PENDING_BYTES_MAX)
        .setMaxCompactionBytes(8 * buffer);
  }

  /**
   * A put begins to look for its place in memory where the one before it found its own, not at the
   * top: keys grow with time. There is no setter for that.
   */
  private static ColumnFamilyOptions hinted() {
    Properties properties = new Properties();
    properties.put("memtable_insert_with_hint_prefix_extractor", "rocksdb.CappedPrefix.2");
    return ColumnFamilyOptions.getColumnFamilyOptionsFromProps(properties);
  }

  /** Tables whose rows are mostly looked for by their whole key, and often in vain. */
  private static boolean isLookedUp(Table table) {
    return switch (table) {
      case BODY, JOB, ACTIVE, KEY, HOLD -> true;
      default -> false;
    };
  }

  /** Memory is taken in such steps: 16 tables, most of them idle, must not cost 1 MiB each. */
  private static long arenaBytes(Table table) {
    return switch (table) {
      case BODY -> 1L << 20;
      case READY, ACTIVE, JOB, ENDED -> 128L << 10;
      default -> 32L << 10;
    };
  }
}
