package dev.afterbay.rocksdb;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Why a data directory cannot be opened. Each message says what to do next. */
public abstract sealed class StoreException extends RuntimeException {

  private static final long serialVersionUID = 1L;

  private StoreException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }

  /** Another process, or another store of this one, uses the directory (exit code 3). */
  public static final class InUse extends StoreException {
    private static final long serialVersionUID = 1L;

    InUse(Path directory, @Nullable Throwable cause) {
      super(
          directory + " is used by another process: stop that one, or use another data directory",
          cause);
    }
  }

  /** Written by another version of Afterbay (exit code 4). */
  public static final class OtherFormat extends StoreException {
    private static final long serialVersionUID = 1L;

    OtherFormat(Path file, int found, int known) {
      super(
          file
              + " says format "
              + found
              + ", and this version reads format "
              + known
              + (found > known
                  ? ": run the version of Afterbay that wrote it, or a newer one"
                  : ": drain it with the version of Afterbay that wrote it"),
          null);
    }
  }

  /** Something that was acknowledged is lost or unreadable (exit code 4). */
  public static final class Damaged extends StoreException {
    private static final long serialVersionUID = 1L;
    private final transient Damage damage;

    Damaged(Damage damage, @Nullable Throwable cause) {
      super(
          damage
              + ": run `afterbay verify` to see what is there, or `afterbay repair` to save it"
              + " into a new directory",
          cause);
      this.damage = damage;
    }

    /** Where it is, and what is lost. */
    public Damage damage() {
      return damage;
    }
  }

  /** A repair or restore that was to fill the directory did not come to its end (exit code 4). */
  public static final class Incomplete extends StoreException {
    private static final long serialVersionUID = 1L;

    Incomplete(Path directory, String filling, String again) {
      super(
          directory
              + " is not complete, as the "
              + filling
              + " that was to fill it failed or was stopped: delete it, and run "
              + again,
          null);
    }
  }

  /** A backup is not whole, or not of a format that this version reads (exit code 4). */
  public static final class BadBackup extends StoreException {
    private static final long serialVersionUID = 1L;

    BadBackup(String file, long offset, String why) {
      super(file + " at offset " + offset + " cannot be restored: " + why, null);
    }
  }

  /** The directory cannot be used as it is: no room, no permission, not a directory. */
  public static final class Unusable extends StoreException {
    private static final long serialVersionUID = 1L;

    Unusable(Path path, String reason, @Nullable Throwable cause) {
      super(path + " cannot be used: " + reason, cause);
    }
  }
}
