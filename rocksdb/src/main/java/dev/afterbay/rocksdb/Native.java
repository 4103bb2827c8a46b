package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;

/**
 * Loads RocksDB's library, once.
 *
 * <p>It is unpacked from its jar into the folder for temporary files. RocksDB's own loader leaves
 * it there until the process ends well: each kill would leave 17 MB. Here it has a folder of its
 * own, which is deleted as soon as the library is loaded; where a loaded file cannot be deleted
 * (Windows), it stays.
 */
final class Native {

  private static boolean loaded;

  private Native() {}

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

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> found = Files.list(folder)) {
      files = found.toList();
    }
    for (Path file : files) {
      if (!file.toFile().delete()) {
        return;
      }
    }
    Files.delete(folder);
  }
}
