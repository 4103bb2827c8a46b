package dev.afterbay.rocksdb;

import dev.afterbay.ledger.ConsistencyCheck;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;

/** Reads everything in a data directory that nobody uses, and changes nothing. */
public final class Verification {

  /** Of a directory that is being filled. */
  static final String WORK = "verify";

  private final Path directory;
  private final Path database;
  private final Path journal;
  private final Path temporary;
  private final UnaryOperator<Device> faults;
  private final List<Damage> damage = new ArrayList<>();

  private Verification(Path directory, Path temporary, UnaryOperator<Device> faults) {
    this.directory = directory;
    this.temporary = temporary;
    this.faults = faults;
    this.database = directory.resolve(DataDirectory.DATABASE);
    this.journal = directory.resolve(DataDirectory.JOURNAL);
  }

  /**
   * Checks every checksum of the journal and the tables, and that the tables agree with each other.
   * Takes as long as reading all of it does.
   *
   * @throws StoreException if the directory is in use, no data directory, or of another format, or
   *     if the folder for temporary files has no room
   */
  public static Report verify(Path directory) {
    Path temporary = Path.of(System.getProperty("java.io.tmpdir"));
    return verify(directory, temporary, UnaryOperator.identity());
  }

  /**
   * As {@link #verify(Path)}, with faults put in below the folder for temporary files.
   *
   * @param temporary where a working copy is made
   */
  static Report verify(Path directory, Path temporary, UnaryOperator<Device> faults) {
    try (DataDirectory data = DataDirectory.openExisting(directory)) {
      return new Verification(data.path(), temporary, faults).report();
    } catch (StoreException.Damaged e) {
      return new Report(Map.of(), List.of(e.damage()), List.of());
    } catch (IOException e) {
      throw new StoreException.Unusable(directory, Reason.withAdvice(e), e);
    }
  }

  /**
   * As {@link #verify(Path)}, for a directory that has all but its format; with the working copy in
   * it, as there may be no room elsewhere.
   */
  static Report ofUnfinished(DataDirectory data) throws IOException {
    Path temporary = Files.createDirectory(data.path().resolve(WORK));
    try {
      return new Verification(data.path(), temporary, UnaryOperator.identity()).report();
    } catch (StoreException.Damaged e) {
      return new Report(Map.of(), List.of(e.damage()), List.of());
    } finally {
      WorkingCopy.delete(temporary);
    }
  }

  private Report report() throws IOException {
    NativeLibrary.ensureLoaded();
    Long marked = SyncMark.peek(directory);
    if (marked == null) {
      damage.add(SyncMark.damage(directory.resolve(SyncMark.FILE)));
    }
    if (!Files.isDirectory(database)) {
      damage.add(missing(database));
      return new Report(Map.of(), eachFileOnce(), List.of());
    }
    for (Path table : tables(database)) {
      checkTable(table);
    }
    return reportOfCopy(marked);
  }

  /** What belongs to the copy alone says nothing of the store. */
  private Report reportOfCopy(@Nullable Long marked) throws IOException {
    @Nullable Path work = null;
    try {
      work = Files.createTempDirectory(temporary, "afterbay-verify");
      return report(work.resolve("copy"), marked);
    } catch (TablesFailed e) {
      throw unusable(e.failure());
    } catch (IOException e) {
      if (work == null || isOf(work, e) || Shortage.is(e)) {
        throw unusable(e);
      }
      throw e;
    } finally {
      if (work != null) {
        WorkingCopy.delete(work);
      }
    }
  }

  private StoreException unusable(Exception e) {
    return new StoreException.Unusable(
        temporary,
        "a working copy of "
            + directory
            + " cannot be made there ("
            + Reason.of(e)
            + "), so the store was not checked: make room for what its journal holds, or name"
            + " another folder for temporary files (-Djava.io.tmpdir=DIR in AFTERBAY_JAVA_OPTS)",
        e);
  }

  private static boolean isOf(Path folder, IOException e) {
    return e instanceof FileSystemException of
        && of.getFile() != null
        && Path.of(of.getFile()).startsWith(folder);
  }

  static Damage missing(Path database) {
    return new Damage(
        database, Damage.UNKNOWN, "it is missing, and with it all jobs that the journal has not");
  }

  private Report report(Path copy, @Nullable Long marked) throws IOException {
    ConsistencyCheck.Report audit = new ConsistencyCheck.Report(Map.of(), List.of());
    Sizing sizing = Sizing.of(RocksStore.Memory.STANDARD, Long.MAX_VALUE);
    try (Database opened = WorkingCopy.open(database, copy, Database.Access.COPY, sizing)) {
      opened.checkFiles(database);
      SalvageView view = new SalvageView(opened, database);
      JournalScan.Start start = JournalScan.Start.of(view.commitNumber(), view, marked);
      JournalScan.Result found = JournalScan.scan(journal, start);
      damage.addAll(found.damage());
      if (found.damage().isEmpty()) {
        // Else tables would not agree for nothing but the commits that are lost.
        JournalScan.replay(journal, start, opened, faults.apply(Device.of(copy)));
        audit = ConsistencyCheck.check(view);
      }
      damage.addAll(view.damage());
      if (found.damage().isEmpty() && marked != null) {
        found.check(journal, marked);
      }
    } catch (StoreException.Damaged e) {
      damage.add(e.damage());
    } catch (RocksDBException e) {
      if (Shortage.is(e)) {
        throw unusable(e);
      }
      damage.add(DamagedFile.named(database, String.valueOf(e.getMessage())));
      damage.addAll(JournalScan.scan(journal, JournalScan.Start.of(JournalScan.UNKNOWN)).damage());
    } catch (FileSystemException e) {
      if (!isOf(database, e) || Shortage.is(e)) {
        throw e;
      }
      damage.add(
          new Damage(Path.of(e.getFile()), Damage.UNKNOWN, "it cannot be read: " + Reason.of(e)));
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
    if (!Files.isDirectory(database)) {
      return List.of();
    }
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
