package dev.afterbay.server;

import dev.afterbay.rocksdb.StoreException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;

/** Says on standard error why a command failed, and with which code the process exits. */
final class StartFailure {
  private StartFailure() {}

  static int explain(Throwable e) {
    return switch (e) {
      case ConfigException _ -> say(e, ExitCode.CONFIGURATION);
      case StoreException.InUse _ -> say(e, ExitCode.DIRECTORY_IN_USE);
      case StoreException.Damaged _ -> say(e, ExitCode.STORE_DAMAGED);
      case StoreException.Incomplete _ -> say(e, ExitCode.STORE_DAMAGED);
      case StoreException.BadBackup _ -> say(e, ExitCode.STORE_DAMAGED);
      case StoreException.OtherFormat _ -> say(e, ExitCode.STORE_DAMAGED);
      case StoreException _ -> say(e, ExitCode.FAILED);
      case IOException _ -> say(e, ExitCode.FAILED);
      default -> {
        System.getLogger(StartFailure.class.getName()).log(Level.ERROR, "failed", e);
        Path log = LogLines.file();
        if (log != null) {
          System.err.println("afterbay: failed: see " + log);
        }
        yield ExitCode.FAILED;
      }
    };
  }

  /**
   * The command line is not what it must be.
   *
   * @param typed the command that it was for, such as {@code afterbay serve}
   */
  static int misused(String message, String typed) {
    String line = message.replaceAll("\\R", " ");
    System.err.println("afterbay: " + line + "; see " + typed + " --help");
    return ExitCode.CONFIGURATION;
  }

  private static int say(Throwable e, int code) {
    System.err.println("afterbay: " + e.getMessage());
    return code;
  }
}
