package dev.afterbay.server;

import com.sun.management.OperatingSystemMXBean;
import dev.afterbay.rocksdb.RocksStore;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * What the process may take in all, and how much of that is the heap. Buffers in the heap follow
 * the heap, those outside of it the rest: whoever takes more than its memory group has is killed.
 *
 * @param total the setting {@code memory}, or what the memory group or the machine has if that is
 *     less
 * @param heap at most
 */
record ProcessMemory(long total, long heap) {
  private static final Logger LOG = System.getLogger(ProcessMemory.class.getName());

  private static final long MIB = 1L << 20;

  /** With less it is not supported: the JVM alone takes about 100 MiB beside the heap. */
  static final long TOTAL_MIN = 256 * MIB;

  /** With less of either the store is a small one. */
  private static final long STANDARD_TOTAL_MIN = 768 * MIB;

  private static final long STANDARD_HEAP_MIN = 128 * MIB;

  /** Of the JVM and a small store, when there is work. */
  private static final long BESIDE_HEAP = 140 * MIB;

  /**
   * Of this process; the JVM knows the limits of memory groups, of both versions.
   *
   * @param setting null: none
   * @throws ConfigException if it is less than what is supported
   */
  static ProcessMemory of(@Nullable Long setting) {
    OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
    return of(setting, system.getTotalMemorySize(), Runtime.getRuntime().maxMemory());
  }

  static ProcessMemory of(@Nullable Long setting, long there, long heap) {
    // A machine that is sold with so much has a little less.
    if (there < TOTAL_MIN - 8 * MIB) {
      throw new ConfigException(
          "memory", there / MIB + "MiB", "the memory group or machine must have at least 256MiB");
    }
    return new ProcessMemory(setting == null ? there : Math.min(setting, there), heap);
  }

  RocksStore.Memory store() {
    return total < STANDARD_TOTAL_MIN || heap < STANDARD_HEAP_MIN
        ? RocksStore.Memory.SMALL
        : RocksStore.Memory.STANDARD;
  }

  /** Says so if the heap may take what others need. */
  void check() {
    if (heap + BESIDE_HEAP > total) {
      LOG.log(
          Level.WARNING,
          "memory: the heap may grow to "
              + (heap / MIB)
              + " MiB of "
              + (total / MIB)
              + " MiB, which leaves too little for the rest:"
              + " start with ./afterbay, which sets it, or give -Xmx"
              + (total * 3 / 8 / MIB)
              + "m");
    }
  }
}
