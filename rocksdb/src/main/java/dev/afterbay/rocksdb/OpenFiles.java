package dev.afterbay.rocksdb;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;
import java.time.ZoneId;
import java.util.Objects;

/** How many files a store has open, as the process may not have more than so many. */
final class OpenFiles {
  private static final int TABLES_MAX = 1_000;

  /** RocksDB takes no less. */
  private static final int TABLES_MIN = 20;

  /** A table that is not open is opened again when it is read, so a quarter is enough. */
  private static final int TABLES_SHARE = 4;

  /** A flush writes a file for each table, a compaction reads some more; journal, marks, logs. */
  private static final int OTHERS = 48;

  /** Files of the journal that a backup holds, the one that it copies, and where it goes. */
  private static final int BACKUP = 12;

  private OpenFiles() {}

  /** Files of tables that are kept open. */
  static int tables() {
    return tables(allowed());
  }

  static int tables(long allowed) {
    return Math.clamp(allowed / TABLES_SHARE, TABLES_MIN, TABLES_MAX);
  }

  /** A line of the log tells a time, for which the JDK reads a file when it is told first. */
  static void beReadyForNone() {
    Objects.requireNonNull(ZoneId.systemDefault().getRules());
  }

  /** All files that a store has open at the same time, in a process that may have so many. */
  static int all(long allowed) {
    return tables(allowed) + OTHERS + BACKUP;
  }

  private static long allowed() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? unix.getMaxFileDescriptorCount()
        : Long.MAX_VALUE;
  }
}
