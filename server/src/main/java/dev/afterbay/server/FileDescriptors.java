package dev.afterbay.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.server.Config.StoreKind;
import dev.afterbay.server.Config.WorkerEntry;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;

/**
 * What the process may have open, and how much of that connections may take: without the rest the
 * store could not open its next file, which ends it.
 *
 * @param allowed by the limit of the process ({@code ulimit -n})
 * @param processors that the JVM uses, each of which has event loops
 * @param open at the start, before store and listeners: the JVM's own, libraries, standard streams
 */
record FileDescriptors(long allowed, int processors, long open) {
  private static final Logger LOG = System.getLogger(FileDescriptors.class.getName());

  /** Timers, HTTP clients, certificates, logs, look-ups. */
  private static final int OTHERS = 48;

  /** A selector and what wakes it, for each event loop of the listeners. */
  private static final int PER_PROCESSOR = 2;

  /** The same, for the one event loop of each worker's HTTP client. */
  private static final int PER_WORKER = 3;

  /** With fewer connections it would be of no use. */
  private static final int CONNECTIONS_MIN = 16;

  /** Those of this process; where a system has no such limit: as many as there can be. */
  static FileDescriptors ofProcess() {
    int processors = Runtime.getRuntime().availableProcessors();
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? new FileDescriptors(
            unix.getMaxFileDescriptorCount(), processors, unix.getOpenFileDescriptorCount())
        : new FileDescriptors(Long.MAX_VALUE, processors, 0);
  }

  /**
   * How many connections the listeners may take in, and says so.
   *
   * @param wanted if there is room for them
   * @throws ConfigException if hardly any are left
   */
  int connections(int wanted, Config config) {
    long setAside = setAside(config);
    long left = allowed - setAside;
    if (left < CONNECTIONS_MIN) {
      long enough = enough(config);
      throw new ConfigException(
          "open files (ulimit -n, LimitNOFILE)",
          Long.toString(allowed),
          "must be at least "
              + enough
              + ": "
              + (enough - CONNECTIONS_MIN)
              + " for the store and handlers, the rest for connections");
    }
    int connections = (int) Math.min(wanted, left);
    if (connections < wanted) {
      LOG.log(
          Level.INFO,
          "up to "
              + connections
              + " connections: "
              + allowed
              + " files may be open (ulimit -n), "
              + setAside
              + " are set aside for the store"
              + " and handlers");
    } else {
      LOG.log(Level.INFO, "up to " + connections + " connections");
    }
    return connections;
  }

  /**
   * The least limit that is enough, where this is not: the store takes a share of the limit, so
   * with a higher one more is set aside. What is needed never falls as the limit rises, so each
   * step comes to the next one that could do.
   */
  private long enough(Config config) {
    long limit = allowed;
    long needed = setAside(config) + CONNECTIONS_MIN;
    while (needed > limit) {
      limit = needed;
      needed = new FileDescriptors(limit, processors, open).setAside(config) + CONNECTIONS_MIN;
    }
    return limit;
  }

  private long setAside(Config config) {
    int store = config.store() == StoreKind.ROCKSDB ? RocksStore.openFilesMax(allowed) : 0;
    int handlers = config.workers().stream().mapToInt(WorkerEntry::concurrency).sum();
    int loops = PER_PROCESSOR * processors + PER_WORKER * config.workers().size();
    return open + OTHERS + loops + store + handlers;
  }
}
