package dev.afterbay.rocksdb;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/** Finds the file that RocksDB complains of, which it does not always name. */
final class DamagedFile {

  private static final Pattern DATA = Pattern.compile("\\d{6,}\\.(?:sst|log)");

  /** Which RocksDB may suspect although it is a table that cannot be read. */
  private static final Pattern OTHER = Pattern.compile("MANIFEST-\\d+|CURRENT|OPTIONS-\\d+");

  private static final Pattern OFFSET = Pattern.compile("offset (\\d+)");

  private DamagedFile() {}

  static Damage named(Path database, String message) {
    Path file =
        match(DATA, database, message)
            .or(() -> unreadable(database))
            .or(() -> match(OTHER, database, message))
            .orElse(database);
    return new Damage(file, offset(message), message);
  }

  static long offset(String message) {
    Matcher offset = OFFSET.matcher(message);
    return offset.find() ? Long.parseLong(offset.group(1)) : Damage.UNKNOWN;
  }

  /** What RocksDB says, with the file where it leaves that out. */
  static String told(Path database, RocksDBException e) {
    String message = String.valueOf(e.getMessage());
    boolean named = !TablesFailed.isCorruption(e.getStatus()) || DATA.matcher(message).find();
    return named ? message : message + " (" + named(database, message).file() + ")";
  }

  private static Optional<Path> match(Pattern name, Path database, String message) {
    Matcher matcher = name.matcher(message);
    return matcher.find() ? Optional.of(database.resolve(matcher.group())) : Optional.empty();
  }

  /** The first file of a table that cannot even be opened. */
  private static Optional<Path> unreadable(Path database) {
    try {
      for (Path table : Verification.tables(database)) {
        try (Options options = new Options();
            SstFileReader reader = new SstFileReader(options)) {
          reader.open(table.toString());
        } catch (RocksDBException _) {
          return Optional.of(table);
        }
      }
    } catch (IOException _) {
      // Then the folder cannot be read.
    }
    return Optional.empty();
  }
}
