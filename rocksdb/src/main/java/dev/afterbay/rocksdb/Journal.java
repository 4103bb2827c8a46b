package dev.afterbay.rocksdb;

import dev.afterbay.ledger.BatchLog;
import dev.afterbay.rocksdb.JournalScan.Scanned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.rocksdb.RocksDBException;

/**
 * The write-ahead log: every batch is appended here before it goes to the tables, which keep what
 * is new in memory until there is enough of it for a file.
 *
 * <p>A file whose batches are all in tables is written over: its blocks are there already, so that
 * a sync need not write where they are, which takes half the time. The format is that of {@link
 * JournalFile}.
 *
 * <p>One thread appends, and one syncs.
 */
final class Journal implements BatchLog, AutoCloseable {

  /** Full files that wait for their batches to be in tables. */
  private static final int FULL_MAX = 4;

  private static final int PIECE_BYTES = 256 << 10;

  /** What the first file of an open store has: it must not take long. */
  private static final long FIRST_BYTES = 1L << 20;

  /** So many times as large as it should be may a file get while none is allocated. */
  private static final int OVERLONG_FACTOR = 2;

  /** A sync failed, whatever the reason: that is never a {@link Shortage}. */
  static final class SyncFailed extends IOException {
    private static final long serialVersionUID = 1L;

    SyncFailed(IOException cause) {
      super(Reason.of(cause), cause);
    }
  }

  private final Path folder;
  private final Device device;
  private final Database database;
  private final RandomGenerator random;
  private final long fileBytes;
  private final Deque<Part> full = new ArrayDeque<>();
  private final Deque<Part> spare = new ArrayDeque<>();
  private final FileChannel folderChannel;
  private final JournalAhead ahead;
  private final ByteBuffer header = ByteBuffer.allocate(JournalFile.HEADER_BYTES);
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
  private volatile long synced;

  /** A sync by {@link #sync} failed: what it was to sync may be lost, whatever others say. */
  private volatile boolean syncFailed;

  /** A sync failed, or is under way in {@link #turn}. */
  private boolean unsure;

  private volatile Part current;
  private volatile long number;
  private long position;

  /** Where the current file should end. */
  private long limit;

  /** Files up to this number are read by a backup; 0: there is none. */
  private volatile long lentUpTo;

  /**
   * An open file.
   *
   * @param last the number of its last commit; of the current one it is not known yet
   * @param end where its records end; of the current one it is not known yet
   */
  private record Part(Path path, FileChannel channel, byte[] salt, long last, long end) {
    Part(Path path, FileChannel channel, long last, long end) {
      this(path, channel, JournalFile.saltOf(path), last, end);
    }
  }

  /**
   * Goes on behind what was found, in a new file. What is behind the records of the last one is cut
   * off, so that what was torn can never be taken for what comes next.
   *
   * @param found everything of it is synced
   */
  static Journal open(
      Path folder,
      Device device,
      Database database,
      RandomGenerator random,
      long bytesMax,
      JournalScan.Result found,
      Consumer<IOException> shortage)
      throws IOException {
    DataDirectory.make(folder);
    JournalAhead ahead = new JournalAhead(folder, device, bytesMax / FULL_MAX, shortage);
    return new Journal(folder, device, database, random, bytesMax / FULL_MAX, found, ahead);
  }

  private Journal(
      Path folder,
      Device device,
      Database database,
      RandomGenerator random,
      long fileBytes,
      JournalScan.Result found,
      JournalAhead ahead)
      throws IOException {
    this.folder = folder;
    this.folderChannel = FileChannel.open(folder);
    this.ahead = ahead;
    this.device = device;
    this.database = database;
    this.random = random;
    this.fileBytes = fileBytes;
    this.limit = fileBytes;
    this.number = found.last();
    this.synced = found.last();
    long files = 0;
    try {
      for (Scanned file : found.files()) {
        full.add(opened(file));
        files = JournalFile.numberOf(file.path());
      }
      makeRoom();
      current = first(files + 1);
    } catch (IOException | TablesFailed e) {
      close();
      throw e;
    }
    ahead.start();
    if (spare.isEmpty()) {
      ahead.want();
    }
  }

  @Override
  public long number() {
    return number;
  }

  /** Whether the next file finds no room. */
  boolean isShort() {
    return ahead.isShort();
  }

  /**
   * {@inheritDoc} If it fails, nothing was appended, and the next call writes to the same place, or
   * to the next file if there was no room and one is allocated.
   *
   * @throws TablesFailed if RocksDB cannot say what of it is in tables
   */
  @Override
  public void append(byte[] batch) throws IOException {
    long end = position + JournalFile.HEADER_BYTES + batch.length;
    if (position > 0 && end > limit && hasNext(end)) {
      turn();
    }
    long start = position;
    long next = number + 1;
    try {
      write(next, batch);
    } catch (IOException | RuntimeException | Error e) {
      position = start;
      piece.clear();
      if (Shortage.is(e) && start > 0 && hasAllocated()) {
        limit = start; // the next call turns to a file whose blocks are there
      }
      throw e;
    }
    number = next;
  }

  private void write(long next, byte[] batch) throws IOException {
    JournalFile.putHeader(header, current.salt, next, synced, batch);
    piece.clear().put(header.clear());
    int from = 0;
    while (from < batch.length || piece.position() > 0) {
      int length = Math.min(piece.remaining(), batch.length - from);
      piece.put(batch, from, length).flip();
      from += length;
      int bytes = piece.remaining();
      device.write(current.channel, piece, position);
      position += bytes;
      piece.clear();
    }
  }

  /** Without one that is allocated the current file grows, until it is far too long. */
  private boolean hasNext(long end) {
    return hasAllocated() || end > OVERLONG_FACTOR * fileBytes;
  }

  private boolean hasAllocated() {
    return !spare.isEmpty() || ahead.isReady();
  }

  @Override
  public void sync() throws IOException {
    long upTo = number;
    // Read after the number: what is not in this file was synced when the file was full.
    try {
      device.sync(current.channel);
    } catch (IOException | RuntimeException | Error e) {
      syncFailed = true;
      throw e;
    }
    isSynced(upTo);
  }

  /** Of two syncs of a file, the kernel tells only one that pages were lost. */
  private synchronized void isSynced(long upTo) throws IOException {
    if (unsure || syncFailed) {
      throw new IOException("another sync of the journal failed");
    }
    synced = Math.max(synced, upTo);
  }

  private synchronized void syncFull() throws IOException {
    unsure = true;
    try {
      device.sync(current.channel);
    } catch (IOException e) {
      throw new SyncFailed(e);
    }
    unsure = false;
    isSynced(number);
  }

  /**
   * Opens for reading the files whose batches may not all be in tables. For the thread that
   * appends. Until {@link #takeBack} none of them is written over: one that is not needed any more
   * is deleted, and whoever has it open can read on.
   *
   * @return the oldest first, for the caller to close
   */
  List<LentFile> lend() throws IOException {
    Map<Path, Long> ends = new LinkedHashMap<>();
    full.forEach(part -> ends.put(part.path, part.end));
    ends.put(current.path, position);
    List<LentFile> lent = LentFile.open(ends);
    lentUpTo = JournalFile.numberOf(current.path);
    return lent;
  }

  /** Nobody reads any file. */
  void takeBack() {
    lentUpTo = 0;
  }

  private boolean isLent(Part part) {
    return JournalFile.numberOf(part.path) <= lentUpTo;
  }

  /** What lies behind the records of the current file is cut off, as nobody may look for it. */
  @Override
  public void close() throws IOException {
    ahead.close();
    folderChannel.close();
    if (current != null) {
      current.channel.truncate(position);
      current.channel.close();
    }
    full.addAll(spare);
    for (Part part : full) {
      part.channel.close();
    }
  }

  /** Goes on in another file, once this one is synced. */
  private void turn() throws IOException {
    syncFull();
    try (Database.InUse _ = database.use()) {
      turned();
    }
    if (!hasAllocated()) {
      ahead.want();
    }
  }

  /** While the database is in use, as otherwise the journal may be read to open it again. */
  private void turned() throws IOException {
    Part done = current;
    current = next(JournalFile.numberOf(done.path) + 1);
    long end = position;
    limit = fileBytes;
    position = 0;
    full.add(new Part(done.path, done.channel, number, end));
    makeRoom();
  }

  /**
   * Files of which everything is in tables are written over later, or deleted. So are short ones,
   * as the last one of the process before: their blocks are not all there; and those that a backup
   * reads.
   */
  private void makeRoom() throws IOException {
    long persisted = database.persistedIfKnown();
    while (!full.isEmpty() && full.getFirst().last <= persisted) {
      Part part = full.remove();
      boolean mayBeWritten = part.channel.size() >= fileBytes && !isLent(part);
      if (mayBeWritten && full.size() + spare.size() < FULL_MAX) {
        spare.add(part);
      } else {
        part.channel.close();
        Files.delete(part.path);
      }
    }
    if (full.size() > FULL_MAX) {
      flushSoon();
    }
  }

  /**
   * A wish: while the disk is full it is not granted, and files of the journal gather. RocksDB is
   * asked first, as a flush that waits keeps it from going on ({@link Applier#probe}).
   */
  private void flushSoon() {
    try {
      device.apply(database.rocks(), Applier.EMPTY);
      database.flushSoon();
    } catch (RocksDBException e) {
      if (!Shortage.is(e) && !Shortage.ofBuffers(e)) {
        throw TablesFailed.writing(e);
      }
    }
  }

  /** Allocated before anybody waits, if there is room: what fits in here is sure to be taken. */
  private Part first(long file) throws IOException {
    Part first = next(file);
    if (first.channel.size() == 0) {
      limit = Math.min(FIRST_BYTES, fileBytes);
      try {
        device.allocate(first.channel, limit);
      } catch (IOException e) {
        if (!Shortage.is(e)) {
          throw e;
        }
      }
    }
    return first;
  }

  private Part next(long file) throws IOException {
    Path path = folder.resolve(JournalFile.name(file, random.nextLong()));
    FileChannel channel = opened(path);
    try {
      folderChannel.force(true);
    } catch (IOException e) {
      throw new SyncFailed(e);
    }
    return new Part(path, channel, 0, 0);
  }

  /** One that is to be written over, or else the one ahead, or else a new one. */
  private FileChannel opened(Path path) throws IOException {
    Part before = spare.peek();
    if (before != null) {
      Files.move(before.path, path, StandardCopyOption.ATOMIC_MOVE);
      return spare.remove().channel;
    }
    if (ahead.isReady()) {
      Files.move(ahead.path(), path, StandardCopyOption.ATOMIC_MOVE);
      return Objects.requireNonNull(ahead.take());
    }
    if (!FilePermissions.createForOwner(path)) {
      throw new FileAlreadyExistsException(path.toString());
    }
    return FileChannel.open(path, StandardOpenOption.WRITE);
  }

  private static Part opened(Scanned file) throws IOException {
    FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE);
    if (channel.size() > file.end()) {
      channel.truncate(file.end());
      channel.force(true);
    }
    return new Part(file.path(), channel, file.last(), file.end());
  }
}
