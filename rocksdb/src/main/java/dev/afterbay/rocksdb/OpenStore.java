package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.ledger.Ledger;
import dev.afterbay.store.Clock;
import dev.afterbay.store.SystemClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.SplittableRandom;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rocksdb.RocksDBException;

/** An open data directory with its threads. */
final class OpenStore implements AutoCloseable {

  private static final Logger LOG = System.getLogger(OpenStore.class.getName());
  private static final long LOOK_NANOS = 1_000_000_000;
  private static final long LOOK_WHEN_LOW_NANOS = 200_000_000;

  /** To go through the files takes more than all the rest of a look. */
  private static final int LOOKS_PER_PRIVACY = 10;

  private static final Duration END_MAX = Duration.ofSeconds(5);

  /** Then a write has waited for a second. */
  private static final int REFUSE_TRIES = 5;

  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final StoreFailure failure = new StoreFailure();
  private final DataDirectory data;
  private final FilePermissions privacy;
  private final SyncMark mark;
  private final Device device;
  private final DiskSpace room;
  private final Database database;
  private final Journal journal;
  private final RocksTables tables;
  private final Ledger ledger;
  private final Clock clock;
  private final Syncer syncer;
  private final Applier applier;
  private final BackgroundErrors errors;
  private final Reclaimer reclaimer;
  private final Sequencer sequencer;
  private final SnapshotReader reader;
  private final LiveBackups backups;
  private final Thread looker;
  private volatile boolean closing;
  private boolean closed;

  static OpenStore open(
      Path directory, RocksStore.Settings settings, UnaryOperator<Device> faults) {
    try {
      return new OpenStore(directory, settings, faults);
    } catch (IOException | UncheckedIOException e) {
      throw new StoreException.Unusable(directory, Reason.withAdvice(e), e);
    } catch (RocksDBException e) {
      throw refused(directory, e);
    } catch (TablesFailed e) {
      throw refused(directory, e.failure());
    }
  }

  private OpenStore(Path directory, RocksStore.Settings settings, UnaryOperator<Device> faults)
      throws IOException, RocksDBException {
    try {
      data = own(opened(directory));
      privacy = new FilePermissions(directory);
      privacy.keep();
      mark = own(SyncMark.open(directory));
      device = faults.apply(Device.of(directory));
      room = new DiskSpace(directory, device, settings);
      Sizing sizing = Sizing.of(settings.memory(), device.totalBytes());
      Database.Access access =
          mark.commit() == 0 ? Database.Access.CREATE : Database.Access.EXISTING;
      if (access == Database.Access.EXISTING && !Files.isDirectory(data.database())) {
        throw new StoreException.Damaged(Verification.missing(data.database()), null);
      }
      database = own(Database.open(data.database(), access, sizing));
      journal = own(recovered(sizing));
      syncer = new Syncer(journal, mark, failure);
      applier = new Applier(database, device, failure, sizing.unappliedBytes(), this::goOn);
      errors = new BackgroundErrors(database, applier, failure);
      Writer writer = new Writer(journal, applier, syncer, steps(), this::goOn);
      room.pending(pending(writer));
      tables = own(new RocksTables(database, writer));
      ledger = openLedger(directory, tables, ownOrGiven(settings.clock()), sizing.ledger());
      journal.sync();
      mark.write(journal.number());
      privacy.keep();
    } catch (IOException | RocksDBException | RuntimeException | Error e) {
      release();
      throw e;
    }
    clock = ledger.clock();
    looker = Thread.ofPlatform().daemon().name("afterbay-disk").unstarted(this::look);
    sequencer = new Sequencer(ledger, tables, syncer, failure);
    reader = new SnapshotReader(applier, failure);
    backups = new LiveBackups(data, database, journal, sequencer, failure, room);
    room.others(backups::giveUp);
    reclaimer = reclaimer();
    startThreads();
  }

  private static DataDirectory opened(Path directory) throws IOException {
    OpenFiles.beReadyForNone();
    DataDirectory opened = DataDirectory.openOrCreate(directory);
    try {
      BackupHold.clean(directory);
      TablesRecovery.clean(directory);
      return opened;
    } catch (IOException | RuntimeException e) {
      opened.close();
      throw e;
    }
  }

  private void startThreads() {
    database.waiting(this::refuseWaiting);
    syncer.start();
    applier.start(recovery());
    sequencer.start();
    looker.start();
    reclaimer.start();
  }

  private Writer.Steps steps() {
    return new Writer.Steps(room.stepBytes(), this::wakeLooker);
  }

  private TablesRecovery recovery() {
    return new TablesRecovery(data, database, device, failure, () -> closing);
  }

  private Reclaimer reclaimer() {
    return new Reclaimer(database, applier, room, failure, applier::isBlocked, this::exhausted);
  }

  /** What waits for room on the disk. */
  private DiskSpace.Pending pending(Writer writer) {
    return new DiskSpace.Pending(
        () -> writer.isWaiting() || journal.isShort(), applier::isBlocked, applier::hasRoomFor);
  }

  StoreFailure failure() {
    return failure;
  }

  DiskSpace room() {
    return room;
  }

  /**
   * For the thread of the ledger.
   *
   * @throws BrokerException.DiskFull if so many bytes cannot be accepted
   */
  void checkRoom(long bytes) {
    room.check(tables.bytesGathered() + bytes);
  }

  Ledger ledger() {
    return ledger;
  }

  Clock clock() {
    return clock;
  }

  Sequencer sequencer() {
    return sequencer;
  }

  SnapshotReader reader() {
    return reader;
  }

  LiveBackups backups() {
    return backups;
  }

  /**
   * Answers what was asked before, syncs all of it, and frees the directory. On a thread of its
   * own: the caller may be a virtual one, and an interrupt must not leave it half done.
   */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    closing = true;
    Thread closer = Thread.ofPlatform().name("afterbay-close").start(this::end);
    boolean interrupted = false;
    while (closer.isAlive()) {
      try {
        closer.join();
      } catch (InterruptedException _) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * The journal, after what it holds beyond the tables was put into them.
   *
   * <p>A process that was killed may have written what it did not sync. Whoever sees it from now on
   * relies on it, so it is synced before anybody does.
   */
  private Journal recovered(Sizing sizing) throws IOException, RocksDBException {
    JournalScan.Start start = start();
    JournalScan.Result found = JournalScan.scan(data.journal(), start);
    if (!found.damage().isEmpty()) {
      throw new StoreException.Damaged(found.damage().getFirst(), null);
    }
    found.check(data.journal(), mark.commit());
    for (JournalScan.Scanned file : found.files()) {
      device.sync(file.path());
    }
    JournalScan.replay(data.journal(), start, database, device);
    return Journal.open(
        data.journal(),
        device,
        database,
        new SplittableRandom(),
        sizing.journalBytes(),
        found,
        _ -> exhausted());
  }

  /**
   * The reserve makes room for what is being written. If that is not enough, nobody waits longer
   * than a second for somebody to free some.
   */
  private boolean goOn(Exception shortage, int tries) {
    if (tries == 0 || tries >= REFUSE_TRIES) {
      // Again and again, as the looker may have thought meanwhile that there is room.
      exhausted();
    }
    if (tries == 0) {
      return true;
    }
    Sequencer known = sequencer;
    if (known == null || closing || failure.reason() != null) {
      return false;
    }
    if (tries >= REFUSE_TRIES) {
      known.refuse(room.diskFull());
    }
    LockSupport.parkNanos(this, LOOK_WHEN_LOW_NANOS);
    return true;
  }

  /** RocksDB is being opened again, and that finds no room any more. */
  private void refuseWaiting() {
    Sequencer known = sequencer;
    if (known != null && database.isSeized()) {
      known.refuse(room.diskFull());
    }
  }

  private void exhausted() {
    try {
      room.exhausted();
    } catch (IOException e) {
      LOG.log(
          Level.WARNING, "The reserve of " + data.path() + " cannot be given up: " + Reason.of(e));
    }
    LockSupport.unpark(looker);
  }

  private JournalScan.Start start() {
    try (RocksView view = RocksView.persisted(database)) {
      return JournalScan.Start.of(Ledger.commitNumber(view), view, mark.commit());
    }
  }

  private static Ledger openLedger(
      Path directory, RocksTables tables, Clock clock, Ledger.Sizes sizes) {
    try {
      return Ledger.open(tables, clock, sizes);
    } catch (BrokerException e) {
      throw new StoreException.Unusable(directory, String.valueOf(e.getMessage()), e);
    } catch (IllegalStateException | IndexOutOfBoundsException e) {
      throw new StoreException.Damaged(
          new Damage(
              directory.resolve(DataDirectory.DATABASE),
              Damage.UNKNOWN,
              "its tables do not agree: " + e.getMessage()),
          e);
    }
  }

  /** What an error of RocksDB's means to somebody who wants to open the directory. */
  static StoreException refused(Path directory, RocksDBException e) {
    String message = String.valueOf(e.getMessage());
    if (message.contains("While lock file") || message.contains("lock hold by current process")) {
      return new StoreException.InUse(directory, e);
    }
    boolean missing = message.contains("No such file");
    if (Shortage.is(e) || (TablesFailed.isInputOutput(e.getStatus()) && !missing)) {
      return new StoreException.Unusable(directory, Reason.withAdvice(e), e);
    }
    Path database = directory.resolve(DataDirectory.DATABASE);
    return new StoreException.Damaged(DamagedFile.named(database, message), e);
  }

  private void look() {
    for (int looks = 1; !closing && failure.reason() == null; looks++) {
      try {
        room.look();
        errors.look();
        reclaimer.wakeIfLow();
        if (looks % LOOKS_PER_PRIVACY == 0) {
          privacy.keep();
        }
      } catch (IOException e) {
        LOG.log(
            Level.WARNING,
            "The room on the disk of " + data.path() + " cannot be told: " + Reason.of(e));
      } catch (RuntimeException | Error e) {
        // It goes on: without it nobody would see a disk that fills up.
        LOG.log(
            Level.ERROR,
            "Looking after the disk of " + data.path() + " failed: " + Reason.of(e),
            e);
      }
      LockSupport.parkNanos(this, room.isFine() ? LOOK_NANOS : LOOK_WHEN_LOW_NANOS);
    }
  }

  private void wakeLooker() {
    LockSupport.unpark(looker);
  }

  /** All else must end whatever becomes of it. */
  private void endBackups() {
    try {
      backups.end();
    } catch (RuntimeException e) {
      LOG.log(Level.WARNING, "a backup did not end in an orderly way", e);
    }
  }

  private void end() {
    try {
      endBackups();
      reclaimer.cancel();
      sequencer.end(database::giveUpWaiting);
      applier.end(database::giveUpWaiting);
      syncer.end();
      reader.end();
      reclaimer.end(database::giveUpWaiting);
      LockSupport.unpark(looker);
      if (!looker.join(END_MAX)) {
        database.giveUpWaiting();
      }
      looker.join();
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts this thread", e);
    } finally {
      release();
    }
  }

  private Clock ownOrGiven(@Nullable Clock given) {
    return given != null ? given : own(new SystemClock());
  }

  private <T extends AutoCloseable> T own(T closeable) {
    owned.push(closeable);
    return closeable;
  }

  private void release() {
    while (!owned.isEmpty()) {
      try {
        owned.pop().close();
      } catch (Exception e) {
        LOG.log(Level.ERROR, "Closing the store failed: " + e.getMessage(), e);
      }
    }
  }
}
