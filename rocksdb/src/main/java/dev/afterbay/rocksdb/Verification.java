package dev.afterbay.rocksdb;

import dev.afterbay.store.Audit;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/** Reads everything in a data directory that nobody uses, and changes nothing. */
public final class Verification {

  private final Path directory;
  private final Path database;
  private final Path journal;
  private final List<Damage> damage = new ArrayList<>();

  private Verification(Path directory) {
    this.directory = directory;
    this.database = directory.resolve(DataDirectory.DATABASE);
    this.journal = directory.resolve(DataDirectory.JOURNAL);
  }

  /**
   * Checks every checksum of the journal and the tables, and that the tables agree with each other.
   * Takes as long as reading all of it does.
   *
   * @throws StoreException if the directory is in use, no data directory, or of another format
   */
  public static Report verify(Path directory) {
    try (DataDirectory data = DataDirectory.openExisting(directory)) {
      return new Verification(data.path()).report();
    } catch (StoreException.Damaged e) {
      return new Report(Map.of(), List.of(e.damage()), List.of());
    } catch (IOException e) {
      throw new StoreException.Unusable(directory, String.valueOf(e.getMessage()), e);
    }
  }

  private Report report() throws IOException {
    Native.ensureLoaded();
    Long marked = Mark.peek(directory);
    if (marked == null) {
      damage.add(Mark.damage(directory.resolve(Mark.FILE)));
    }
    for (Path table : tables(database)) {
      checkTable(table);
    }
    Path work = Files.createTempDirectory("afterbay-verify");
    try {
      return report(work.resolve("copy"), marked);
    } finally {
      WorkingCopy.delete(work);
    }
  }

  private Report report(Path copy, @Nullable Long marked) throws IOException {
    Audit.Report audit = new Audit.Report(Map.of(), List.of());
    Sizing sizing = Sizing.of(RocksStore.Memory.STANDARD, Long.MAX_VALUE);
    try (Database opened = WorkingCopy.open(database, copy, Database.Access.COPY, sizing)) {
      opened.checkFiles(database);
      SalvageView view = new SalvageView(opened, database);
      long inTables = view.commitNumber();
      JournalScan.Result found = JournalScan.scan(journal, inTables);
      damage.addAll(found.damage());
      if (found.damage().isEmpty()) {
        // Else tables would not agree for nothing but the commits that are lost.
        JournalScan.replay(journal, inTables, opened, Device.of(copy));
        audit = Audit.check(view);
      }
      damage.addAll(view.damage());
      if (found.damage().isEmpty() && marked != null) {
        found.check(journal, marked);
      }
    } catch (StoreException.Damaged e) {
      damage.add(e.damage());
    } catch (RocksDBException e) {
      damage.add(DamagedFile.named(database, String.valueOf(e.getMessage())));
      damage.addAll(JournalScan.scan(journal, JournalScan.UNKNOWN).damage());
    } catch (FileSystemException e) {
      if (e.getFile() == null || !Path.of(e.getFile()).startsWith(database)) {
        throw e;
      }
      damage.add(new Damage(Path.of(e.getFile()), Damage.UNKNOWN, "it cannot be read: " + e));
    }
    return new Report(audit.queues(), eachFileOnce(), audit.faults());
  }

  private void checkTable(Path table) {
    try {
      readWhole(table);
    } catch (RocksDBException e) {
      damage.add(
          new Damage(
              table,
              DamagedFile.offset(String.valueOf(e.getMessage())),
              "jobs or what belongs to them: " + e.getMessage()));
    }
  }

  /** The files of the tables, the oldest first. */
  static List<Path> tables(Path database) throws IOException {
    try (Stream<Path> files = Files.list(database)) {
      return files.filter(file -> file.toString().endsWith(".sst")).sorted().toList();
    }
  }

  private static void readWhole(Path table) throws RocksDBException {
    try (Options options = new Options();
        SstFileReader reader = new SstFileReader(options)) {
      reader.open(table.toString());
      reader.verifyChecksum();
    }
  }

  private List<Damage> eachFileOnce() {
    Map<Path, Damage> first = new LinkedHashMap<>();
    for (Damage one : damage) {
      boolean inJournal = JournalFile.isOne(one.file());
      first.putIfAbsent(inJournal ? one.file().resolve("@" + one.offset()) : one.file(), one);
    }
    return List.copyOf(first.values());
  }
}
