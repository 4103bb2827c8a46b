package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.NonWritableChannelException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A data directory that this process has for itself: {@code lock}, {@code format}, {@code mark},
 * {@code reserve}, and the folders {@code journal} and {@code db}, which is RocksDB's.
 * docs/storage.md, Files.
 *
 * <p>A new one is made in an order that a crash can stop anywhere: first the mark at 0, then the
 * format, then the database. So a directory with a format has a mark, and only one whose mark is at
 * 0 may lack its database.
 */
final class DataDirectory implements AutoCloseable {

  /** Raised with every change of a record or a file; see docs/storage.md. */
  static final int FORMAT = 4;

  static final String FORMAT_FILE = "format";
  static final String LOCK_FILE = "lock";
  static final String DATABASE = "db";
  static final String JOURNAL = "journal";

  /** What fills a directory; until it has, the format says so. */
  enum Filling {
    REPAIR("`afterbay repair` again on the directory that is damaged"),
    RESTORE("`afterbay restore` again");

    private final String again;

    Filling(String again) {
      this.again = again;
    }

    private String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    private String format() {
      return "afterbay " + word() + ", not complete\n";
    }
  }

  private static final Pattern FORMAT_TEXT =
      Pattern.compile("afterbay rocksdb format (\\d{1,9})\\s*");

  /**
   * What this process has locked, looked at before the lock's file is opened again: to close any
   * channel of a file drops all locks that the process has on it (POSIX, fcntl).
   */
  private static final Set<Object> LOCKED = ConcurrentHashMap.newKeySet();

  private final Path directory;
  private final Object key;
  private final @Nullable FileChannel lock;
  private boolean closed;

  private DataDirectory(Path directory, Object key, @Nullable FileChannel lock) {
    this.directory = directory;
    this.key = key;
    this.lock = lock;
  }

  /** Locks the directory, and makes it where it is not there yet. */
  static DataDirectory openOrCreate(Path directory) throws IOException {
    make(directory);
    DataDirectory data = lock(directory);
    try {
      if (!Files.exists(directory.resolve(FORMAT_FILE))) {
        data.prepare();
      }
      data.checkFormat();
      return data;
    } catch (IOException | RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /** Locks a directory that must be there, and is only read. */
  static DataDirectory openExisting(Path directory) throws IOException {
    DataDirectory data = lockExisting(directory);
    try {
      data.checkFormat();
      return data;
    } catch (IOException | RuntimeException e) {
      data.close();
      throw e;
    }
  }

  /**
   * Locks a directory that must be there and is only read, whatever its format file says and
   * whatever is missing in it. Its file system may be read-only.
   */
  static DataDirectory lockExisting(Path directory) throws IOException {
    if (!Files.isDirectory(directory)) {
      throw new StoreException.Unusable(
          directory, "it is not a directory: name the data directory of a server", null);
    }
    if (Stream.of(FORMAT_FILE, SyncMark.FILE, DATABASE, JOURNAL)
        .noneMatch(name -> Files.exists(directory.resolve(name)))) {
      throw new StoreException.Unusable(
          directory,
          "it is not a data directory of Afterbay: it has no "
              + String.join(", ", FORMAT_FILE, SyncMark.FILE, DATABASE, JOURNAL),
          null);
    }
    return lock(directory, DataDirectory::openLockToRead);
  }

  /**
   * Locks a directory that is to be filled, and makes it where it is not there yet. Nothing opens
   * it before {@link #finish}: what failed or was killed must not pass for an empty store. So the
   * format is there before the lock.
   */
  static DataDirectory lockEmpty(Path directory, Filling filling) throws IOException {
    make(directory);
    try (Stream<Path> files = Files.list(directory)) {
      if (files.findAny().isPresent()) {
        throw notEmpty(directory, null);
      }
    }
    // In place, not by write(): on a disk without any room the empty file is there all the same.
    try {
      Files.writeString(
          directory.resolve(FORMAT_FILE),
          filling.format(),
          StandardOpenOption.CREATE_NEW,
          StandardOpenOption.WRITE,
          StandardOpenOption.DSYNC);
    } catch (FileAlreadyExistsException e) { // By somebody else, just now.
      throw notEmpty(directory, e);
    }
    sync(directory);
    return lock(directory);
  }

  private static StoreException notEmpty(Path directory, @Nullable Exception cause) {
    Filling begun = begun(directory);
    String why =
        begun == null
            ? "it is not empty: name another folder"
            : "it is not empty, but of a "
                + begun.word()
                + " that failed, or still runs: delete it if it failed, or name another folder";
    return new StoreException.Unusable(directory, why, cause);
  }

  /** What was to fill it, and has not come to its end, or not yet; null: nothing. */
  private static @Nullable Filling begun(Path directory) {
    try {
      String text = Files.readString(directory.resolve(FORMAT_FILE), StandardCharsets.ISO_8859_1);
      return Arrays.stream(Filling.values())
          .filter(filling -> text.equals(filling.format()))
          .findFirst()
          .orElse(null);
    } catch (IOException _) {
      return null; // There is none, or nobody can tell.
    }
  }

  /** Makes the mark and the format of a directory whose database is complete and synced. */
  void finish(long commit) throws IOException {
    SyncMark.create(directory, commit);
    writeFormat();
  }

  /** Says that the directory is complete. */
  void writeFormat() throws IOException {
    String format = "afterbay rocksdb format " + FORMAT + "\n";
    write(directory, FORMAT_FILE, StandardCharsets.US_ASCII.encode(format));
  }

  Path path() {
    return directory;
  }

  Path database() {
    return directory.resolve(DATABASE);
  }

  Path journal() {
    return directory.resolve(JOURNAL);
  }

  @Override
  public void close() throws IOException {
    if (lock != null) {
      lock.close();
    }
    if (!closed) {
      closed = true;
      LOCKED.remove(key);
    }
  }

  /** Makes a small file durably: after a crash there is all of it, or what was there before. */
  static void write(Path directory, String name, ByteBuffer content) throws IOException {
    Path fresh = directory.resolve(name + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.TRUNCATE_EXISTING,
            StandardOpenOption.WRITE)) {
      while (content.hasRemaining()) {
        channel.write(content);
      }
      channel.force(true);
    }
    Files.move(fresh, directory.resolve(name), StandardCopyOption.ATOMIC_MOVE);
    sync(directory);
  }

  /** Makes the entries of a directory durable. */
  static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory)) {
      channel.force(true);
    }
  }

  /**
   * Makes folders, and their names durable: without that a loss of power could take all of them.
   */
  static void make(Path directory) throws IOException {
    List<Path> missing = new ArrayList<>();
    Path at = directory.toAbsolutePath().normalize();
    while (at != null && !Files.exists(at)) {
      missing.addFirst(at);
      at = at.getParent();
    }
    Files.createDirectories(directory);
    for (Path made : missing) {
      Path parent = made.getParent();
      if (parent != null) {
        sync(parent);
      }
    }
  }

  private static DataDirectory lock(Path directory) throws IOException {
    return lock(directory, DataDirectory::openLock);
  }

  @FunctionalInterface
  private interface LockOpening {
    /** Null: there is nothing to lock, and no process can have locked it. */
    @Nullable FileChannel open(Path lock) throws IOException;
  }

  private static FileChannel openLock(Path lock) throws IOException {
    return FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
  }

  /** On a file system that is read-only a shared lock keeps clear of one who has it for writing. */
  private static @Nullable FileChannel openLockToRead(Path lock) throws IOException {
    try {
      return openLock(lock);
    } catch (IOException e) {
      if (!Files.getFileStore(lock.toAbsolutePath().getParent()).isReadOnly()) {
        throw e;
      }
      return Files.exists(lock) ? FileChannel.open(lock, StandardOpenOption.READ) : null;
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (NonWritableChannelException _) {
      return channel.tryLock(0, Long.MAX_VALUE, true);
    }
  }

  private static DataDirectory lock(Path directory, LockOpening opening) throws IOException {
    Object key = key(directory);
    if (!LOCKED.add(key)) {
      throw new StoreException.InUse(directory, null);
    }
    @Nullable FileChannel channel = null;
    try {
      channel = opening.open(directory.resolve(LOCK_FILE));
      if (channel != null && tryLock(channel) == null) {
        throw new StoreException.InUse(directory, null);
      }
      return new DataDirectory(directory, key, channel);
    } catch (IOException | RuntimeException e) {
      if (channel != null) {
        channel.close();
      }
      LOCKED.remove(key);
      throw e;
    }
  }

  /** The same for every name of a directory. */
  private static Object key(Path directory) throws IOException {
    Object file = Files.readAttributes(directory, BasicFileAttributes.class).fileKey();
    return file != null ? file : directory.toRealPath();
  }

  /**
   * Makes a new one, or goes on with one that was just begun. A directory that held jobs never
   * starts empty.
   */
  private void prepare() throws IOException {
    String remains = remains();
    if (remains != null) {
      throw new StoreException.Damaged(missingFormat(remains), null);
    }
    finish(0);
  }

  /** What is there that a directory which was just begun cannot have; null: nothing. */
  private @Nullable String remains() throws IOException {
    if (Files.exists(database())) {
      return "a database";
    }
    if (!JournalScan.files(journal()).isEmpty()) {
      return "a journal";
    }
    Path mark = directory.resolve(SyncMark.FILE);
    if (!Files.exists(mark)) {
      return null;
    }
    Long commit = SyncMark.peek(directory);
    if (commit == null) {
      return "a mark that cannot be read";
    }
    return commit == 0 ? null : "a mark that tells of " + commit + " commits";
  }

  private Damage missingFormat(String beside) {
    return new Damage(directory.resolve(FORMAT_FILE), 0, "it is missing, beside " + beside);
  }

  private void checkFormat() throws IOException {
    Path file = directory.resolve(FORMAT_FILE);
    String text;
    try {
      text = Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (NoSuchFileException e) {
      String remains = remains();
      throw new StoreException.Damaged(
          missingFormat(remains == null ? "the files of a new directory" : remains), e);
    }
    for (Filling filling : Filling.values()) {
      if (text.equals(filling.format())) {
        throw new StoreException.Incomplete(directory, filling.word(), filling.again);
      }
    }
    Matcher matcher = FORMAT_TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new StoreException.Damaged(
          new Damage(file, 0, "it should say `afterbay rocksdb format " + FORMAT + "`"), null);
    }
    int found = Integer.parseInt(matcher.group(1));
    if (found != FORMAT) {
      throw new StoreException.OtherFormat(file, found, FORMAT);
    }
  }
}
