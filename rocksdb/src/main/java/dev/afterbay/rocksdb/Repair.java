package dev.afterbay.rocksdb;

import dev.afterbay.ledger.ConsistencyCheck;
import dev.afterbay.ledger.Tables.Table;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;

/**
 * Saves what can be read of a damaged data directory into a new one. The damaged one is not
 * changed.
 *
 * <p>In a folder of the new directory RocksDB opens a copy, in which the files of tables are links.
 * What the journal holds is put into it, also what is behind damage. If it cannot be used at all,
 * as its manifest or a file is lost, everything is read from the files of tables one by one;
 * deletions cannot be seen then, so jobs that had ended since may come back. From the copy all jobs
 * that can be read go to the new directory, whose indexes and counts are made anew.
 */
public final class Repair {

  private static final Logger LOG = System.getLogger(Repair.class.getName());
  private static final String WORK = "repair";

  private final Path directory;
  private final Path from;
  private final Path journal;
  private final Path work;
  private final Device device;
  private final List<Damage> damage;
  private final Sizing sizing = Sizing.of(RocksStore.Memory.STANDARD, Long.MAX_VALUE);

  private Repair(Path from, Path to, Device device, List<Damage> damage) {
    this.directory = from;
    this.from = from.resolve(DataDirectory.DATABASE);
    this.journal = from.resolve(DataDirectory.JOURNAL);
    this.work = to.resolve(WORK);
    this.device = device;
    this.damage = new ArrayList<>(damage);
  }

  /**
   * Fills a new data directory; nobody may use the old one meanwhile.
   *
   * @param to must not be there, or be empty
   * @return what the new directory holds, the damage that was found in the old one, and what could
   *     not be saved
   * @throws StoreException if one of them cannot be used; where it was the new one, it is told from
   *     a complete one by its format, and is never opened
   */
  public static Report repair(Path from, Path to) {
    return repair(from, to, UnaryOperator.identity());
  }

  /** As {@link #repair(Path, Path)}, with faults put in below the new directory. */
  static Report repair(Path from, Path to, UnaryOperator<Device> faults) {
    // The new one first: it must not pass for an empty store, also where the old one is refused.
    try (DataDirectory fresh = DataDirectory.lockEmpty(to, DataDirectory.Filling.REPAIR)) {
      Report found = Verification.verify(from);
      try (DataDirectory old = DataDirectory.lockExisting(from)) {
        Device device = faults.apply(Device.of(to));
        return new Repair(old.path(), fresh.path(), device, found.damage()).run(fresh);
      }
    } catch (TablesFailed e) {
      throw incomplete(from, to, e.failure());
    } catch (IOException | RocksDBException e) {
      throw incomplete(from, to, e);
    }
  }

  private static StoreException incomplete(Path from, Path to, Exception e) {
    return new StoreException.Unusable(
        to,
        "what was saved into it is not complete ("
            + Reason.of(e)
            + "): see that there is room for all of it, delete it, and run `afterbay repair`"
            + " again; "
            + from
            + " was not changed",
        e);
  }

  /** Only when all of it is synced does the directory get its format, so half of it is not used. */
  private Report run(DataDirectory fresh) throws IOException, RocksDBException {
    NativeLibrary.ensureLoaded();
    Files.createDirectory(work);
    ConsistencyCheck.Report saved;
    long commit;
    try (Database salvaged = salvaged();
        Database database = Database.open(fresh.database(), Database.Access.CREATE, sizing);
        RocksTables tables = RocksTables.direct(database, device)) {
      SalvageView view = new SalvageView(salvaged, from);
      saved = ConsistencyCheck.rebuild(view, tables);
      view.damage().stream().filter(this::isNew).forEach(damage::add);
      database.flush();
      commit = database.persisted();
    }
    WorkingCopy.delete(work);
    fresh.finish(commit);
    new FilePermissions(fresh.path()).keep();
    return new Report(saved.queues(), List.copyOf(damage), saved.faults());
  }

  private Database salvaged() throws IOException, RocksDBException {
    Optional<Database> opened = openUsable(work.resolve("copy"));
    return opened.isPresent()
        ? filled(opened.get(), this::replay)
        : filled(
            Database.open(work.resolve("tables"), Database.Access.SCRATCH, sizing),
            this::loadTables);
  }

  @FunctionalInterface
  private interface Filling {
    void fill(Database database) throws IOException, RocksDBException;
  }

  /** The database, with what the filling puts in; closed if that fails. */
  private static Database filled(Database database, Filling filling)
      throws IOException, RocksDBException {
    try {
      filling.fill(database);
      return database;
    } catch (IOException | RocksDBException | RuntimeException | Error e) {
      database.close();
      throw e;
    }
  }

  private Optional<Database> openUsable(Path copy) throws IOException, RocksDBException {
    if (!Files.isDirectory(from)) {
      return Optional.empty();
    }
    try {
      Database opened = openCopy(copy);
      boolean usable = false;
      try {
        usable = new SalvageView(opened, from).isUsable();
      } finally {
        if (!usable) {
          opened.close();
        }
      }
      return usable ? Optional.of(opened) : Optional.empty();
    } catch (RocksDBException e) {
      if (Shortage.is(e)) {
        throw e; // It says nothing of the copy, and there is none for the tables either.
      }
      LOG.log(
          Level.INFO,
          "A copy of "
              + from
              + " cannot be opened ("
              + Reason.of(e)
              + "): its tables are read one by one");
    }
    return Optional.empty();
  }

  private Database openCopy(Path copy) throws IOException, RocksDBException {
    try {
      return WorkingCopy.open(from, copy, Database.Access.SALVAGE, sizing);
    } catch (RocksDBException _) {
      return WorkingCopy.openNewest(copy, sizing);
    }
  }

  private void replay(Database database) throws IOException {
    SalvageView view = new SalvageView(database, from);
    Long marked = SyncMark.peek(directory);
    JournalScan.Start start = JournalScan.Start.of(view.commitNumber(), view, marked);
    JournalScan.replay(journal, start, database, device);
  }

  private void loadTables(Database database) throws IOException, RocksDBException {
    for (Path table : Verification.tables(from)) {
      load(database, table);
    }
    JournalScan.Start start = JournalScan.Start.of(JournalScan.UNKNOWN);
    JournalScan.replay(journal, start, database, device);
  }

  /** As much of a file as can be read from its start. */
  private void load(Database database, Path path) {
    try (Options plain = new Options();
        ReadOptions reads = new ReadOptions();
        SstFileReader reader = new SstFileReader(plain)) {
      reader.open(path.toString());
      Table table = tableOf(reader);
      if (table == null) {
        return;
      }
      try (SstFileReaderIterator entries = reader.newIterator(reads)) {
        entries.seekToFirst();
        copy(entries, database, table);
        entries.status();
      }
    } catch (RocksDBException e) {
      Damage found = new Damage(path, Damage.UNKNOWN, String.valueOf(e.getMessage()));
      if (isNew(found)) {
        damage.add(found);
      }
    }
  }

  private void copy(SstFileReaderIterator entries, Database database, Table table) {
    int family = database.family(table);
    Batch batch = new Batch();
    for (; entries.isValid(); entries.next()) {
      if (RocksTables.isPutOnce(table)) {
        // An older file may have the row, too, and the deletion between them is not seen.
        batch.singleDelete(family, entries.key());
      }
      batch.put(family, entries.key(), entries.value());
      try {
        device.apply(database.rocks(), batch.take());
      } catch (RocksDBException e) {
        // What cannot be written is no damage of what is read.
        throw TablesFailed.writing(e);
      }
    }
  }

  private static @Nullable Table tableOf(SstFileReader reader) throws RocksDBException {
    byte[] name = reader.getTableProperties().getColumnFamilyName();
    for (Table table : Table.values()) {
      if (Arrays.equals(Database.nameOf(table), name)) {
        return table;
      }
    }
    return null;
  }

  private boolean isNew(Damage found) {
    return damage.stream().noneMatch(known -> known.file().equals(found.file()));
  }
}
