package dev.afterbay.rocksdb;

import dev.afterbay.rocksdb.JournalScan.Scanned;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
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
final class Journal implements AutoCloseable {

  /** Full files that wait for their batches to be in tables. */
  private static final int FULL_MAX = 4;

  private static final int PIECE_BYTES = 256 << 10;

  private final Path folder;
  private final Device device;
  private final Database database;
  private final RandomGenerator random;
  private final long fileBytes;
  private final Deque<Part> full = new ArrayDeque<>();
  private final Deque<Part> spare = new ArrayDeque<>();
  private final ByteBuffer header = ByteBuffer.allocate(JournalFile.HEADER_BYTES);
  private final ByteBuffer piece = ByteBuffer.allocateDirect(PIECE_BYTES);
  private volatile long synced;

  /** A sync failed, or is under way in {@link #turn}. */
  private boolean unsure;

  private volatile Part current;
  private volatile long number;
  private long position;

  /**
   * An open file.
   *
   * @param last the number of its last commit; of the current one it is not known yet
   */
  private record Part(Path path, FileChannel channel, byte[] salt, long last) {
    Part(Path path, FileChannel channel, long last) {
      this(path, channel, JournalFile.saltOf(path), last);
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
      JournalScan.Result found)
      throws IOException, RocksDBException {
    DataDirectory.make(folder);
    return new Journal(folder, device, database, random, bytesMax / FULL_MAX, found);
  }

  private Journal(
      Path folder,
      Device device,
      Database database,
      RandomGenerator random,
      long fileBytes,
      JournalScan.Result found)
      throws IOException, RocksDBException {
    this.folder = folder;
    this.device = device;
    this.database = database;
    this.random = random;
    this.fileBytes = fileBytes;
    this.number = found.last();
    this.synced = found.last();
    long files = 0;
    try {
      for (Scanned file : found.files()) {
        full.add(opened(file));
        files = JournalFile.numberOf(file.path());
      }
      makeRoom();
      current = next(files + 1);
    } catch (IOException | RocksDBException e) {
      close();
      throw e;
    }
  }

  /** The number of the last commit that was appended. */
  long number() {
    return number;
  }

  /** Writes it, without a sync; it is the commit with the next number. */
  void append(byte[] batch) throws IOException, RocksDBException {
    if (position > 0 && position + JournalFile.HEADER_BYTES + batch.length > fileBytes) {
      turn();
    }
    long next = number + 1;
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
    number = next;
  }

  /** Syncs everything that was appended before the call; for a thread of its own. */
  void sync() throws IOException {
    long upTo = number;
    // Read after the number: what is not in this file was synced when the file was full.
    device.sync(current.channel);
    isSynced(upTo);
  }

  /** Of two syncs of a file, the kernel tells only one that pages were lost. */
  private synchronized void isSynced(long upTo) throws IOException {
    if (unsure) {
      throw new IOException("another sync of the journal failed");
    }
    synced = Math.max(synced, upTo);
  }

  private synchronized void syncFull() throws IOException {
    unsure = true;
    device.sync(current.channel);
    unsure = false;
    isSynced(number);
  }

  /** What lies behind the records of the current file is cut off, as nobody may look for it. */
  @Override
  public void close() throws IOException {
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
  private void turn() throws IOException, RocksDBException {
    syncFull();
    Part done = current;
    full.add(new Part(done.path, done.channel, number));
    makeRoom();
    current = next(JournalFile.numberOf(done.path) + 1);
    position = 0;
  }

  /** Files of which everything is in tables are written over later, or deleted. */
  private void makeRoom() throws IOException, RocksDBException {
    long persisted = database.persisted();
    while (!full.isEmpty() && full.getFirst().last <= persisted) {
      Part part = full.remove();
      if (full.size() + spare.size() < FULL_MAX) {
        spare.add(part);
      } else {
        part.channel.close();
        Files.delete(part.path);
      }
    }
    if (full.size() > FULL_MAX) {
      database.flushSoon();
    }
  }

  private Part next(long file) throws IOException {
    Path path = folder.resolve(JournalFile.name(file, random.nextLong()));
    Part before = spare.poll();
    FileChannel channel;
    if (before == null) {
      channel = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    } else {
      Files.move(before.path, path, StandardCopyOption.ATOMIC_MOVE);
      channel = before.channel;
    }
    DataDirectory.sync(folder);
    return new Part(path, channel, 0);
  }

  private static Part opened(Scanned file) throws IOException {
    FileChannel channel = FileChannel.open(file.path(), StandardOpenOption.WRITE);
    if (channel.size() > file.end()) {
      channel.truncate(file.end());
      channel.force(true);
    }
    return new Part(file.path(), channel, file.last());
  }
}
