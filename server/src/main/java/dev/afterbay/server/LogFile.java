package dev.afterbay.server;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/**
 * A file of lines. When it is full it becomes {@code NAME.1}, what was that becomes {@code NAME.2},
 * and the oldest is deleted, so that all together have a bound. For one thread at a time.
 *
 * <p>Not logback's: its names are patterns, so that a percent sign in a path means something else;
 * it looks at the size once a minute; and on a full disk it loses lines without a word, and tries
 * again as late as five minutes after there is room.
 */
final class LogFile implements AutoCloseable {
  /** Of a mode as Unix has it: what kind of file it is. */
  private static final int KIND = 0170000;

  private static final int PIPE = 0010000;

  private final Path path;
  private final long bytesMax;
  private final int files;

  /**
   * No channel: that would be closed when a thread is interrupted as it logs. Null: it could not be
   * opened.
   */
  private @Nullable OutputStream out;

  private long size;

  /** False for a device, which must keep its name. */
  private boolean isRenamed;

  private LogFile(Path path, long bytesMax, int files) {
    this.path = path;
    this.bytesMax = bytesMax;
    this.files = files;
  }

  /**
   * Goes on with what is there.
   *
   * @param files at most, at least 2
   */
  static LogFile open(Path path, long bytesMax, int files) throws IOException {
    Path folder = path.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw new NoSuchFileException(String.valueOf(folder), null, "there is no such folder");
    }
    LogFile file = new LogFile(path.toAbsolutePath(), bytesMax, files);
    file.open();
    if (file.isRenamed && !Files.isWritable(folder)) {
      file.close();
      throw new IOException(folder + " must be writable, so that a full file can be renamed");
    }
    return file;
  }

  private OutputStream open() throws IOException {
    if (isNamedPipe(path)) {
      throw new IOException(path + " is a pipe: name a file");
    }
    OutputStream opened = new FileOutputStream(path.toFile(), true);
    size = Files.size(path);
    isRenamed = Files.isRegularFile(path);
    out = opened;
    return opened;
  }

  /**
   * Whether opening it may wait for ever, for somebody who reads. Standard error may be a pipe, too
   * ({@code /dev/stderr}), which is open already and stands in no folder.
   */
  private static boolean isNamedPipe(Path path) {
    try {
      return Files.getAttribute(path.toRealPath(), "unix:mode") instanceof Integer mode
          && (mode & KIND) == PIPE;
    } catch (IOException | UnsupportedOperationException | IllegalArgumentException _) {
      return false; // Not there yet, or there are none here.
    }
  }

  /**
   * Writes whole lines, or nothing of them.
   *
   * @throws IOException if they cannot be written now
   */
  void write(byte[] lines) throws IOException {
    OutputStream to = out == null ? open() : out;
    if (isRenamed && size > 0 && size + lines.length > bytesMax) {
      to = beginNext(to);
    }
    try {
      to.write(lines);
      size += lines.length;
    } catch (IOException e) {
      takeBack(e);
      throw e;
    }
  }

  private OutputStream beginNext(OutputStream full) throws IOException {
    out = null;
    full.close();
    // First what may fail: else the older ones would make room for nothing, again and again.
    Path aside = path.resolveSibling(path.getFileName() + ".next");
    Files.move(path, aside, StandardCopyOption.REPLACE_EXISTING);
    for (int older = files - 1; older > 1; older--) {
      Path from = numbered(older - 1);
      if (Files.exists(from)) {
        Files.move(from, numbered(older), StandardCopyOption.REPLACE_EXISTING);
      }
    }
    Files.move(aside, numbered(1), StandardCopyOption.REPLACE_EXISTING);
    return open();
  }

  private Path numbered(int number) {
    return path.resolveSibling(path.getFileName() + "." + number);
  }

  /** A disk that is full may have taken the beginning. */
  private void takeBack(IOException failure) {
    if (!isRenamed) {
      return;
    }
    try (RandomAccessFile file = new RandomAccessFile(path.toFile(), "rw")) {
      if (file.length() > size) {
        file.setLength(size);
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  Path path() {
    return path;
  }

  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
      out = null;
    }
  }
}
