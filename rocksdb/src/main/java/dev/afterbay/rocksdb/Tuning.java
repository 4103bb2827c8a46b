package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.rocksdb.Database.Access;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.TablePropertiesCollectorFactory;
import org.rocksdb.WriteBufferManager;

/**
 * How RocksDB is set up.
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
final class Tuning {

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

  private final Access access;
  private final Sizing sizing;
  private final Deque<AutoCloseable> natives;
  private final Cache cache;

  /**
   * @param natives gets what is to be closed after the database, the last one first
   */
  Tuning(Access access, Sizing sizing, Deque<AutoCloseable> natives) {
    this.access = access;
    this.sizing = sizing;
    this.natives = natives;
    this.cache = own(new LRUCache(sizing.cacheBytes()));
  }

  DBOptions options() {
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

  List<ColumnFamilyDescriptor> descriptors() {
    List<ColumnFamilyDescriptor> descriptors = new ArrayList<>();
    // Nothing is in it, but as much as the largest buffer of all must be free on the disk before
    // RocksDB goes on after a lack of room; without a size of its own that is 64 MiB.
    ColumnFamilyOptions unused =
        own(new ColumnFamilyOptions()).setWriteBufferSize(sizing.otherBytes());
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, unused));
    Options common = commonOptions();
    for (Table table : Table.values()) {
      ColumnFamilyOptions options = columnOptions(table, common);
      options.setDisableAutoCompactions(access == Access.SALVAGE || access == Access.COPY);
      descriptors.add(new ColumnFamilyDescriptor(Database.nameOf(table), options));
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

  private ColumnFamilyOptions columnOptions(Table table, Options common) {
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

  private <T extends AutoCloseable> T own(T closeable) {
    natives.push(closeable);
    return closeable;
  }
}
