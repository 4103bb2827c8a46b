package dev.afterbay.rocksdb;

import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds the file in what RocksDB says of it. */
final class DamagedFile {

  private static final Pattern NAME =
      Pattern.compile("(\\d{6,}\\.(?:sst|log)|MANIFEST-\\d+|CURRENT|OPTIONS-\\d+)");
  private static final Pattern OFFSET = Pattern.compile("offset (\\d+)");

  private DamagedFile() {}

  static Damage named(Path database, String message) {
    Matcher name = NAME.matcher(message);
    Path file = name.find() ? database.resolve(name.group(1)) : database;
    Matcher offset = OFFSET.matcher(message);
    long at = offset.find() ? Long.parseLong(offset.group(1)) : Damage.UNKNOWN;
    return new Damage(file, at, message);
  }
}
