package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Keeps a data directory for its owner alone: folders 0700, files 0600. Where the file system has
 * no such permissions it does nothing.
 *
 * <p>The folder alone keeps others out. The files are for copies of it, and for what was opened to
 * all before. RocksDB makes files as the umask says, so its folder is gone through now and then.
 */
final class FilePermissions {

  private static final Logger LOG = System.getLogger(FilePermissions.class.getName());
  private static final Set<PosixFilePermission> FOLDER =
      PosixFilePermissions.fromString("rwx------");
  private static final Set<PosixFilePermission> FILE = PosixFilePermissions.fromString("rw-------");

  private final Path directory;

  /** What was seen to, so that each file costs one call. */
  private Set<Path> seen = new HashSet<>();

  private boolean told;

  FilePermissions(Path directory) {
    this.directory = directory;
  }

  /** Sees to all that is new in the directory and the folders in it. */
  void keep() {
    Set<Path> there = new HashSet<>();
    try {
      keep(directory, there);
    } catch (IOException | UncheckedIOException e) {
      if (!told && !Shortage.is(e)) {
        told = true;
        LOG.log(
            Level.WARNING,
            "Other users may be able to read "
                + directory
                + " ("
                + Reason.of(e)
                + "): give it to the user "
                + System.getProperty("user.name"));
      }
    }
    seen = there;
  }

  /**
   * Makes an empty file that is its owner's alone from the first moment.
   *
   * @return false: there is one
   */
  static boolean createForOwner(Path file) throws IOException {
    try {
      try {
        Files.createFile(file, PosixFilePermissions.asFileAttribute(FILE));
      } catch (UnsupportedOperationException _) { // This file system has no such permissions.
        Files.createFile(file);
      }
      return true;
    } catch (FileAlreadyExistsException _) {
      return false;
    }
  }

  /** Opens a file to write; one that is not there is made as by {@link #createForOwner}. */
  static FileChannel openForOwner(Path file) throws IOException {
    createForOwner(file);
    return FileChannel.open(file, StandardOpenOption.WRITE);
  }

  private void keep(Path path, Set<Path> there) throws IOException {
    boolean folder = Files.isDirectory(path);
    if (isMadeOnce(path)) {
      there.add(path);
    }
    if (!seen.contains(path)) {
      set(path, folder ? FOLDER : FILE);
    }
    if (folder) {
      try (Stream<Path> files = Files.list(path)) {
        for (Path file : (Iterable<Path>) files::iterator) {
          if (!Files.isSymbolicLink(file)) {
            keep(file, there);
          }
        }
      }
    }
  }

  /** CURRENT and the like are replaced by others of the same name. */
  private static boolean isMadeOnce(Path path) {
    String name = path.getFileName().toString();
    return name.endsWith(".sst") || name.endsWith(JournalFile.SUFFIX);
  }

  private static void set(Path path, Set<PosixFilePermission> wanted) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(path, PosixFileAttributeView.class);
    if (view == null) {
      return;
    }
    try {
      if (!view.readAttributes().permissions().equals(wanted)) {
        view.setPermissions(wanted);
      }
    } catch (NoSuchFileException _) {
      // RocksDB has deleted it meanwhile.
    }
  }
}
