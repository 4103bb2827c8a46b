package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/**
 * The files of a database that hold all commits up to one, for a backup.
 *
 * @param folder where they are read
 * @param database whose they are, for messages
 * @param manifestBytes how much of the manifest was written then; more may stand behind it by now
 * @param tables names, the oldest first
 */
record TableFiles(
    Path folder, Path database, String manifest, long manifestBytes, List<String> tables) {

  private static final String TABLE_SUFFIX = ".sst";

  /**
   * As they are now, without what is only in memory. Whoever needs them later must see to it that
   * they are not deleted meanwhile.
   *
   * @param folder of the database
   */
  static TableFiles of(Database database, Path folder) throws RocksDBException {
    RocksDB.LiveFiles live = database.rocks().getLiveFiles(false);
    String manifest = "";
    List<String> tables = new ArrayList<>();
    for (String file : live.files) {
      String name = file.substring(file.lastIndexOf('/') + 1);
      if (name.endsWith(TABLE_SUFFIX)) {
        tables.add(name);
      } else if (name.startsWith("MANIFEST-")) {
        manifest = name;
      }
    }
    tables.sort((one, other) -> Long.compare(numberOf(one), numberOf(other)));
    return new TableFiles(folder, folder, manifest, live.manifestFileSize, List.copyOf(tables));
  }

  /** The same files, of which there are links in another folder. */
  TableFiles in(Path other) {
    return new TableFiles(other, database, manifest, manifestBytes, tables);
  }

  /** All names. */
  List<String> names() {
    List<String> names = new ArrayList<>(tables);
    names.add(manifest);
    return names;
  }

  /**
   * Copies them.
   *
   * @param copied runs after each file of tables, which is not needed any more
   * @throws StoreException.Damaged if a checksum in one of them is wrong
   */
  void copy(BackupWriter to, Copied copied) throws IOException {
    ManifestCheck.check(folder.resolve(manifest), database.resolve(manifest), manifestBytes);
    to.begin(BackupFormat.CURRENT);
    byte[] current = (manifest + "\n").getBytes(StandardCharsets.US_ASCII);
    to.write(current, 0, current.length);
    to.endFile();
    copy(to, manifest, manifestBytes);
    for (String table : tables) {
      check(folder.resolve(table), database.resolve(table));
      copy(to, table, Long.MAX_VALUE);
      copied.file(folder.resolve(table));
    }
  }

  /** What becomes of a file that was copied. */
  @FunctionalInterface
  interface Copied {
    void file(Path file) throws IOException;
  }

  private void copy(BackupWriter to, String name, long bytesMax) throws IOException {
    to.begin("db/" + name);
    byte[] piece = new byte[BackupFormat.PIECE_BYTES];
    long left = bytesMax;
    try (InputStream in = Files.newInputStream(folder.resolve(name))) {
      while (left > 0) {
        int read = in.readNBytes(piece, 0, (int) Math.min(left, piece.length));
        if (read == 0) {
          break;
        }
        to.write(piece, 0, read);
        left -= read;
      }
    }
    if (left > 0 && bytesMax != Long.MAX_VALUE) {
      throw damaged(database.resolve(name), "it is shorter than it was");
    }
    to.endFile();
  }

  /** A backup of what is damaged would be found out when it is needed. */
  private static void check(Path table, Path original) throws IOException {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(table.toString());
      reader.verifyChecksum();
    } catch (RocksDBException e) {
      String message = String.valueOf(e.getMessage());
      if (!TablesFailed.isCorruption(e.getStatus())) {
        throw new IOException(original + ": " + message, e);
      }
      throw new StoreException.Damaged(
          new Damage(original, DamagedFile.offset(message), "jobs or what belongs to them"), e);
    }
  }

  private static StoreException damaged(Path file, String lost) {
    return new StoreException.Damaged(new Damage(file, Damage.UNKNOWN, lost), null);
  }

  private static long numberOf(String table) {
    return Long.parseLong(table.substring(0, table.length() - TABLE_SUFFIX.length()));
  }
}
