package dev.afterbay.rocksdb;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;
import org.rocksdb.RocksDBException;

/**
 * Copies what a store holds at one moment into one stream of bytes: the tables as files, and the
 * batches of the journal that they lack (docs/storage.md, A backup). {@link Restoration} makes a
 * data directory of it again.
 */
public final class Backup {

  /**
   * What a backup holds.
   *
   * @param commit the number of its last commit
   * @param bytes of the backup itself
   */
  public record Made(long commit, long bytes) {}

  private static final String COPY = "copy";

  private Backup() {}

  /**
   * Backs up a data directory that nobody uses, and changes nothing in it. A temporary folder takes
   * a few files of RocksDB's meanwhile.
   *
   * @throws StoreException if it is in use, damaged, or of another format
   * @throws IOException if the backup cannot be written
   */
  public static Made of(Path directory, OutputStream to) throws IOException {
    return of(directory, to, Path.of(System.getProperty("java.io.tmpdir")));
  }

  /** As {@link #of(Path, OutputStream)}, with the folder for temporary files. */
  static Made of(Path directory, OutputStream to, Path temporary) throws IOException {
    NativeLibrary.ensureLoaded();
    try (DataDirectory data = DataDirectory.openExisting(directory)) {
      Path work = temporaryFolder(temporary);
      try (Database copy = copied(data, work)) {
        return of(data, copy, work.resolve(COPY), to);
      } finally {
        WorkingCopy.delete(work);
      }
    } catch (RocksDBException e) {
      throw OpenStore.refused(directory, e);
    } catch (TablesFailed e) {
      throw OpenStore.refused(directory, e.failure());
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static Path temporaryFolder(Path temporary) {
    try {
      return Files.createTempDirectory(temporary, "afterbay-backup");
    } catch (IOException e) {
      throw noCopy(temporary, e);
    }
  }

  private static Database copied(DataDirectory data, Path work) throws RocksDBException {
    if (!Files.isDirectory(data.database())) {
      throw new StoreException.Damaged(Verification.missing(data.database()), null);
    }
    try {
      Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, Long.MAX_VALUE);
      return WorkingCopy.open(data.database(), work.resolve(COPY), Database.Access.COPY, sizing);
    } catch (IOException e) {
      throw noCopy(work, e);
    } catch (RocksDBException e) {
      if (Shortage.is(e)) {
        throw noCopy(work, e);
      }
      throw e;
    }
  }

  private static StoreException noCopy(Path work, Exception e) {
    return new StoreException.Unusable(
        work,
        "RocksDB cannot be opened there to list its files ("
            + Reason.of(e)
            + "): make room, or name another folder for temporary files"
            + " (-Djava.io.tmpdir=DIR in AFTERBAY_JAVA_OPTS)",
        e);
  }

  /** What is damaged is not backed up: that would be found out when it is needed. */
  private static Made of(DataDirectory data, Database copy, Path folder, OutputStream to)
      throws IOException, RocksDBException {
    Long marked = SyncMark.peek(data.path());
    if (marked == null) {
      throw new StoreException.Damaged(SyncMark.damage(data.path().resolve(SyncMark.FILE)), null);
    }
    copy.checkFiles(data.database());
    JournalScan.Start start = start(copy, marked);
    JournalScan.Result found = JournalScan.scan(data.journal(), start);
    if (!found.damage().isEmpty()) {
      throw new StoreException.Damaged(found.damage().getFirst(), null);
    }
    found.check(data.journal(), marked);
    BackupWriter backup = new BackupWriter(to);
    backup.begin(DataDirectory.FORMAT);
    TableFiles.of(copy, data.database()).in(folder).copy(backup, _ -> {});
    backup.begin(BackupFormat.JOURNAL);
    JournalScan.scan(data.journal(), start, entry -> putUnchecked(entry, backup));
    backup.endFile();
    backup.end(found.last());
    return new Made(found.last(), backup.position());
  }

  private static JournalScan.Start start(Database database, long marked) {
    try (RocksView view = RocksView.latest(database)) {
      return JournalScan.Start.of(database.persisted(), view, marked);
    }
  }

  private static void putUnchecked(JournalFile.Entry entry, BackupWriter to) {
    try {
      CRC32C crc = new CRC32C();
      crc.update(entry.batch());
      to.beginRecord(entry.number(), entry.batch().length, (int) crc.getValue());
      to.write(entry.batch(), 0, entry.batch().length);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Copies a backup, and looks whether all of it is as it was written.
   *
   * @param about what it is, for messages
   * @throws StoreException.BadBackup if it is not; the copy is none then
   */
  public static Made copy(InputStream from, String about, OutputStream to) throws IOException {
    BackupReader reader = new BackupReader(new CopiedInput(from, to), about);
    while (reader.nextFile() != null) {
      while (reader.more() > 0) {
        // It looks at each.
      }
    }
    to.flush();
    return new Made(reader.commit(), reader.position());
  }

  /** What is read is written, too. */
  private static final class CopiedInput extends InputStream {
    private final InputStream from;
    private final OutputStream to;

    CopiedInput(InputStream from, OutputStream to) {
      this.from = from;
      this.to = to;
    }

    @Override
    public int read() throws IOException {
      int one = from.read();
      if (one >= 0) {
        to.write(one);
      }
      return one;
    }

    @Override
    public int read(byte[] bytes, int at, int length) throws IOException {
      int read = from.read(bytes, at, length);
      if (read > 0) {
        to.write(bytes, at, read);
      }
      return read;
    }
  }
}
