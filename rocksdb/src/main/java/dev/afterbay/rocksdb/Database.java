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
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.DBOptions;
import org.rocksdb.FlushOptions;
import org.rocksdb.LiveFileMetaData;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * An open RocksDB with a column family for each table, and everything native that belongs to it.
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

  private static final long WAIT_NANOS = 1_000_000_000;

  private final Path path;
  private final Sizing sizing;
  private final ReentrantReadWriteLock lock = new ReentrantReadWriteLock();
  private final InUse inUse = lock.readLock()::unlock;
  private volatile boolean seizing;
  private volatile Runnable waiting = () -> {};
  private volatile boolean open;
  private final Deque<AutoCloseable> natives = new ArrayDeque<>();
  private final Map<Table, ColumnFamilyHandle> handles = new EnumMap<>(Table.class);
  private final Map<Table, Integer> families = new EnumMap<>(Table.class);
  private RocksDB rocks;
  private int openings;

  /** The time in which what is native must stay as it is. */
  interface InUse extends AutoCloseable {
    @Override
    void close();
  }

  static Database open(Path path, Access access, Sizing sizing) throws RocksDBException {
    NativeLibrary.ensureLoaded();
    return new Database(path, access, sizing);
  }

  private Database(Path path, Access access, Sizing sizing) throws RocksDBException {
    this.path = path;
    this.sizing = sizing;
    this.rocks = opened(access);
  }

  private RocksDB opened(Access access) throws RocksDBException {
    try {
      Tuning tuning = new Tuning(access, sizing, natives);
      boolean strict = access == Access.EXISTING || access == Access.COPY;
      DBOptions options = tuning.options().setCreateMissingColumnFamilies(!strict);
      List<ColumnFamilyDescriptor> descriptors = tuning.descriptors();
      List<ColumnFamilyHandle> opened = new ArrayList<>();
      RocksDB rocks = own(RocksDB.open(options, path.toString(), descriptors, opened));
      opened.forEach(this::own);
      Iterator<ColumnFamilyHandle> next = opened.iterator();
      next.next();
      for (Table table : Table.values()) {
        ColumnFamilyHandle handle = next.next();
        handles.put(table, handle);
        families.putIfAbsent(table, handle.getID()); // They stay what they are.
      }
      if (access == Access.CREATE || access == Access.EXISTING) {
        checkFiles(rocks, path);
      }
      openings++;
      open = true;
      return rocks;
    } catch (RocksDBException | RuntimeException e) {
      close();
      throw e;
    }
  }

  /**
   * While this is not closed nobody opens the database again. For whoever uses what is native in it
   * while others use it, too; within it may be asked for once more.
   */
  InUse use() {
    await(lock.readLock());
    return inUse;
  }

  /** Takes a lock that may be held while the database is opened again. */
  void await(Lock wanted) {
    boolean interrupted = false;
    boolean locked = false;
    while (!locked) {
      try {
        locked = wanted.tryLock(WAIT_NANOS, TimeUnit.NANOSECONDS);
        if (!locked) {
          waiting.run();
        }
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sees whoever waits for that, on its thread, each second. */
  void waiting(Runnable waiting) {
    this.waiting = waiting;
  }

  /** Whether somebody waits for those who read for long, to open it again. */
  boolean isWanted() {
    return seizing;
  }

  /** Whether it is being opened again. */
  boolean isSeized() {
    return lock.isWriteLocked();
  }

  /**
   * Waits a second until nobody uses it, and nobody does until the answer is closed.
   *
   * @return null: somebody does
   */
  @Nullable InUse seize() throws InterruptedException {
    seizing = true;
    try {
      boolean seized = lock.writeLock().tryLock(WAIT_NANOS, TimeUnit.NANOSECONDS);
      return seized ? lock.writeLock()::unlock : null;
    } finally {
      seizing = false;
    }
  }

  /**
   * Closes it, if it is open, and opens it. What was only in memory is lost. For whoever has {@link
   * #seize}d it.
   */
  void reopen() throws RocksDBException {
    close();
    rocks = opened(Access.EXISTING);
  }

  /** How often it was opened. */
  int openings() {
    return openings;
  }

  Path path() {
    return path;
  }

  /**
   * RocksDB opens only a few files of tables at first, and would find a missing or shorter one when
   * it is read, perhaps days later. Compactions go on meanwhile, so a file counts only if it still
   * belongs to the database after it was looked at.
   *
   * @param path where they are; of a working copy, where the original is
   */
  void checkFiles(Path path) {
    checkFiles(rocks, path);
  }

  private static void checkFiles(RocksDB rocks, Path path) {
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

  /**
   * What reads and writes.
   *
   * @throws TablesFailed if it could not be opened again
   */
  RocksDB rocks() {
    if (!open) {
      throw TablesFailed.closed();
    }
    return rocks;
  }

  /** The number of the last commit that is in files. */
  long persisted() {
    try (RocksView view = RocksView.persisted(this)) {
      return Ledger.commitNumber(view);
    }
  }

  /** The same; 0: there is no descriptor to look for it with. */
  long persistedIfKnown() {
    try {
      return persisted();
    } catch (TablesFailed e) {
      if (Shortage.is(e)) {
        return 0;
      }
      throw e;
    }
  }

  /** So much may be written at once. */
  long flushBytes() {
    return sizing.bodyBytes();
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
   * Changes when a flush or a compaction has failed, or when it was opened again. RocksDB's
   * listener cannot be asked: it knows no reason for a flush that fails without RocksDB's own log,
   * and throws.
   */
  long backgroundErrors() throws RocksDBException {
    try (InUse _ = use()) {
      long errors = rocks().getLongProperty("rocksdb.background-errors");
      return ((long) openings << Integer.SIZE) + errors;
    }
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
    await(lock.readLock());
    try (InUse _ = inUse) {
      if (open) {
        rocks.cancelAllBackgroundWork(false);
      }
    }
  }

  private void flush(boolean wait) throws RocksDBException {
    try (InUse _ = use();
        FlushOptions options = new FlushOptions().setWaitForFlush(wait).setAllowWriteStall(true)) {
      rocks().flush(options, List.copyOf(handles.values()));
    }
  }

  @Override
  public void close() {
    open = false;
    handles.clear();
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
}
