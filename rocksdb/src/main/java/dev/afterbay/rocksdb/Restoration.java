package dev.afterbay.rocksdb;

import dev.afterbay.ledger.Ledger;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.SecureRandom;
import java.util.function.UnaryOperator;
import org.rocksdb.RocksDBException;

/**
 * Makes a data directory of a {@link Backup}: what the store held at that moment, and nothing else.
 *
 * <p>Until all of it is there, synced and looked through, the directory says that it is not
 * complete, and nothing opens it, wherever this was stopped.
 */
public final class Restoration {

  /**
   * More than any store was opened since the backup was made. And some more by chance, so that two
   * stores that are made of one backup, one after the other, do not give the same fences.
   */
  private static final int EPOCHS_SKIPPED = 10_000;

  private static final long MIB = 1L << 20;

  /**
   * What a directory holds now.
   *
   * @param commit the number of its last commit, as the backup says
   * @param report what {@link Verification#verify} would say of it
   */
  public record Restored(long commit, Report report) {}

  private final BackupReader backup;
  private final DataDirectory fresh;
  private final Device device;
  private final Sizing sizing = Sizing.of(RocksStore.Memory.STANDARD, Long.MAX_VALUE);

  private Restoration(BackupReader backup, DataDirectory fresh, Device device) {
    this.backup = backup;
    this.fresh = fresh;
    this.device = device;
  }

  /**
   * Fills a new data directory.
   *
   * @param file the backup
   * @param to must not be there, or be empty
   * @throws StoreException if the backup is not whole, or one of them cannot be used; then nothing
   *     opens the directory, also where nothing was written into it
   */
  public static Restored restore(Path file, Path to) {
    return restore(file, to, UnaryOperator.identity());
  }

  /** As {@link #restore(Path, Path)}, with faults put in below the new directory. */
  static Restored restore(Path file, Path to, UnaryOperator<Device> faults) {
    NativeLibrary.ensureLoaded();
    if (Files.exists(to, LinkOption.NOFOLLOW_LINKS) && !Files.isDirectory(to)) {
      throw new StoreException.Unusable(
          to, "it is no folder: name one that is empty, or not there", null);
    }
    // Before all else: whoever overlooks why it failed, whatever it is, must not serve an empty
    // store there. Two files of a few bytes in all are no harm to a disk that is full.
    try (DataDirectory fresh = DataDirectory.lockEmpty(to, DataDirectory.Filling.RESTORE)) {
      return restore(file, fresh, faults);
    } catch (IOException e) {
      throw incomplete(file, to, e);
    }
  }

  private static Restored restore(Path file, DataDirectory fresh, UnaryOperator<Device> faults) {
    try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
      BackupReader backup = new BackupReader(in, file.toString());
      checkFormat(file, backup.storeFormat());
      return fill(file, backup, fresh, faults);
    } catch (BackupReader.ReadFailed e) {
      throw new StoreException.Unusable(file, Reason.withAdvice(e), e);
    } catch (IOException e) {
      throw new StoreException.Unusable(file, "it cannot be read: " + Reason.of(e), e);
    }
  }

  private static void checkFormat(Path file, int found) {
    if (found != DataDirectory.FORMAT) {
      throw new StoreException.OtherFormat(file, found, DataDirectory.FORMAT);
    }
  }

  private static Restored fill(
      Path file, BackupReader backup, DataDirectory fresh, UnaryOperator<Device> faults)
      throws BackupReader.ReadFailed {
    Path to = fresh.path();
    try {
      Device device = faults.apply(Device.of(to));
      checkRoom(file, to, device);
      return fill(backup, fresh, device);
    } catch (BackupReader.ReadFailed e) {
      throw e;
    } catch (TablesFailed e) {
      throw incomplete(file, to, e.failure());
    } catch (IOException | RocksDBException e) {
      throw incomplete(file, to, e);
    }
  }

  private static Restored fill(BackupReader backup, DataDirectory fresh, Device device)
      throws IOException, RocksDBException {
    try {
      return new Restoration(backup, fresh, device).run();
    } catch (IOException | RocksDBException | RuntimeException | Error e) {
      giveBack(fresh);
      throw e;
    }
  }

  /** Before anything of it is written, as a disk that is full harms others who use it. */
  private static void checkRoom(Path file, Path to, Device device) throws IOException {
    long free = device.freeBytes();
    if (free < Files.size(file)) {
      throw new StoreException.Unusable(
          to,
          wanted(file)
              + " and its file system has "
              + free / MIB
              + " MiB left: make room, delete it, and run `afterbay restore` again",
          null);
    }
  }

  private static String wanted(Path file) {
    return "what " + file + " holds takes about " + (1 + file.toFile().length() / MIB) + " MiB,";
  }

  private static StoreException incomplete(Path file, Path to, Exception e) {
    String why =
        Shortage.is(e)
            ? wanted(file) + " and its file system has not so much (" + Reason.of(e) + ")"
            : "what was restored into it is not complete (" + Reason.of(e) + ")";
    return new StoreException.Unusable(
        to, why + ": delete it, see that there is room, and run `afterbay restore` again", e);
  }

  /** What a restore that failed has written is of no use, and may have filled the disk. */
  private static void giveBack(DataDirectory fresh) {
    for (Path folder : new Path[] {fresh.database(), fresh.path().resolve(Verification.WORK)}) {
      try {
        if (Files.exists(folder)) {
          WorkingCopy.delete(folder);
        }
      } catch (IOException _) {
        // The directory says that it is not complete, whatever is left in it.
      }
    }
  }

  private Restored run() throws IOException, RocksDBException {
    FilePermissions permissions = new FilePermissions(fresh.path());
    permissions.keep();
    DataDirectory.make(fresh.database());
    DataDirectory.make(fresh.journal());
    String name = backup.nextFile();
    while (name != null && !name.equals(BackupFormat.JOURNAL)) {
      copy(fresh.path().resolve(name));
      name = backup.nextFile();
    }
    DataDirectory.sync(fresh.database());
    long commit = replayed();
    if (backup.nextFile() != null) {
      throw new IllegalStateException("the journal is the last file");
    }
    if (backup.commit() != commit) {
      throw backup.bad("it says that it goes up to commit " + backup.commit() + ", not " + commit);
    }
    SyncMark.create(fresh.path(), commit);
    Report report = Verification.ofUnfinished(fresh);
    if (!report.damage().isEmpty()) {
      throw new IOException(
          "what was restored cannot be read back: "
              + report.damage().getFirst()
              + ": restore to another disk");
    }
    permissions.keep();
    fresh.writeFormat();
    return new Restored(commit, report);
  }

  private void copy(Path file) throws IOException {
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      long at = 0;
      for (int more = backup.more(); more > 0; more = backup.more()) {
        device.write(channel, ByteBuffer.wrap(backup.piece(), BackupReader.PIECE_AT, more), at);
        at += more;
      }
      device.sync(channel);
    }
  }

  /** Puts the batches into the tables, and has all of it in files; the number of the last one. */
  private long replayed() throws IOException, RocksDBException {
    try (Database database = Database.open(fresh.database(), Database.Access.EXISTING, sizing);
        RocksTables tables = RocksTables.direct(database, device)) {
      BackupRecords records = new BackupRecords(backup, database.persisted());
      for (byte[] batch = records.next(); batch != null; batch = records.next()) {
        device.apply(database.rocks(), batch);
      }
      Ledger.skipEpochs(tables, EPOCHS_SKIPPED + new SecureRandom().nextInt(EPOCHS_SKIPPED));
      database.flush();
      return records.last();
    }
  }
}
