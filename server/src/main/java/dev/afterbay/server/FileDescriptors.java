package dev.afterbay.server;

import com.sun.management.UnixOperatingSystemMXBean;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.server.Config.StoreKind;
import dev.afterbay.server.Config.WorkerEntry;
import java.lang.management.ManagementFactory;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the process may have open, and how much of that connections may take: without the rest the
 * store could not open its next file, which ends it.
 *
 * @param allowed by the limit of the process ({@code ulimit -n})
 * @param open at the start, before store and listeners: the JVM's own, libraries, standard streams
 */
record FileDescriptors(long allowed, long open) {
  private static final Logger LOG = LoggerFactory.getLogger(FileDescriptors.class);

  /** Selectors and timers of event loops and HTTP clients, certificates, logs, look-ups. */
  private static final int OTHERS = 48;

  /** With fewer connections it would be of no use. */
  private static final int CONNECTIONS_MIN = 16;

  /** Those of this process; where a system has no such limit: as many as there can be. */
  static FileDescriptors ofProcess() {
    return ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
        ? new FileDescriptors(unix.getMaxFileDescriptorCount(), unix.getOpenFileDescriptorCount())
        : new FileDescriptors(Long.MAX_VALUE, 0);
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
      throw new ConfigException(
          "open files (ulimit -n, LimitNOFILE)",
          Long.toString(allowed),
          "must be at least "
              + (setAside + CONNECTIONS_MIN)
              + ": "
              + setAside
              + " for the store and handlers, the rest for connections");
    }
    int connections = (int) Math.min(wanted, left);
    if (connections < wanted) {
      LOG.info(
          "up to {} connections: {} files may be open (ulimit -n), {} are set aside for the store"
              + " and handlers",
          connections,
          allowed,
          setAside);
    } else {
      LOG.info("up to {} connections", connections);
    }
    return connections;
  }

  private long setAside(Config config) {
    int store = config.store() == StoreKind.ROCKSDB ? RocksStore.openFilesMax() : 0;
    int handlers = config.workers().stream().mapToInt(WorkerEntry::concurrency).sum();
    return open + OTHERS + store + handlers;
  }
}
