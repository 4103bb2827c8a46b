package dev.afterbay.rocksdb;

import dev.afterbay.store.Audit;
import dev.afterbay.store.Tables.Table;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.Options;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDBException;
import org.rocksdb.SstFileReader;
import org.rocksdb.SstFileReaderIterator;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Saves what can be read of a damaged data directory into a new one. The damaged one is not
 * changed.
 *
 * <p>In a folder of the new directory RocksDB opens a copy, in which the files of tables are links.
 * What its log holds behind the damage is replayed there. If it cannot be used at all, as its
 * manifest or a file is lost, everything is read from the files of tables one by one; deletions
 * cannot be seen then, so jobs that had ended since may come back. From the copy all jobs that can
 * be read go to the new directory, whose indexes and counts are made anew.
 */
public final class Repair {

  private static final Logger LOG = LoggerFactory.getLogger(Repair.class);
  private static final String WORK = "repair";

  private final Path from;
  private final Path to;
  private final Path work;
  private final List<Damage> damage;
  private final Sizing sizing = Sizing.of(RocksStore.Memory.STANDARD, Long.MAX_VALUE);

  private Repair(Path from, Path to, List<Damage> damage) {
    this.from = from.resolve(DataDirectory.DATABASE);
    this.to = to;
    this.work = to.resolve(WORK);
    this.damage = new ArrayList<>(damage);
  }

  /**
   * Fills a new data directory; nobody may use the old one meanwhile.
   *
   * @param to must not be there, or be empty
   * @return what the new directory holds, the damage that was found in the old one, and what could
   *     not be saved
   * @throws StoreException if one of them cannot be used
   */
  public static Report repair(Path from, Path to) {
    Report found = Verification.verify(from);
    try (DataDirectory old = DataDirectory.lockExisting(from);
        DataDirectory fresh = DataDirectory.lockEmpty(to)) {
      Repair repair = new Repair(old.path(), fresh.path(), found.damage());
      return repair.run(fresh);
    } catch (IOException e) {
      throw new StoreException.Unusable(to, String.valueOf(e.getMessage()), e);
    } catch (RocksDBException e) {
      throw new StoreException.Unusable(
          to, "what was saved cannot be written there: " + e.getMessage(), e);
    }
  }

  private Report run(DataDirectory fresh) throws IOException, RocksDBException {
    Native.ensureLoaded();
    Files.createDirectory(work);
    Audit.Report saved;
    try (Database salvaged = salvaged()) {
      SalvageView view = new SalvageView(salvaged, from);
      saved = fill(fresh, view);
      view.damage().stream().filter(this::isNew).forEach(damage::add);
    }
    delete(work);
    return new Report(saved.queues(), List.copyOf(damage), saved.faults());
  }

  /** Only when all of it is synced does the directory get its format, so half of it is not used. */
  private Audit.Report fill(DataDirectory fresh, SalvageView view)
      throws IOException, RocksDBException {
    Path path = fresh.database();
    try (Database database = Database.open(path, Database.Access.CREATE, sizing, (_, _) -> {});
        RocksTables tables = RocksTables.direct(database, Device.of(to))) {
      Audit.Report saved = Audit.rebuild(view, tables);
      database.rocks().syncWal();
      fresh.finish(database.lastChange());
      return saved;
    } catch (TablesFailed e) {
      throw e.failure();
    }
  }

  private Database salvaged() throws IOException, RocksDBException {
    Path copy = work.resolve("copy");
    copy(copy);
    Optional<Database> opened = openUsable(copy);
    if (opened.isEmpty()) {
      return fromTables(work.resolve("tables"));
    }
    replay(opened.get(), true);
    return opened.get();
  }

  private Optional<Database> openUsable(Path copy) throws IOException {
    try {
      Database opened = openCopy(copy);
      if (new SalvageView(opened, from).isUsable()) {
        return Optional.of(opened);
      }
      opened.close();
    } catch (RocksDBException e) {
      LOG.info(
          "A copy of {} cannot be opened ({}): its tables are read one by one",
          from,
          e.getMessage(),
          e);
    }
    return Optional.empty();
  }

  private Database openCopy(Path copy) throws IOException, RocksDBException {
    try {
      return Database.open(copy, Database.Access.SALVAGE, sizing, (_, _) -> {});
    } catch (RocksDBException e) {
      Optional<Path> manifest = newestManifest(copy);
      if (manifest.isEmpty()) {
        throw e;
      }
      Files.writeString(copy.resolve("CURRENT"), manifest.get().getFileName() + "\n");
      return Database.open(copy, Database.Access.SALVAGE, sizing, (_, _) -> {});
    }
  }

  private static Optional<Path> newestManifest(Path copy) throws IOException {
    try (Stream<Path> files = Files.list(copy)) {
      return files
          .filter(file -> file.getFileName().toString().startsWith("MANIFEST-"))
          .max(Comparator.comparing(Path::getFileName));
    }
  }

  /** Links to what never changes, and copies of the rest; the log only up to its damage. */
  private void copy(Path copy) throws IOException {
    Files.createDirectory(copy);
    LogScan.Result log = LogScan.scan(from);
    Damage first = log.damage().isEmpty() ? null : log.damage().getFirst();
    boolean behind = false;
    for (Path file : LogScan.files(from)) {
      boolean damaged = first != null && file.equals(first.file());
      if (!behind) {
        copy(file, copy, damaged && first != null ? first.offset() : Long.MAX_VALUE);
      }
      behind |= damaged;
    }
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        String name = file.getFileName().toString();
        if (name.endsWith(".sst")) {
          link(file, copy);
        } else if (name.startsWith("MANIFEST-") || name.equals("CURRENT")) {
          copy(file, copy, Long.MAX_VALUE);
        }
      }
    }
  }

  private static void link(Path file, Path folder) throws IOException {
    Path link = folder.resolve(file.getFileName());
    try {
      Files.createLink(link, file);
    } catch (IOException | UnsupportedOperationException _) {
      // Another file system, or one without links.
      Files.copy(file, link);
    }
  }

  private static void copy(Path file, Path folder, long bytesMax) throws IOException {
    Path copy = folder.resolve(file.getFileName());
    Files.copy(file, copy);
    if (bytesMax < Files.size(copy)) {
      try (FileChannel channel = FileChannel.open(copy, StandardOpenOption.WRITE)) {
        channel.truncate(bytesMax);
      }
    }
  }

  /** Applies batches of the log: those behind its damage, or all of them. */
  private void replay(Database database, boolean behindDamageOnly)
      throws IOException, RocksDBException {
    List<RocksDBException> failed = new ArrayList<>();
    try (WriteOptions options = new WriteOptions().setDisableWAL(true)) {
      LogScan.scan(
          from,
          (_, found, behindDamage) -> {
            if (!behindDamageOnly || behindDamage) {
              try (WriteBatch batch = new WriteBatch(found.bytes())) {
                database.rocks().write(options, batch);
              } catch (RocksDBException e) {
                failed.add(e);
              }
            }
          });
    }
    if (!failed.isEmpty()) {
      throw failed.getFirst();
    }
  }

  private Database fromTables(Path path) throws IOException, RocksDBException {
    Database database = Database.open(path, Database.Access.CREATE, sizing, (_, _) -> {});
    try (WriteOptions options = new WriteOptions().setDisableWAL(true)) {
      for (Path table : Verification.tables(from)) {
        load(database, options, table);
      }
      replay(database, false);
      return database;
    } catch (IOException | RocksDBException | RuntimeException e) {
      database.close();
      throw e;
    }
  }

  /** As much of a file as can be read from its start. */
  private void load(Database database, WriteOptions options, Path path) throws RocksDBException {
    try (Options plain = new Options();
        ReadOptions reads = new ReadOptions();
        SstFileReader reader = new SstFileReader(plain)) {
      reader.open(path.toString());
      ColumnFamilyHandle handle = handleOf(database, reader);
      if (handle == null) {
        return;
      }
      try (SstFileReaderIterator entries = reader.newIterator(reads)) {
        for (entries.seekToFirst(); entries.isValid(); entries.next()) {
          database.rocks().put(handle, options, entries.key(), entries.value());
        }
        entries.status();
      }
    } catch (RocksDBException e) {
      Damage found = new Damage(path, Damage.UNKNOWN, String.valueOf(e.getMessage()));
      if (isNew(found)) {
        damage.add(found);
      }
    }
  }

  private static @Nullable ColumnFamilyHandle handleOf(Database database, SstFileReader reader)
      throws RocksDBException {
    byte[] name = reader.getTableProperties().getColumnFamilyName();
    for (Table table : Table.values()) {
      if (Arrays.equals(Database.nameOf(table), name)) {
        return database.handle(table);
      }
    }
    return null;
  }

  private boolean isNew(Damage found) {
    return damage.stream().noneMatch(known -> known.file().equals(found.file()));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
