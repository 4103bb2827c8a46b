package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.store.Clock;
import dev.afterbay.store.Ledger;
import dev.afterbay.store.SystemClock;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.LockSupport;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rocksdb.BackgroundErrorReason;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An open data directory with its threads. */
final class Opened implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(Opened.class);
  private static final long LOOK_NANOS = 1_000_000_000;
  private static final long LOOK_WHEN_LOW_NANOS = 200_000_000;

  private final Deque<AutoCloseable> owned = new ArrayDeque<>();
  private final Failure failure = new Failure();
  private final DataDirectory data;
  private final Mark mark;
  private final Device device;
  private final Room room;
  private final Database database;
  private final RocksTables tables;
  private final Ledger ledger;
  private final Clock clock;
  private final Syncer syncer;
  private final Writer writer;
  private final Sequencer sequencer;
  private final Reader reader;
  private final Thread looker;
  private volatile boolean closing;
  private boolean closed;

  static Opened open(Path directory, RocksStore.Settings settings, UnaryOperator<Device> faults) {
    try {
      return new Opened(directory, settings, faults);
    } catch (IOException e) {
      throw new StoreException.Unusable(directory, e.toString(), e);
    } catch (RocksDBException e) {
      throw refused(directory, e);
    } catch (TablesFailed e) {
      throw refused(directory, e.failure());
    }
  }

  private Opened(Path directory, RocksStore.Settings settings, UnaryOperator<Device> faults)
      throws IOException, RocksDBException {
    try {
      data = own(DataDirectory.openOrCreate(directory));
      mark = own(Mark.open(directory));
      device = faults.apply(Device.of(directory));
      room = new Room(directory, device, settings);
      LogScan.Result log = checkLog(data, mark.commit());
      syncLog();
      Sizing sizing = Sizing.of(settings.memory(), device.totalBytes());
      Database.Access access =
          mark.commit() == 0 ? Database.Access.CREATE : Database.Access.EXISTING;
      database = own(Database.open(data.database(), access, sizing, this::backgroundFailed));
      log.check(mark.commit(), database.lastChange());
      syncer = new Syncer(database.rocks(), device, mark, failure);
      Writer.Steps steps = new Writer.Steps(room.stepBytes(), this::wakeLooker);
      writer = new Writer(database, device, syncer, failure, steps);
      tables = own(new RocksTables(database, writer));
      ledger = openLedger(directory, tables, ownOrGiven(settings.clock()), sizing.ledger());
      writer.writeFirst();
      device.sync(database.rocks());
      mark.write(database.lastChange());
    } catch (IOException | RocksDBException | RuntimeException | Error e) {
      release();
      throw e;
    }
    clock = ledger.clock();
    looker = Thread.ofPlatform().daemon().name("afterbay-disk").unstarted(this::look);
    sequencer = new Sequencer(ledger, tables, writer, failure);
    reader = new Reader(database, failure);
    syncer.start();
    writer.start();
    sequencer.start();
    looker.start();
  }

  Failure failure() {
    return failure;
  }

  Room room() {
    return room;
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

  Reader reader() {
    return reader;
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

  /** Damage in the log that can be seen before RocksDB opens it, and would make the best of it. */
  static LogScan.Result checkLog(DataDirectory data, long marked) throws IOException {
    LogScan.Result log = LogScan.scan(data.database());
    if (!log.damage().isEmpty()) {
      throw new StoreException.Damaged(log.damage().getFirst(), null);
    }
    if (log.next() >= 0) {
      log.check(marked, log.next() - 1);
    }
    return log;
  }

  /**
   * A process that was killed may have written what it did not sync. Whoever sees it from now on
   * relies on it; and RocksDB only syncs files that it wrote itself.
   */
  private void syncLog() throws IOException {
    for (Path file : LogScan.files(data.database())) {
      device.sync(file);
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
    if (TablesFailed.isNoSpace(e.getStatus())) {
      return new StoreException.Unusable(
          directory, "its disk is full (" + message + "): free some room", e);
    }
    if (TablesFailed.isInputOutput(e.getStatus()) && !message.contains("No such file")) {
      return new StoreException.Unusable(directory, message, e);
    }
    Path database = directory.resolve(DataDirectory.DATABASE);
    return new StoreException.Damaged(DamagedFile.named(database, message), e);
  }

  private void backgroundFailed(BackgroundErrorReason reason, Status status) {
    if (TablesFailed.isNoSpace(status)) {
      // RocksDB goes on by itself when there is room; until then only sends have to wait.
      try {
        room.exhausted();
      } catch (IOException e) {
        failure.set("giving up the reserve", e);
      }
    } else {
      RocksDBException thrown = new RocksDBException(status);
      failure.set("a " + reason + " of RocksDB", DamagedFile.told(data.database(), thrown), thrown);
    }
  }

  private void look() {
    while (!closing && failure.reason() == null) {
      try {
        room.look();
      } catch (IOException e) {
        LOG.warn("The room on the disk of {} cannot be told: {}", data.path(), e.getMessage(), e);
      }
      LockSupport.parkNanos(this, room.isLow() ? LOOK_WHEN_LOW_NANOS : LOOK_NANOS);
    }
  }

  private void wakeLooker() {
    LockSupport.unpark(looker);
  }

  private void end() {
    try {
      sequencer.end();
      writer.end();
      syncer.end();
      reader.end();
      closing = true;
      LockSupport.unpark(looker);
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
        LOG.error("Closing the store failed: {}", e.getMessage(), e);
      }
    }
  }
}
