package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A backup in a file, which gets its name only when all of it is there and synced. Until then it is
 * beside that, with {@value #PARTIAL} behind the name, where a process that was killed leaves it
 * for the next one to write over.
 */
public final class BackupFile {

  static final String PARTIAL = ".partial";

  private static final long MIB = 1L << 20;

  private BackupFile() {}

  /** Makes a backup. */
  @FunctionalInterface
  public interface Source {
    /**
     * Writes all of it.
     *
     * @throws IOException if it cannot be written, or not be had
     */
    Backup.Made write(OutputStream to) throws IOException;
  }

  /**
   * Makes a file of its owner's alone.
   *
   * @param replace a file of that name gives way, once the new one is whole
   * @throws StoreException if there is one and it is to stay, there is no room, or the source fails
   *     so; there is no new file then
   * @throws IOException if the source fails so
   */
  public static Backup.Made make(Path file, boolean replace, Source source) throws IOException {
    checkFree(file, replace);
    Path partial = file.resolveSibling(file.getFileName() + PARTIAL);
    try (FileChannel channel = opened(partial)) {
      boolean made = false;
      try {
        Backup.Made whole = write(channel, file, source);
        checkFree(file, replace);
        Files.move(
            partial, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        made = true;
        syncFolderOf(file);
        return whole;
      } finally {
        if (!made) {
          Files.deleteIfExists(partial);
        }
      }
    }
  }

  private static Backup.Made write(FileChannel channel, Path file, Source source)
      throws IOException {
    try {
      channel.truncate(0);
      Backup.Made made = source.write(Channels.newOutputStream(channel));
      channel.force(true);
      return made;
    } catch (IOException e) {
      if (Shortage.is(e)) {
        throw new StoreException.Unusable(
            file,
            "there was no room for it after "
                + channel.size() / MIB
                + " MiB ("
                + Reason.of(e)
                + "): free some, or name a file on another file system",
            e);
      }
      throw e;
    }
  }

  /** Makes the name durable. */
  private static void syncFolderOf(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      DataDirectory.sync(folder);
    }
  }

  private static void checkFree(Path file, boolean replace) {
    if (Files.isDirectory(file)) {
      throw new StoreException.Unusable(file, "it is a folder: name a file", null);
    }
    if (Files.exists(file, LinkOption.NOFOLLOW_LINKS) && !isPlain(file)) {
      throw new StoreException.Unusable(
          file, "it is no plain file: name another one, or - for standard output", null);
    }
    if (!replace && Files.exists(file)) {
      throw new StoreException.Unusable(
          file, "it is there already: name another file, or say --replace", null);
    }
  }

  /** Made anew, and locked, so that two backups do not write the same one. */
  private static FileChannel opened(Path partial) {
    try {
      if (!FilePermissions.createForOwner(partial)) {
        // Of a process that was killed; or somebody else's, who could read what is written to it.
        try (FileChannel _ = locked(partial)) {
          Files.delete(partial);
        }
        if (!FilePermissions.createForOwner(partial)) {
          throw busy(partial);
        }
      }
      return locked(partial);
    } catch (IOException e) {
      throw new StoreException.Unusable(
          partial, Reason.of(e) + ": name a file in a folder that can be written", e);
    }
  }

  private static FileChannel locked(Path partial) throws IOException {
    Object opened = identity(partial);
    if (!isPlain(partial) || linksTo(partial) > 1) { // It would be written to somewhere else.
      throw new StoreException.Unusable(
          partial, "it is a link, or no plain file: delete it, or name another file", null);
    }
    FileChannel channel =
        FileChannel.open(partial, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    try {
      // Who had the lock before may have given it its name meanwhile: that is a backup now.
      if (!isLocked(channel) || !Objects.equals(opened, identity(partial))) {
        throw busy(partial);
      }
      return channel;
    } catch (IOException | RuntimeException e) {
      channel.close();
      throw e;
    }
  }

  private static StoreException busy(Path partial) {
    return new StoreException.Unusable(
        partial, "another backup writes it now: wait for its end", null);
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
        .fileKey();
  }

  private static boolean isPlain(Path file) {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS);
  }

  /** How many names it has; 1 where that is not known. */
  private static int linksTo(Path file) throws IOException {
    boolean known = file.getFileSystem().supportedFileAttributeViews().contains("unix");
    return known && Files.getAttribute(file, "unix:nlink") instanceof Integer links ? links : 1;
  }

  private static boolean isLocked(FileChannel channel) throws IOException {
    try {
      FileLock lock = channel.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException _) {
      return false;
    }
  }
}
