package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * The high-water mark: a commit number up to which everything was synced, in a small file of its
 * own. A journal that ends before it has lost what was promised to survive, and without the mark a
 * journal that was cut off could not be told from one that was just not written any further.
 *
 * <p>The file has two slots of {@value #SLOT_BYTES} bytes, written in turns and in place: a write
 * that was torn by a loss of power leaves the other slot, which is one mark older. In place,
 * because a rename would cost a sync of the directory each time.
 */
final class SyncMark implements AutoCloseable {

  static final String FILE = "mark";

  private static final int MAGIC = 0x4142_4d31;
  private static final int SLOT_BYTES = 512;
  private static final int CHECKED_BYTES = 20;

  private final FileChannel channel;
  private final ByteBuffer slot = ByteBuffer.allocateDirect(SLOT_BYTES);
  private long turn;
  private long commit;

  private SyncMark(FileChannel channel, long turn, long commit) {
    this.channel = channel;
    this.turn = turn;
    this.commit = commit;
  }

  /** Makes the file, with both slots at the commit. */
  static void create(Path directory, long commit) throws IOException {
    ByteBuffer slots = ByteBuffer.allocate(2 * SLOT_BYTES);
    for (int turn = 1; turn <= 2; turn++) {
      put(slots.slice(offsetOf(turn), SLOT_BYTES), turn, commit);
    }
    DataDirectory.write(directory, FILE, slots);
  }

  /**
   * @throws StoreException.Damaged if the file is not there, or neither slot is readable
   */
  static SyncMark open(Path directory) throws IOException {
    Path file = directory.resolve(FILE);
    Slot latest = latest(file);
    if (latest == null) {
      throw new StoreException.Damaged(damage(file), null);
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
    return new SyncMark(channel, latest.turn, latest.commit);
  }

  /** The commit number that was synced, without opening the file for writing; null: unreadable. */
  static @Nullable Long peek(Path directory) throws IOException {
    Slot latest = latest(directory.resolve(FILE));
    return latest == null ? null : latest.commit;
  }

  static Damage damage(Path file) {
    return new Damage(file, 0, "it cannot be known whether the journal is complete");
  }

  long commit() {
    return commit;
  }

  /**
   * Writes and syncs; everything up to the commit was synced before. If there is no room to write,
   * the mark stays at the one before.
   */
  void write(long commit) throws IOException {
    assert commit >= this.commit : commit + " after " + this.commit;
    slot.clear();
    put(slot.duplicate(), turn + 1, commit);
    int at = offsetOf(turn + 1);
    while (slot.hasRemaining()) {
      channel.write(slot, at + slot.position());
    }
    try {
      channel.force(false);
    } catch (IOException e) {
      throw new Journal.SyncFailed(e);
    }
    turn++;
    this.commit = commit;
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static int offsetOf(long turn) {
    return (int) (turn % 2) * SLOT_BYTES;
  }

  private static void put(ByteBuffer slot, long turn, long commit) {
    slot.putInt(MAGIC).putLong(turn).putLong(commit);
    slot.putInt(checksum(slot.duplicate().flip()));
  }

  private record Slot(long turn, long commit) {}

  private static @Nullable Slot latest(Path file) throws IOException {
    if (!Files.exists(file)) {
      return null;
    }
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
    Slot first = slotAt(bytes, 0);
    Slot second = slotAt(bytes, SLOT_BYTES);
    if (first == null || (second != null && second.turn > first.turn)) {
      return second;
    }
    return first;
  }

  private static @Nullable Slot slotAt(ByteBuffer bytes, int offset) {
    if (bytes.limit() < offset + SLOT_BYTES || bytes.getInt(offset) != MAGIC) {
      return null;
    }
    int checksum = bytes.getInt(offset + CHECKED_BYTES);
    boolean whole = checksum == checksum(bytes.slice(offset, CHECKED_BYTES));
    return whole ? new Slot(bytes.getLong(offset + 4), bytes.getLong(offset + 12)) : null;
  }

  private static int checksum(ByteBuffer bytes) {
    CRC32C crc = new CRC32C();
    crc.update(bytes);
    return (int) crc.getValue();
  }
}
