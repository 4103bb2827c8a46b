package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.io.OutputStream;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Backups of an open store, one at a time, while it goes on. Each on a thread of its own, as it
 * reads files, and its caller may be a virtual one.
 *
 * <p>The tables may be flushed, compacted and applied to meanwhile, and files of the journal be
 * written over: {@link BackupHold} has what is needed. The room that it holds is the store's again
 * before that would refuse anything.
 */
final class LiveBackups {

  private final DataDirectory data;
  private final Database database;
  private final Journal journal;
  private final Sequencer sequencer;
  private final StoreFailure failure;
  private final DiskSpace room;
  private @Nullable BackupHold current;
  private boolean ending;

  LiveBackups(
      DataDirectory data,
      Database database,
      Journal journal,
      Sequencer sequencer,
      StoreFailure failure,
      DiskSpace room) {
    this.data = data;
    this.database = database;
    this.journal = journal;
    this.sequencer = sequencer;
    this.failure = failure;
    this.room = room;
  }

  /** See {@link RocksStore#backup}. */
  Backup.Made write(OutputStream to) throws IOException, InterruptedException {
    BackupHold hold = begin();
    try {
      FutureTask<Backup.Made> backup = new FutureTask<>(() -> write(hold, to));
      Thread thread = Thread.ofPlatform().daemon().name("afterbay-backup").start(backup);
      return result(backup, thread);
    } finally {
      end(hold);
    }
  }

  private synchronized BackupHold begin() {
    if (ending || failure.reason() != null) {
      throw failure.unavailable();
    }
    if (room.isLow() || room.areTablesBlocked()) {
      throw new BrokerException.DiskFull(
          "the disk of "
              + data.path()
              + " is nearly full, and a backup would keep files on it that could be deleted: free"
              + " some room, or stop the server and back up its folder");
    }
    if (current != null) {
      throw new BrokerException.Conflict(
          "another backup is being made: wait for its end, then ask again");
    }
    BackupHold hold = new BackupHold(data, database, journal);
    current = hold;
    return hold;
  }

  private synchronized void end(BackupHold hold) {
    if (hold.equals(current)) {
      current = null;
    }
  }

  private static Backup.Made result(FutureTask<Backup.Made> backup, Thread thread)
      throws IOException, InterruptedException {
    try {
      return backup.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException known) {
        throw known;
      }
      if (e.getCause() instanceof RuntimeException known) {
        throw known;
      }
      if (e.getCause() instanceof Error known) {
        throw known;
      }
      throw new IllegalStateException(e);
    } catch (InterruptedException e) {
      thread.interrupt();
      joinAnyway(thread);
      throw e;
    }
  }

  /** Who gave the stream away may close it afterwards. */
  private static void joinAnyway(Thread thread) {
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Backup.Made write(BackupHold hold, OutputStream to) throws IOException {
    try {
      hold.take(sequencer);
      BackupWriter backup = new BackupWriter(to);
      try {
        write(hold, backup);
      } catch (IOException | RuntimeException e) {
        throw told(e, hold, backup);
      }
      return new Backup.Made(hold.commit(), backup.position());
    } finally {
      hold.release();
    }
  }

  private void write(BackupHold hold, BackupWriter backup) throws IOException {
    backup.begin(DataDirectory.FORMAT);
    hold.tables().copy(backup, hold::copied);
    backup.begin(BackupFormat.JOURNAL);
    LentRecords.copy(hold.lent(), hold.inTables(), hold.commit(), backup);
    backup.endFile();
    hold.check();
    if (failure.reason() != null) {
      throw failure.unavailable();
    }
    backup.end(hold.commit());
  }

  /** Tells whoever reads the backup why it is none. */
  private static RuntimeException told(Exception e, BackupHold hold, BackupWriter backup)
      throws IOException {
    String reason = hold.givenUp();
    Exception why = reason == null ? e : new BrokerException.Unavailable(reason, e);
    try {
      backup.giveUp(Reason.of(why));
    } catch (IOException unheard) {
      why.addSuppressed(unheard);
    }
    if (why instanceof IOException known) {
      throw known;
    }
    return (RuntimeException) why;
  }

  /**
   * The disk is nearly full.
   *
   * @return whether there may be more room now
   */
  boolean giveUp() {
    BackupHold hold = current();
    return hold != null
        && hold.giveUp(
            "the disk of " + data.path() + " is nearly full: free some room, then retry");
  }

  /** Nothing uses the database afterwards. */
  void end() {
    synchronized (this) {
      ending = true;
    }
    BackupHold hold = current();
    if (hold != null) {
      hold.giveUp("the store is being closed");
      hold.interrupt();
    }
  }

  private synchronized @Nullable BackupHold current() {
    return current;
  }
}
