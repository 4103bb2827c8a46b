package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * Loads RocksDB's library, once.
 *
 * <p>RocksDB's own loader takes it from {@code java.library.path} if it is there. Else it is
 * unpacked from its jar into the folder for temporary files, which is a quarter of a start, and
 * that loader leaves it there until the process ends well: each kill would leave 17 MB. Here it has
 * a folder of its own, which is deleted as soon as the library is loaded; where a loaded file
 * cannot be deleted (Windows), it stays.
 */
final class NativeLibrary {

  /** Names a folder that is to have what was unpacked: a library path for later starts. */
  static final String KEPT = "afterbay.native.kept";

  private static boolean loaded;

  private NativeLibrary() {}

  static synchronized void ensureLoaded() {
    if (!loaded) {
      load();
      loaded = true;
    }
  }

  private static void load() {
    try {
      Path folder = Files.createTempDirectory("afterbay-rocksdb");
      try {
        NativeLibraryLoader.getInstance().loadLibrary(folder.toString());
        RocksDB.loadLibrary();
        keep(folder, System.getProperty(KEPT));
      } finally {
        delete(folder);
      }
    } catch (IOException e) {
      throw new StoreException.Unusable(
          Path.of(System.getProperty("java.io.tmpdir")),
          "RocksDB's library could not be unpacked and loaded ("
              + e.getMessage()
              + "): set -Djava.io.tmpdir to a folder with 20 MB of room that allows execution",
          e);
    }
  }

  private static void keep(Path folder, @Nullable String kept) throws IOException {
    if (kept != null) {
      Path to = Files.createDirectories(Path.of(kept));
      for (Path file : files(folder)) {
        Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  private static void delete(Path folder) throws IOException {
    for (Path file : files(folder)) {
      if (!file.toFile().delete()) {
        return;
      }
    }
    Files.delete(folder);
  }

  private static List<Path> files(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
