package dev.afterbay.rocksdb;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.RocksDB;
import org.rocksdb.util.Environment;

/**
 * Loads RocksDB's library, once.
 *
 * <p>It is taken from {@code java.library.path} if it is there, which needs no folder that can be
 * written. Else RocksDB's own loader unpacks it from its jar into the folder for temporary files,
 * which is a quarter of a start, and leaves it there until the process ends well: each kill would
 * leave 17 MB. Here it has a folder of its own, which is deleted as soon as the library is loaded;
 * where a loaded file cannot be deleted (Windows), it stays.
 */
final class NativeLibrary {

  /** Names a folder that is to have what was unpacked: a library path for later starts. */
  static final String KEPT = "afterbay.native.kept";

  private static boolean loaded;

  private NativeLibrary() {}

  static synchronized void ensureLoaded() {
    if (!loaded) {
      if (isOnPath()) {
        RocksDB.loadLibrary();
      } else {
        unpack();
      }
      loaded = true;
    }
  }

  /** Whether RocksDB's own loader will find it, which looks there before it unpacks anything. */
  private static boolean isOnPath() {
    String file = System.mapLibraryName(Environment.getJniLibraryName("rocksdb"));
    return Stream.of(System.getProperty("java.library.path", "").split(File.pathSeparator))
        .anyMatch(folder -> Files.isReadable(Path.of(folder, file)));
  }

  private static void unpack() {
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
