package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;
import org.rocksdb.RocksDBException;

/**
 * A copy of a database that RocksDB may open and write to while the original is not touched: links
 * to what never changes, and copies of the rest.
 */
final class WorkingCopy {

  private WorkingCopy() {}

  /**
   * Makes the copy in a new folder, and opens it.
   *
   * @throws RocksDBException if RocksDB cannot open it as it is
   */
  static Database open(Path database, Path copy, Database.Access access, Sizing sizing)
      throws IOException, RocksDBException {
    Files.createDirectory(copy);
    try (Stream<Path> files = Files.list(database)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".sst")) {
          link(file, copy.resolve(name));
        } else if (name.startsWith("MANIFEST-") || name.equals("CURRENT")) {
          Files.copy(file, copy.resolve(name));
        }
      }
    }
    return Database.open(copy, access, sizing);
  }

  /** Salvages it with its newest manifest, whatever CURRENT says. */
  static Database openNewest(Path copy, Sizing sizing) throws IOException, RocksDBException {
    Optional<Path> manifest;
    try (Stream<Path> files = Files.list(copy)) {
      manifest =
          files
              .filter(file -> file.getFileName().toString().startsWith("MANIFEST-"))
              .max(Comparator.comparing(Path::getFileName));
    }
    if (manifest.isPresent()) {
      Files.writeString(copy.resolve("CURRENT"), manifest.get().getFileName() + "\n");
    }
    return Database.open(copy, Database.Access.SALVAGE, sizing);
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** A symbolic one: it may be on another file system, and the file itself is left alone. */
  private static void link(Path file, Path link) throws IOException {
    try {
      Files.createSymbolicLink(link, file.toAbsolutePath());
    } catch (IOException | UnsupportedOperationException _) {
      Files.copy(file, link);
    }
  }
}
