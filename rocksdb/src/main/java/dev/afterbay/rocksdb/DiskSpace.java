package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sees to it that a disk which fills up stops the sends first, and the store never.
 *
 * <p>Below the low-water mark, sends are refused; receiving and settling, which need little room
 * and free much, go on. Below half of it, a reserve file is given up to give them room. When there
 * is room again for both, the reserve is made anew and sends go on.
 */
final class DiskSpace {

  static final String RESERVE = "reserve";

  private static final Logger LOG = LoggerFactory.getLogger(DiskSpace.class);
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
  private volatile boolean exhausted;
  private volatile BooleanSupplier waiting = () -> false;

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

  /** What tells whether something still waits for room: until then nothing is as it should be. */
  void waiting(BooleanSupplier waiting) {
    this.waiting = waiting;
  }

  boolean isLow() {
    return low;
  }

  /**
   * @throws BrokerException.DiskFull while sends are refused
   */
  void check() {
    if (low) {
      throw diskFull();
    }
  }

  BrokerException.DiskFull diskFull() {
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
    if (!exhausted && waiting.getAsBoolean()) {
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
  }

  /**
   * A write found no room, whatever the file system says of its bytes: it may be short of inodes,
   * or the user of quota.
   */
  synchronized void exhausted() throws IOException {
    exhausted = true;
    enter("exhausted");
    giveUpReserve();
  }

  /**
   * What was short is only known to be there again when the reserve, or a file in its place, can be
   * made. That is for once nothing waits for room any more.
   */
  private void lookAgain() throws IOException {
    if (freeBytes < wanted(hasReserve()) || waiting.getAsBoolean()) {
      return;
    }
    try {
      if (reserveBytes > 0) {
        makeReserve(reserveBytes);
      } else {
        makeReserve(STEP_BYTES);
        Files.delete(reserve);
      }
    } catch (IOException e) {
      if (!Shortage.is(e)) {
        throw e;
      }
      return;
    }
    exhausted = false;
    leave();
  }

  /** What must be free for sends to go on: a little more than to stop them. */
  private long wanted(boolean hasReserve) {
    return lowWaterBytes + (hasReserve ? lowWaterBytes / 16 : reserveBytes);
  }

  private void enter(String why) {
    if (!low) {
      LOG.warn(
          "The disk of {} is {}: sends are refused. {}", directory, why, diskFull().getMessage());
    }
    low = true;
  }

  private void leave() {
    if (low) {
      LOG.info("The disk of {} has {} MiB again: sends go on", directory, freeBytes / MIB);
    }
    low = false;
  }

  private boolean hasReserve() throws IOException {
    return Files.exists(reserve) && Files.size(reserve) >= reserveBytes;
  }

  private void giveUpReserve() throws IOException {
    if (Files.deleteIfExists(reserve)) {
      LOG.warn("The reserve of {} MiB was given up so that receiving goes on", reserveBytes / MIB);
      freeBytes = device.freeBytes();
    }
  }

  private void makeReserve(long reserveBytes) throws IOException {
    ByteBuffer zeros = ByteBuffer.allocateDirect(STEP_BYTES);
    try (FileChannel file =
        FileChannel.open(reserve, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (long at = 0; at < reserveBytes; at += zeros.limit()) {
        zeros.clear().limit((int) Math.min(STEP_BYTES, reserveBytes - at));
        while (zeros.hasRemaining()) {
          file.write(zeros, at + zeros.position());
        }
      }
      file.force(true);
    } catch (IOException e) {
      Files.deleteIfExists(reserve);
      throw e;
    }
  }
}
