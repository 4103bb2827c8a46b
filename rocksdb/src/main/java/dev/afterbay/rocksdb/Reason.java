package dev.afterbay.rocksdb;

import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import org.jspecify.annotations.Nullable;

/** Why something failed, in words, and what to do about it. Many exceptions say only where. */
final class Reason {

  private Reason() {}

  /** Where and why, such as {@code /data/mark: permission denied}. */
  static String of(Throwable thrown) {
    if (thrown instanceof FileSystemException e && e.getReason() == null) {
      return e.getFile() + ": " + words(e);
    }
    String message = thrown.getMessage();
    Throwable cause = thrown.getCause();
    if (message == null || (cause != null && message.equals(cause.toString()))) {
      return cause == null ? thrown.getClass().getSimpleName() : of(cause);
    }
    return message;
  }

  /** As {@link #of}, and the next step. */
  static String withAdvice(Throwable thrown) {
    return of(thrown) + ": " + advice(thrown);
  }

  private static String words(FileSystemException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case NoSuchFileException _ -> "no such file or directory";
      case FileAlreadyExistsException _ -> "it is there already, and is not a directory";
      case NotDirectoryException _ -> "it is not a directory";
      default -> e.getClass().getSimpleName();
    };
  }

  private static String advice(Throwable thrown) {
    @Nullable String message = thrown.getMessage();
    String text = message == null ? "" : message;
    if (thrown instanceof AccessDeniedException) {
      return "let the user "
          + System.getProperty("user.name")
          + " read and write it, or use another data directory";
    }
    if (text.contains("Too many open files")) {
      return "raise the limit of open files (ulimit -n)";
    }
    if (Shortage.is(thrown)) {
      return "free some room on its file system, inodes and quota included";
    }
    if (text.contains("Read-only file system")) {
      return "see why it is read-only (dmesg), and mount it for writing; `afterbay verify` and"
          + " `afterbay repair` read it as it is";
    }
    if (thrown instanceof FileAlreadyExistsException || thrown instanceof NotDirectoryException) {
      return "use another data directory";
    }
    return "see that its disk works (dmesg) and that this user may read and write it";
  }
}
