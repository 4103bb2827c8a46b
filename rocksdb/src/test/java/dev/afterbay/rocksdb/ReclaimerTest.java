package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.ledger.Tables.Table;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDBException;

/** When tables are compacted for the room of what was deleted, and when not. */
@Timeout(60)
class ReclaimerTest {

  private static final long MIB = 1L << 20;
  private static final long LOW_WATER = 64 * MIB;
  private static final int LARGE = 256 << 10;

  @TempDir Path directory;

  private final StoreFailure failure = new StoreFailure();
  private FaultyDevice device;
  private Database database;
  private RocksTables tables;
  private DiskSpace room;
  private Reclaimer reclaimer;
  private boolean blocked;
  private int exhausted;

  @BeforeEach
  void open() throws Exception {
    device = new FaultyDevice(Device.of(directory));
    device.totalBytes = 1L << 40;
    Path path = directory.resolve(DataDirectory.DATABASE);
    Sizing sizing = Sizing.of(RocksStore.Memory.SMALL, device.totalBytes());
    database = Database.open(path, Database.Access.CREATE, sizing);
    tables = RocksTables.direct(database, device);
    room = new DiskSpace(directory, device, TestStores.SETTINGS.disk(0L, LOW_WATER));
    Applier applier = new Applier(database, device, failure, MIB, (_, _) -> false);
    reclaimer = new Reclaimer(database, applier, room, failure, () -> blocked, () -> exhausted++);
  }

  @AfterEach
  void close() throws Exception {
    reclaimer.start();
    reclaimer.end(() -> {});
    tables.close();
    database.close();
  }

  @Test
  void onADiskThatIsLowWhatWasDeletedIsGoneFromTheFilesAtOnceAndIsCompactedOnce() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    assertThat(bytesOfFiles()).isGreaterThan(25 * MIB);
    free(LOW_WATER / 4);
    look(3);
    assertThat(reclaimer.compactions()).as("nothing was deleted").isZero();

    delete(0, 120);
    look(1);

    assertThat(reclaimer.compactions()).isOne();
    assertThat(bytesOfFiles()).isLessThan(MIB);
    look(5);
    assertThat(reclaimer.compactions()).isOne();
  }

  /** The flush that comes first would fail, and the tables would take nothing any more. */
  @Test
  void withoutRoomForABufferItWaits() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    delete(0, 120);
    free(LOW_WATER / 17);
    look(3);
    assertThat(reclaimer.compactions()).isZero();

    free(LOW_WATER / 15);
    look(1);

    assertThat(reclaimer.compactions()).isOne();
  }

  @Test
  void whatIsLeftIsWholeWhenEverySecondRowWasDeleted() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    free(LOW_WATER / 4);
    for (int n = 0; n < 120; n += 2) {
      delete(n, n + 1);
    }
    look(1);

    assertThat(bytesOfFiles()).isLessThan(20 * MIB);
    for (int n = 1; n < 120; n += 2) {
      assertThat(tables.get(Table.BODY, key(n))).isEqualTo(value(n, LARGE));
      assertThat(tables.get(Table.BODY, key(n - 1))).isNull();
    }
  }

  @Test
  void aFewLargeRowsAmongManySmallOnesCountThoughTheAverageSaysNothingOfThem() throws Exception {
    put(0, 40, LARGE);
    put(1_000, 100_000, 32);
    database.flush();
    free(LOW_WATER / 4);
    delete(0, 40);

    look(5);

    assertThat(reclaimer.compactions()).isOne();
    assertThat(bytesOfFiles()).isLessThan(9 * MIB);
  }

  @Test
  void onADiskThatIsFineItWaitsUntilHalfOfATableIsDeleted() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    free(4 * LOW_WATER);
    delete(0, 50);
    look(3);
    assertThat(reclaimer.compactions()).isZero();

    delete(50, 70);
    look(3);

    assertThat(reclaimer.compactions()).isOne();
    assertThat(bytesOfFiles()).isLessThan(15 * MIB);
  }

  @Test
  void deletionsOfWhatNeverCameToFilesAreNotCountedOnADiskThatIsFine() throws Exception {
    put(0, 20, LARGE);
    database.flush();
    free(4 * LOW_WATER);
    put(1_000, 1_100, 32);
    delete(1_000, 1_100);

    look(3);

    assertThat(reclaimer.compactions()).isZero();
  }

  @Test
  void rowsThatAListingStillReadsAreNotCompactedOverAndOver() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    free(LOW_WATER / 4);
    try (RocksView listing = RocksView.snapshot(database, () -> false)) {
      delete(0, 120);
      look(5);
      assertThat(reclaimer.compactions()).isOne();
      assertThat(listing.get(Table.BODY, key(7))).isEqualTo(value(7, LARGE));
    }
    Waiting.until("RocksDB has dropped them", () -> bytesOfFiles() < MIB);
  }

  @Test
  void nothingIsAskedOfTablesThatTakeNothing() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    free(LOW_WATER / 4);
    delete(0, 120);
    blocked = true;
    look(2);
    assertThat(reclaimer.compactions()).isZero();

    blocked = false;
    look(1);

    assertThat(reclaimer.compactions()).isOne();
  }

  @Test
  void itIsGivenUpAtOnceWhenTheStoreIsClosed() throws Exception {
    put(0, 120, LARGE);
    database.flush();
    free(LOW_WATER / 4);
    delete(0, 120);
    reclaimer.cancel();

    look(1);

    assertThat(reclaimer.compactions()).isZero();
  }

  private void free(long bytes) throws IOException {
    device.freeBytes = bytes;
    room.look();
  }

  private void look(int times) throws RocksDBException {
    for (int time = 0; time < times; time++) {
      reclaimer.look();
    }
  }

  private void put(int from, int to, int bytes) {
    for (int n = from; n < to; n++) {
      tables.put(Table.BODY, key(n), value(n, bytes));
      tables.write();
    }
  }

  private void delete(int from, int to) {
    for (int n = from; n < to; n++) {
      tables.delete(Table.BODY, key(n));
    }
    tables.write();
  }

  private static byte[] key(int number) {
    return ByteBuffer.allocate(16).putInt(number).array();
  }

  private static byte[] value(int number, int bytes) {
    byte[] value = new byte[bytes];
    new SplittableRandom(number).nextBytes(value);
    return value;
  }

  private long bytesOfFiles() {
    try (var files = Files.list(directory.resolve(DataDirectory.DATABASE))) {
      return files
          .filter(file -> file.toString().endsWith(".sst"))
          .mapToLong(file -> file.toFile().length())
          .sum();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}
