package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.rocksdb.RocksDBException;

/** Finds and harms the files of a data directory that is not open. */
final class DataFiles {

  private DataFiles() {}

  static Path log(Path directory) throws IOException {
    return JournalScan.files(directory.resolve(DataDirectory.JOURNAL)).getLast();
  }

  /** Where the good records of a file of the log end, from its start. */
  static long endOf(Path log) throws IOException {
    JournalFile file = JournalFile.read(log);
    while (file.next() != null) {
      // Go on.
    }
    return file.position();
  }

  /** The file whose name begins and ends so; the largest one. */
  static Path named(Path directory, String prefix, String suffix) throws IOException {
    try (Stream<Path> files = Files.list(directory.resolve(DataDirectory.DATABASE))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(prefix))
          .filter(file -> file.getFileName().toString().endsWith(suffix))
          .max((a, b) -> Long.compare(a.toFile().length(), b.toFile().length()))
          .orElseThrow();
    }
  }

  static void flip(Path file, long offset, int bytes) throws IOException {
    byte[] all = Files.readAllBytes(file);
    for (int i = (int) offset; i < offset + bytes; i++) {
      all[i] = (byte) ~all[i];
    }
    Files.write(file, all);
  }

  static void cut(Path file, long size) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(size);
    }
  }

  static void copy(Path from, Path to) throws IOException {
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
  }

  static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }

  /** Opens the database below the store, without its checks. */
  static Database database(Path directory) {
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    try {
      return Database.open(
          directory.resolve(DataDirectory.DATABASE), Database.Access.EXISTING, sizing);
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
  }

  /** Moves what the journal holds into tables. */
  static void flush(Path directory) {
    change(directory, _ -> {});
  }

  /** Does something to the tables. */
  interface Work {
    void on(Database database) throws RocksDBException;
  }

  /** Changes the tables below the store; all that the journal held is in them before. */
  static void change(Path directory, Work work) {
    Path journal = directory.resolve(DataDirectory.JOURNAL);
    try (Database database = database(directory)) {
      JournalScan.Start start = JournalScan.Start.of(database.persisted());
      JournalScan.replay(journal, start, database, Device.of(directory));
      work.on(database);
      database.flush();
      for (Path file : JournalScan.files(journal)) {
        Files.delete(file);
      }
    } catch (IOException | RocksDBException e) {
      throw new AssertionError(e);
    }
  }

  static String text(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** Checksums of all files by name, to see that nothing was changed. */
  static Map<String, Long> checksums(Path directory) throws IOException {
    Map<String, Long> checksums = new TreeMap<>();
    try (Stream<Path> files = Files.walk(directory)) {
      files.filter(Files::isRegularFile).forEach(file -> checksums.put(file.toString(), of(file)));
    }
    return checksums;
  }

  private static long of(Path file) {
    CRC32C crc = new CRC32C();
    try {
      crc.update(Files.readAllBytes(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return crc.getValue();
  }
}
