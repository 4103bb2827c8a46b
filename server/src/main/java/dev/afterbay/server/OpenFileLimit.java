package dev.afterbay.server;

import com.sun.management.UnixOperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/**
 * Whether the process may open as many files as it takes to say anything. Each library is one: with
 * fewer than about 60 not even the log and what a configuration is read by can be loaded, so this
 * is asked before all else, and by what the JVM itself has.
 */
final class OpenFileLimit {
  /** So few {@link FileDescriptors} would refuse with every configuration. */
  static final int LEAST = 96;

  /** For all but very many workers, of which nothing is known yet. */
  static final int ENOUGH = 1_024;

  private OpenFileLimit() {}

  /** Says so on standard error, if it may not. */
  static boolean isTooLow() {
    if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)
        || unix.getMaxFileDescriptorCount() >= LEAST) {
      return false;
    }
    System.err.println(
        "afterbay: open files (ulimit -n, LimitNOFILE): "
            + unix.getMaxFileDescriptorCount()
            + ": too few to begin with: allow "
            + ENOUGH);
    return true;
  }
}
