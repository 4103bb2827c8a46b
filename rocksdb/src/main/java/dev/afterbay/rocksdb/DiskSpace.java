package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;
import java.util.function.LongPredicate;

/**
 * Sees to it that a disk which fills up stops the sends first, and the store never.
 *
 * <p>Below the low-water mark, sends are refused; receiving and settling, which need little room
 * and free much, go on. Below half of it, a reserve file is given up to give them room. When there
 * is room again for both, the reserve is made anew and sends go on.
 *
 * <p>After a write found no room, the tables may need seconds to see that there is some again.
 * Sends do not wait for that: the journal takes them, as long as not too much waits for the tables.
 * The reserve does wait, as it would take the room that the tables look for.
 */
final class DiskSpace {

  static final String RESERVE = "reserve";

  /**
   * What waits for room.
   *
   * @param journal whether something waits for the journal: then nothing can be accepted
   * @param tables whether the tables take nothing
   * @param room whether so many bytes more may be sent that wait for the tables
   */
  record Pending(BooleanSupplier journal, BooleanSupplier tables, LongPredicate room) {

    boolean any() {
      return journal.getAsBoolean() || tables.getAsBoolean();
    }
  }

  private static final Logger LOG = System.getLogger(DiskSpace.class.getName());
  private static final long MIB = 1L << 20;
  private static final long RESERVE_BYTES_MAX = 64 * MIB;
  private static final long LOW_WATER_BYTES_MAX = 512 * MIB;
  private static final int STEP_BYTES = 1 << 20;

  private final Path directory;
  private final Path reserve;
  private final Device device;
  private final long reserveBytes;
  private final long lowWaterBytes;
  private volatile long freeBytes;
  private volatile boolean low;
  private volatile long missingBytes;
  private volatile boolean exhausted;

  /** As much waits for the tables as may: until they take it, sends are refused. */
  private volatile boolean overdrawn;

  private volatile Pending pending = new Pending(() -> false, () -> false, _ -> true);

  /** Gives back what is held for others than the store, if anything is. */
  private volatile BooleanSupplier others = () -> false;

  /** The sizes as configured, or else those of config.md (disk): 5 % and 10 % within limits. */
  DiskSpace(Path directory, Device device, RocksStore.Settings settings) throws IOException {
    this.directory = directory;
    this.reserve = directory.resolve(RESERVE);
    this.device = device;
    long total = device.totalBytes();
    Long ownReserve = settings.reserveBytes();
    Long ownLowWater = settings.lowWaterBytes();
    reserveBytes = ownReserve != null ? ownReserve : Math.min(RESERVE_BYTES_MAX, total / 20);
    lowWaterBytes = ownLowWater != null ? ownLowWater : standardLowWaterBytes(total);
    freeBytes = device.freeBytes();
    low = freeBytes < wanted(hasReserve());
    if (freeBytes < lowWaterBytes / 2) {
      giveUpReserve();
    }
  }

  static long standardLowWaterBytes(long fileSystemBytes) {
    return Math.min(LOW_WATER_BYTES_MAX, fileSystemBytes / 10);
  }

  /** How much may be written between two looks. */
  long stepBytes() {
    return Math.max(STEP_BYTES, lowWaterBytes / 8);
  }

  /** What tells whether something waits for room: until then the shortage lasts. */
  void pending(Pending pending) {
    this.pending = pending;
  }

  /**
   * What gives room back that is held for others than the store, before sends are refused.
   *
   * @param others false: it held none
   */
  void others(BooleanSupplier others) {
    this.others = others;
  }

  boolean isLow() {
    return low;
  }

  /** Whether the tables take nothing for now. */
  boolean areTablesBlocked() {
    return pending.tables.getAsBoolean();
  }

  /** How much more fits before sends are refused, as of the last look. */
  long leftBytes() {
    return low ? 0 : Math.max(0, freeBytes - lowWaterBytes);
  }

  /** How much more must be free before sends go on, as of the last look; at least a little. */
  long missingBytes() {
    return Math.max(STEP_BYTES, missingBytes);
  }

  /** Whether so many bytes were free at the last look. */
  boolean isFree(long bytes) {
    return freeBytes >= bytes;
  }

  /** So much room matters. */
  long smallPartBytes() {
    return Math.max(STEP_BYTES, lowWaterBytes / 16);
  }

  /** Nothing is amiss, and there is no need to look often. */
  boolean isFine() {
    return !low && !exhausted;
  }

  /**
   * @throws BrokerException.DiskFull while sends are refused
   */
  void check() {
    if (low) {
      throw diskFull();
    }
  }

  /**
   * For the thread that writes, as it alone knows what is being written already.
   *
   * @throws BrokerException.DiskFull while sends are refused, or so many bytes would be too much
   */
  void check(long bytes) {
    if (isTooMuch(bytes)) {
      overdraw(bytes);
    }
    check();
  }

  private boolean isTooMuch(long bytes) {
    return exhausted && !low && pending.tables.getAsBoolean() && !pending.room.test(bytes);
  }

  /** Asks again, as by now the looker may have seen that the shortage is over. */
  private synchronized void overdraw(long bytes) {
    if (isTooMuch(bytes)) {
      overdrawn = true;
      enter("there again, but RocksDB takes nothing yet");
    }
  }

  BrokerException.DiskFull diskFull() {
    if (exhausted && overdrawn) {
      return new BrokerException.DiskFull(
          "since the file system of "
              + directory
              + " was full RocksDB takes nothing, and as much waits for it as may: nothing is"
              + " accepted until it does, which takes up to 5 s once there is room (restart if it"
              + " takes longer); receiving goes on");
    }
    if (exhausted) {
      return new BrokerException.DiskFull(
          "the file system of "
              + directory
              + " has nothing left (room, inodes, quota or open files), and nothing is accepted:"
              + " free some; receiving goes on as far as it can");
    }
    return new BrokerException.DiskFull(
        "the disk of "
            + directory
            + " has "
            + freeBytes / MIB
            + " MiB left, and below "
            + lowWaterBytes / MIB
            + " MiB nothing is accepted: free some room; receiving goes on");
  }

  /** Asks the file system, and acts on it. May take a while: for a thread of its own. */
  synchronized void look() throws IOException {
    freeBytes = device.freeBytes();
    if (freeBytes < lowWaterBytes) {
      takeBack();
    }
    if (!exhausted && pending.any()) {
      exhausted();
    }
    boolean has = hasReserve();
    if (exhausted) {
      lookAgain();
    } else if (freeBytes < lowWaterBytes) {
      enter("below the low-water mark");
      if (has && freeBytes < lowWaterBytes / 2) {
        giveUpReserve();
      }
    } else if (freeBytes >= wanted(has)) {
      if (!has && reserveBytes > 0) {
        makeReserve(reserveBytes);
      }
      leave();
    }
    missingBytes = wanted(hasReserve()) - freeBytes;
  }

  /**
   * A write found no room, whatever the file system says of its bytes: it may be short of inodes,
   * or the user of quota.
   */
  synchronized void exhausted() throws IOException {
    if (!exhausted) {
      overdrawn = false;
    }
    exhausted = true;
    enter("exhausted");
    takeBack();
    giveUpReserve();
  }

  private void takeBack() throws IOException {
    if (others.getAsBoolean()) {
      freeBytes = device.freeBytes();
    }
  }

  /**
   * What was short is only known to be there again when the reserve, or a file in its place, can be
   * made. The reserve itself is for once nothing waits for room any more.
   */
  private void lookAgain() throws IOException {
    if (pending.journal.getAsBoolean()) {
      return;
    }
    if (freeBytes < (low ? wanted(hasReserve()) : lowWaterBytes)) {
      enter("below the low-water mark");
    } else if (!pending.tables.getAsBoolean()) {
      if (makes(reserveBytes)) {
        exhausted = false;
        leave();
      } else {
        enter("exhausted");
      }
    } else if (low && !overdrawn && pending.room.test(0) && makes(0)) {
      leave();
    }
  }

  /** Whether there is room for a reserve, which is then there, or if it has none for a file. */
  private boolean makes(long reserveBytes) throws IOException {
    try {
      makeReserve(reserveBytes > 0 ? reserveBytes : STEP_BYTES);
    } catch (IOException e) {
      if (!Shortage.is(e)) {
        throw e;
      }
      return false;
    }
    if (reserveBytes == 0) {
      Files.delete(reserve);
    }
    return true;
  }

  /** What must be free for sends to go on: a little more than to stop them. */
  private long wanted(boolean hasReserve) {
    return lowWaterBytes + (hasReserve ? lowWaterBytes / 16 : reserveBytes);
  }

  private void enter(String why) {
    if (!low) {
      LOG.log(
          Level.WARNING,
          "The disk of "
              + directory
              + " is "
              + why
              + ": sends are refused. "
              + diskFull().getMessage());
    }
    low = true;
  }

  private void leave() {
    if (low) {
      LOG.log(
          Level.INFO,
          "The disk of " + directory + " has " + (freeBytes / MIB) + " MiB again: sends go on");
    }
    low = false;
  }

  private boolean hasReserve() throws IOException {
    return Files.exists(reserve) && Files.size(reserve) >= reserveBytes;
  }

  private void giveUpReserve() throws IOException {
    if (Files.deleteIfExists(reserve)) {
      LOG.log(
          Level.WARNING,
          "The reserve of " + (reserveBytes / MIB) + " MiB was given up so that receiving goes on");
      freeBytes = device.freeBytes();
    }
  }

  private void makeReserve(long reserveBytes) throws IOException {
    try (FileChannel file = FilePermissions.openForOwner(reserve)) {
      device.allocate(file, reserveBytes);
    } catch (IOException e) {
      Files.deleteIfExists(reserve);
      throw e;
    }
  }
}
