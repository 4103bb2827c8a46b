package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.store.Commit;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The journal of a process that was killed while it wrote over a file that had been another one.
 */
class JournalTest {

  private static final int MESSAGES = 2_000;
  private static final int UNSYNCED = 3;
  private static final int RESTARTS = 20;

  /** So little that buffers are small, and files of the journal are soon written over. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  private static final int FILE_BYTES = 10_000;

  /** Then another file is begun also if none is allocated yet. */
  private static final int FAR_TOO_LONG = 2 * FILE_BYTES;

  /** Not zeros: half of them would be all of them in a file that was filled with zeros. */
  private static final byte[] ONES = new byte[1_000];

  static {
    Arrays.fill(ONES, (byte) 1);
  }

  @TempDir private static Path once;

  /** What the process left behind; each test has a copy of it. */
  private static Path left;

  private static long end;
  private static int sent;

  @TempDir Path directory;

  private Path killed;
  private Path journal;
  private Path newest;

  @BeforeAll
  static void kill() throws IOException {
    left = once.resolve("left");
    sent = 0;
    Path data = once.resolve("data");
    try (RocksStore store = open(data)) {
      while (sent < MESSAGES || !isInTheMiddle(DataFiles.log(data))) {
        TestStores.send(store, sent++);
      }
      for (int i = 0; i < UNSYNCED; i++) {
        store.commit(Commit.written(TestStores.append(store, sent + i)));
      }
      PowerLossTest.copy(data, left);
      // What there was before the last second would be missed because of the mark.
      SyncMark.create(left, 1);
    }
  }

  private static boolean isInTheMiddle(Path log) throws IOException {
    end = DataFiles.endOf(log);
    return end >= 50_000 && end + 50_000 <= Files.size(log);
  }

  @BeforeEach
  void copy() throws IOException {
    killed = directory.resolve("killed");
    journal = killed.resolve(DataDirectory.JOURNAL);
    DataFiles.copy(left, killed);
    newest = DataFiles.log(killed);
  }

  @Test
  void theOldBytesBehindTheEndAreNoDamage() throws IOException {
    for (int opening = 0; opening < 3; opening++) {
      try (RocksStore store = open(killed)) {
        assertThat(store.stats(TestStores.QUEUE).pending()).isEqualTo(sent + UNSYNCED);
      }
      assertThat(Verification.verify(killed).damage()).isEmpty();
    }
  }

  @Test
  void aFlippedBitIsDamageAsLaterCommitsTellThatItWasSynced() throws IOException {
    byte[] good = Files.readAllBytes(newest);
    for (int at : List.of(0, 5, 10, 20, 4_000, (int) end - 20_000)) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(newest, bad);

      assertDamaged(newest);
    }
  }

  @Test
  void whatWasNotSyncedWhenLaterCommitsWereMadeIsALeftOver() throws IOException {
    List<JournalFile.Entry> entries = entries(newest);
    JournalFile.Entry last = entries.getLast();
    JournalFile.Entry before = entries.get(entries.size() - 2);
    assertThat(last.synced()).isLessThan(before.number());
    DataFiles.flip(newest, before.offset() + 30, 4);

    for (int opening = 0; opening < 3; opening++) {
      try (RocksStore store = open(killed)) {
        assertThat(store.stats(TestStores.QUEUE).pending())
            .isEqualTo(sent + UNSYNCED - 2 + opening);
        TestStores.send(store, 1_000_000 + opening);
      }
      assertThat(DataFiles.endOf(newest)).isEqualTo(Files.size(newest));
    }
  }

  @Test
  void aFileThatIsMissingIsDamageWhicheverItIs() throws IOException {
    List<Path> needed = needed();
    assertThat(needed).hasSizeGreaterThan(1);
    for (Path file : needed.subList(0, needed.size() - 1)) {
      byte[] good = Files.readAllBytes(file);
      Files.delete(file);

      assertThatThrownBy(() -> open(killed))
          .as(file.toString())
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining("are lost");
      Files.write(file, good);
    }
  }

  @Test
  void whatIsInTablesMayBeMissingOrBad() throws IOException {
    DataFiles.flush(killed);
    Files.write(newest, new byte[10_000]);

    try (RocksStore store = open(killed)) {
      assertThat(store.stats(TestStores.QUEUE).pending()).isEqualTo(sent + UNSYNCED);
    }
  }

  @Test
  void filesOfWhichEverythingIsInTablesAreNotRead() throws IOException {
    List<Path> files = JournalScan.files(journal);
    assertThat(files).hasSizeGreaterThan(1);
    for (Path file : files.subList(0, files.size() - 1)) {
      Files.delete(file);
      Files.createDirectory(file);
    }

    long last = scan(journal, entries(newest).getFirst().number()).last();

    assertThat(last).isEqualTo(entries(newest).getLast().number());
  }

  @Test
  void aFileThatNothingWasWrittenToYetIsPassedOver() throws IOException {
    long number = JournalFile.numberOf(newest) + 1;
    Files.copy(newest, journal.resolve(JournalFile.name(number, 1)));

    try (RocksStore store = open(killed)) {
      assertThat(store.stats(TestStores.QUEUE).pending()).isEqualTo(sent + UNSYNCED);
    }
  }

  /** It cannot know the salt in the file's name. */
  @Test
  void aMessageThatLooksLikeARecordIsNone() throws IOException {
    List<JournalFile.Entry> entries = entries(newest);
    JournalFile.Entry last = entries.getLast();
    ByteBuffer forged = ByteBuffer.allocate(JournalFile.HEADER_BYTES + last.batch().length);
    JournalFile.putHeader(forged, new byte[8], last.number() + 9, last.number() + 8, last.batch());
    forged.position(JournalFile.HEADER_BYTES).put(last.batch());
    byte[] bytes = Files.readAllBytes(newest);
    System.arraycopy(forged.array(), 0, bytes, (int) end + 7_000, forged.capacity());
    Files.write(newest, bytes);

    try (RocksStore store = open(killed)) {
      assertThat(store.stats(TestStores.QUEUE).pending()).isEqualTo(sent + UNSYNCED);
    }
  }

  @Test
  void whatTheLastProcessMayNotHaveSyncedIsSyncedBeforeAnybodySeesIt() throws IOException {
    int files = JournalScan.files(journal).size();
    FaultyDevice[] device = new FaultyDevice[1];

    RocksStore.open(killed, SETTINGS, real -> device[0] = new FaultyDevice(real)).close();

    assertThat(device[0].fileSyncs).hasValue(files);
  }

  /** What a loss of power leaves half of is then in one file only. */
  @Test
  void aFileIsSyncedBeforeTheNextIsBegun() throws Exception {
    Path folder = directory.resolve("new");
    FaultyDevice device = new FaultyDevice(Device.of(directory));
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    Path tables = directory.resolve("db");
    try (Database database = Database.open(tables, Database.Access.CREATE, sizing);
        Journal own = open(folder, device, database)) {
      own.append(new byte[6_000]);
      assertThat(device.syncs).hasValue(0);
      own.append(new byte[FAR_TOO_LONG]);
      assertThat(device.syncs).hasValue(1);
    }
    assertThat(scan(folder, 0).files())
        .extracting(JournalScan.Scanned::last)
        .containsExactly(1L, 2L);
  }

  /** The kernel tells only one of them that pages were lost. */
  @Test
  void aSyncBesideOneThatFailedIsNone() throws Exception {
    Path folder = directory.resolve("new");
    FaultyDevice device = new FaultyDevice(Device.of(directory));
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    try (Database database =
            Database.open(directory.resolve("db"), Database.Access.CREATE, sizing);
        Journal own = open(folder, device, database)) {
      own.append(new byte[6_000]);
      device.syncGate = new CountDownLatch(1);
      FutureTask<@Nullable Void> beside =
          new FutureTask<>(() -> {
            own.sync();
            return null;
          });
      Thread syncer = Thread.ofPlatform().name("afterbay-sync").start(beside);
      Waiting.until("it syncs", () -> syncer.getState() == Thread.State.WAITING);
      device.failSyncs = true;
      assertThatThrownBy(() -> own.append(new byte[FAR_TOO_LONG]))
          .hasMessageContaining("injected: sync");
      device.failSyncs = false;
      device.syncGate.countDown();

      assertThatThrownBy(beside::get).hasMessageContaining("another sync of the journal failed");
    }
  }

  @Test
  void aWriteWithoutRoomIsDoneAgainInTheFileThatIsAllocated() throws Exception {
    Path folder = directory.resolve("new");
    FaultyDevice device = new FaultyDevice(Device.of(directory));
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, 1L << 40);
    try (Database database =
            Database.open(directory.resolve("db"), Database.Access.CREATE, sizing);
        Journal own = open(folder, device, database)) {
      own.append(ONES);
      Path ahead = folder.resolve(JournalAhead.FILE);
      Waiting.until("it is allocated", () -> ahead.toFile().length() == FILE_BYTES);
      device.shortage = "No space left on device";

      Waiting.until("it turns", () -> !appends(own) && ahead.toFile().length() < FILE_BYTES);

      device.shortage = null;
      own.append(ONES);
    }
    assertThat(scan(folder, 0).files())
        .extracting(JournalScan.Scanned::last)
        .containsExactly(1L, 2L);
  }

  /** Its blocks are not there, so there may be no room to begin with. */
  @Test
  void aShortFileOfTheProcessBeforeIsNotWrittenOver() throws Exception {
    Path small = directory.resolve("small");
    open(small).close();
    Path log = DataFiles.log(small);
    byte[] left = Files.readAllBytes(log);
    assertThat(left).hasSizeLessThan(FILE_BYTES);
    DataFiles.flush(small);
    Files.write(log, left);

    try (RocksStore _ = open(small)) {
      assertThat(Files.size(DataFiles.log(small))).isGreaterThan(10 * FILE_BYTES);
    }
  }

  @Test
  void restartsLeaveNoFilesBehind() throws IOException {
    for (int restart = 0; restart < RESTARTS; restart++) {
      open(killed).close();
    }

    assertThat(JournalScan.files(journal)).hasSizeLessThan(RESTARTS / 2);
  }

  private static boolean appends(Journal journal) {
    try {
      journal.append(ONES);
      return true;
    } catch (IOException _) {
      return false;
    }
  }

  /** The files that the tables do not have everything of. */
  private List<Path> needed() throws IOException {
    long inTables;
    try (Database database = DataFiles.database(killed)) {
      inTables = database.persisted();
    }
    return scan(journal, inTables).files().stream()
        .filter(file -> file.last() > inTables)
        .map(JournalScan.Scanned::path)
        .toList();
  }

  private void assertDamaged(Path file) {
    assertThatThrownBy(() -> open(killed))
        .isInstanceOfSatisfying(
            StoreException.Damaged.class,
            thrown -> assertThat(thrown.damage().file()).isEqualTo(file));
  }

  private static List<JournalFile.Entry> entries(Path path) throws IOException {
    List<JournalFile.Entry> entries = new ArrayList<>();
    JournalFile file = JournalFile.read(path);
    for (JournalFile.Entry entry = file.next(); entry != null; entry = file.next()) {
      entries.add(entry);
    }
    return entries;
  }

  private static RocksStore open(Path data) {
    return RocksStore.open(
        data,
        SETTINGS,
        real -> {
          FaultyDevice device = new FaultyDevice(real);
          device.totalBytes = FILE_SYSTEM_BYTES;
          return device;
        });
  }

  private static Journal open(Path folder, Device device, Database database) throws Exception {
    JournalScan.Result nothing = scan(folder, 0);
    return Journal.open(
        folder, device, database, new SplittableRandom(1), 4 * FILE_BYTES, nothing, _ -> {});
  }

  private static JournalScan.Result scan(Path folder, long inTables) throws IOException {
    return JournalScan.scan(folder, JournalScan.Start.of(inTables));
  }
}
