package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/**
 * What an open store keeps for a backup: the files of one moment, which it goes on without.
 *
 * <p>Files of tables are held by links to them in a folder of their own, from which each is deleted
 * once it is copied; files of the journal by having them open. So whatever becomes of the process,
 * nothing of that is left but the folder, which the next one deletes. Where there are no links,
 * RocksDB deletes no files as long as this lasts.
 */
final class BackupHold {

  /** In the data directory. */
  private static final String FOLDER = "held-by-backup";

  /** Ours in that folder; whatever else somebody put there stays. */
  private static final Pattern LINK =
      Pattern.compile("[0-9]+\\.sst|(MANIFEST|OPTIONS)-[0-9]+|CURRENT");

  private static final Logger LOG = System.getLogger(BackupHold.class.getName());

  private final DataDirectory data;
  private final Database database;
  private final Journal journal;
  private final Path links;
  private @Nullable Thread thread;
  private boolean deletionsOff;
  private @Nullable TableFiles tables;
  private List<LentFile> lent = List.of();
  private long inTables;
  private long commit;
  private boolean released;
  private @Nullable String givenUp;

  BackupHold(DataDirectory data, Database database, Journal journal) {
    this.data = data;
    this.database = database;
    this.journal = journal;
    this.links = data.path().resolve(FOLDER);
  }

  /** Deletes what a process left that was killed. */
  static void clean(Path directory) {
    deleteLinks(directory.resolve(FOLDER));
  }

  /**
   * Takes hold of the files of one moment, on the thread that writes the journal: whatever was
   * confirmed before is in them, and all of the last commit or nothing.
   *
   * @throws BrokerException.Unavailable if that cannot be done
   */
  void take(Sequencer sequencer) {
    keepFiles();
    StoreRequest<Boolean> request = new StoreRequest<>(StoreRequest.Kind.READ, this::capture);
    sequencer.accept(request);
    request.await();
    link();
  }

  private synchronized void keepFiles() {
    check();
    thread = Thread.currentThread();
    try (Database.InUse _ = database.use()) {
      database.rocks().disableFileDeletions();
      deletionsOff = true;
    } catch (RocksDBException e) {
      throw unable(e);
    }
  }

  /** Senders wait for this: it reads one row, lists the files and opens some. */
  private synchronized boolean capture() {
    check();
    try (Database.InUse _ = database.use()) {
      inTables = database.persisted();
      tables = TableFiles.of(database, data.database());
      lent = journal.lend();
      commit = journal.number();
      return true;
    } catch (IOException | RocksDBException | TablesFailed e) {
      throw unable(e);
    }
  }

  private static BrokerException unable(Exception e) {
    return new BrokerException.Unavailable(
        "a backup cannot begin (" + Reason.of(e) + "): try again later", e);
  }

  private synchronized void link() {
    check();
    TableFiles all = tables();
    try {
      deleteLinks(links); // What an earlier one could not, for want of a descriptor.
      Files.createDirectory(links);
      for (String name : all.names()) {
        Files.createLink(links.resolve(name), all.folder().resolve(name));
      }
    } catch (IOException | UnsupportedOperationException e) {
      LOG.log(
          Level.DEBUG,
          "a backup goes without links to the files of " + data.path() + ": " + Reason.of(e));
      deleteLinks(links);
      return;
    }
    tables = all.in(links);
    allowDeletions();
  }

  /**
   * The files of tables.
   *
   * @throws IllegalStateException before {@link #take}
   */
  synchronized TableFiles tables() {
    if (tables == null) {
      throw new IllegalStateException("take() comes first");
    }
    return tables;
  }

  /** The files of the journal. */
  synchronized List<LentFile> lent() {
    return lent;
  }

  /** The number of a commit up to which the tables have everything; perhaps of more. */
  long inTables() {
    return inTables;
  }

  /** The number of the last commit. */
  long commit() {
    return commit;
  }

  /** Why the store wants its room back; null: it does not. */
  synchronized @Nullable String givenUp() {
    return givenUp;
  }

  /** A file of tables was copied. */
  synchronized void copied(Path file) throws IOException {
    check();
    if (file.startsWith(links)) {
      Files.deleteIfExists(file);
    }
  }

  /**
   * Gives all back before the backup is whole, which it is never then. Nothing of the database is
   * used any more afterwards.
   *
   * @return false: it was given back before
   */
  synchronized boolean giveUp(String reason) {
    if (released) {
      return false;
    }
    givenUp = reason;
    release();
    return true;
  }

  /** Ends the wait for whoever takes the bytes. */
  synchronized void interrupt() {
    if (thread != null) {
      thread.interrupt();
    }
  }

  /** Gives all back. */
  synchronized void release() {
    if (released) {
      return;
    }
    released = true;
    for (LentFile file : lent) {
      try {
        file.channel().close();
      } catch (IOException e) {
        LOG.log(Level.WARNING, "Closing " + file.path() + " after a backup: " + Reason.of(e));
      }
    }
    try {
      journal.takeBack();
    } finally {
      deleteLinks(links);
      allowDeletions();
    }
  }

  /**
   * @throws BrokerException.Unavailable if it was given up
   */
  synchronized void check() {
    if (released) {
      throw new BrokerException.Unavailable("the backup was given up: " + givenUp);
    }
  }

  private static void deleteLinks(Path folder) {
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      return;
    }
    try {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          if (LINK.matcher(file.getFileName().toString()).matches()) {
            Files.deleteIfExists(file);
          }
        }
      }
      Files.delete(folder);
    } catch (IOException | UncheckedIOException e) {
      LOG.log(
          Level.WARNING,
          "What a backup held in " + folder + " is deleted at the next start: " + Reason.of(e));
    }
  }

  private void allowDeletions() {
    if (deletionsOff) {
      deletionsOff = false;
      try (Database.InUse _ = database.use()) {
        database.rocks().enableFileDeletions();
      } catch (RocksDBException | TablesFailed e) {
        LOG.log(
            Level.WARNING,
            "Files of " + data.database() + " are deleted at the next start: " + Reason.of(e));
      }
    }
  }
}
