package dev.afterbay.server;

import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * How the log is written (operating.md, Logs).
 *
 * @param messages a line for each step of each message
 * @param file null: standard error
 * @param fileBytes a file that is this large gets another name, and a new one is begun
 * @param files so many are there at most, with the one that is written to
 */
record LogSettings(
    LogFormat format,
    Level level,
    boolean messages,
    @Nullable Path file,
    long fileBytes,
    int files) {
  /** More than the longest line, so that a line fits into each file. */
  private static final long FILE_BYTES_MIN = 64 << 10;

  private static final long FILE_BYTES = 100 << 20;
  private static final int FILES_MIN = 2;
  private static final int FILES_MAX = 100;
  private static final int FILES = 5;

  /** What is worth a line, from little to much. */
  enum Level {
    ERROR,
    WARN,
    INFO,
    DEBUG,
    TRACE
  }

  static LogSettings read(ConfigSection section) {
    return new LogSettings(
        section.value("format", LogFormat.TEXT, Parsers.oneOf(LogFormat.class)),
        section.value("level", Level.INFO, LogSettings::level),
        section.value("messages", false, Parsers::bool),
        section.value("file", LogSettings::file),
        section.value("file_size", FILE_BYTES, LogSettings::fileBytes),
        section.value("files", FILES, Parsers.integer(FILES_MIN, FILES_MAX)));
  }

  /** In any case of letters: the variable of that name was there before the setting. */
  private static Level level(String text) {
    return Parsers.oneOf(Level.class).apply(text.toLowerCase(Locale.ROOT));
  }

  private static Path file(String text) {
    if (text.isBlank()) {
      throw new IllegalArgumentException("must be the path of a file");
    }
    return Path.of(text);
  }

  private static long fileBytes(String text) {
    long bytes = Parsers.size(text);
    if (bytes < FILE_BYTES_MIN) {
      throw new IllegalArgumentException("must be at least 64KiB");
    }
    return bytes;
  }
}
