package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.store.Commit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When a write finds no room: it did not happen, and is done again where it was. */
@Timeout(120)
class FullDiskTest {

  private static final long MIB = 1L << 20;
  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(2);

  /** RocksDB looks every 5 s whether there is room again. */
  private static final Duration TAKEN_WITHIN = Duration.ofSeconds(8);

  @TempDir Path directory;

  private FaultyDevice device;

  @Test
  void aWriteThatFoundNoRoomIsDoneAgainOnceTheReserveIsGivenUp() throws IOException {
    for (String reason :
        List.of("No space left on device", "Disk quota exceeded", "journal: Too many open files")) {
      Path data = Files.createTempDirectory(directory, "data");
      Path reserve = data.resolve(DiskSpace.RESERVE);
      try (RocksStore store = open(data, 2 * MIB)) {
        Waiting.until("the reserve is made", () -> Files.exists(reserve));
        TestStores.send(store, 1);
        device.shortageEnds = () -> !Files.exists(reserve);
        device.shortage = reason;

        TestStores.send(store, 2);

        assertThat(device.shortages.get()).isPositive();
        assertThat(store.failure()).isNull();
        Waiting.until("sends go on", () -> !store.isDiskLow());
        assertThat(reserve).exists();
        TestStores.send(store, 3);
      }
      Report report = Verification.verify(data);
      assertThat(report.isSound()).as(report.toString()).isTrue();
      assertThat(report.queues().get(QUEUE).depth()).isEqualTo(3);
    }
  }

  @Test
  void withoutAnyRoomNobodyWaitsAndWhatWasBeingWrittenHappensLater() {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data, 0)) {
      TestStores.send(store, 1);
      device.shortage = "No space left on device";

      long start = System.nanoTime();
      assertThat(catchThrowable(() -> TestStores.send(store, 2)))
          .isInstanceOf(BrokerException.OutcomeUnknown.class)
          .hasMessageContaining("happens when there is room");
      assertThat(catchThrowable(() -> TestStores.send(store, 3)))
          .isInstanceOf(BrokerException.DiskFull.class)
          .hasMessageContaining("free some");
      assertThat(since(start)).isLessThan(REFUSED_WITHIN.multipliedBy(2));

      device.shortage = null;
      start = System.nanoTime();
      Waiting.until("sends go on", () -> sends(store, 4));
      assertThat(since(start)).isLessThan(TAKEN_WITHIN);
      assertThat(store.failure()).isNull();
    }
    assertThat(Verification.verify(data).queues().get(QUEUE).depth()).isEqualTo(3);
  }

  @Test
  void receivingAndSettlingGoOnWhileTheTablesTakeNothing() {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data, 0)) {
      for (int n = 0; n < 10; n++) {
        TestStores.send(store, n);
      }
      device.applyShortage = true;
      assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 10))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("disk is full");

      for (int n = 0; n < 10; n++) {
        assertThat(store.find(List.of(TestStores.id(n)), true)).hasSize(1);
      }
      for (Job job : TestStores.claim(store, 10)) {
        store.commit(Commit.written(TestStores.done(store, job)));
      }
      assertThat(store.stats(QUEUE).depth()).isZero();
      assertThat(store.find(List.of(TestStores.id(1)), true)).isEmpty();

      device.applyShortage = false;
      assertThat(store.failure()).isNull();
      Waiting.until("sends go on", () -> sends(store, 11));
    }
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  @Test
  void sendsStayRefusedAndTheReserveAwayAsLongAsTheTablesTakeNothing() {
    Path data = directory.resolve("data");
    Path reserve = data.resolve(DiskSpace.RESERVE);
    try (RocksStore store = open(data, 2 * MIB)) {
      Waiting.until("the reserve is made", () -> Files.exists(reserve));
      for (int n = 0; n < 10; n++) {
        TestStores.send(store, n); // then the ledger has read what it does once
      }
      device.applyShortage = true;
      TestStores.send(store, 10);
      assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 10))
          .isInstanceOf(BrokerException.Unavailable.class);
      int before = device.looks.get();

      Waiting.until("it looked again", () -> device.looks.get() > before + 5);

      assertThat(sends(store, 11)).isFalse();
      assertThat(reserve).doesNotExist();
      device.applyShortage = false;
      Waiting.until("sends go on", () -> sends(store, 12));
      assertThat(reserve).exists();
    }
  }

  /** RocksDB does not go on after these; the journal does. */
  @Test
  void tablesWithoutQuotaOrDescriptorsStopTheStoreAndAreWholeOnceItIsReopened() throws IOException {
    for (String reason : List.of("Disk quota exceeded", "x.sst: Too many open files")) {
      Path data = Files.createTempDirectory(directory, "data");
      try (RocksStore store = open(data, 0)) {
        for (int n = 0; n < 10; n++) {
          TestStores.send(store, n); // then the ledger has read what it does once
        }
        device.applyFailure = reason;
        device.failApplies = true;
        TestStores.send(store, 10);

        assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 10))
            .isInstanceOf(BrokerException.Unavailable.class);
        assertThat(store.failure()).contains(reason).contains("until the store is opened again");
      }
      try (RocksStore store = open(data, 0)) {
        assertThat(store.find(List.of(TestStores.id(10)), true)).hasSize(1);
      }
    }
  }

  @Test
  void aSyncThatFindsNoRoomStopsTheStore() {
    try (RocksStore store = open(directory.resolve("data"), 0)) {
      device.syncFailure = "No space left on device";
      device.failSyncs = true;

      assertThatThrownBy(() -> TestStores.send(store, 1))
          .isInstanceOf(BrokerException.OutcomeUnknown.class);
      assertThat(store.failure()).contains("a sync failed");
    }
  }

  @Test
  void aStoreWhoseWriteWaitsForRoomCanBeClosed() {
    RocksStore store = open(directory.resolve("data"), 0);
    TestStores.send(store, 1);
    device.shortage = "No space left on device";
    assertThatThrownBy(() -> TestStores.send(store, 2))
        .isInstanceOf(BrokerException.OutcomeUnknown.class);

    store.close();

    device.shortage = null;
    try (RocksStore again = open(directory.resolve("data"), 0)) {
      assertThat(again.find(List.of(TestStores.id(1)), true)).hasSize(1);
      TestStores.send(again, 3);
    }
  }

  @Test
  void theNextFileOfTheJournalIsThereBeforeItIsNeeded() throws IOException {
    Path data = directory.resolve("data");
    Path ahead = data.resolve(DataDirectory.JOURNAL).resolve(JournalAhead.FILE);
    try (RocksStore store = open(data, 0)) {
      Waiting.until("it is allocated", () -> sizeOf(ahead) == 8 * MIB);
      // Nothing new can be allocated, and all that is sent goes where room was set aside.
      for (int n = 0; n < 2_000; n++) {
        TestStores.send(store, n);
      }
      assertThat(JournalScan.files(data.resolve(DataDirectory.JOURNAL))).hasSize(2);
    }
    try (RocksStore store = open(data, 0)) {
      assertThat(store.stats(QUEUE).depth()).isEqualTo(2_000);
    }
  }

  @Test
  void aRealDiskThatIsFilledToTheLastByteAtOnceLosesNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), 96)) {
      survives(disk);
    }
  }

  @Test
  void aDiskWithoutInodesLosesNothing() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), "size=96m,nr_inodes=100")) {
      Path data = disk.path().resolve("data");
      List<Path> taken = new ArrayList<>();
      long sent = 0;
      try (RocksStore store = RocksStore.open(data, TestStores.SETTINGS.disk(null, null))) {
        TestStores.send(store, sent++);
        takeInodes(disk, taken);
        for (; sent < 8_000 && sends(store, sent); sent++) {
          // Until a table needs a file, or for long.
        }
        assertThat(store.failure()).isNull();
        for (Path path : taken) {
          Files.delete(path);
        }
        long next = sent;
        long start = System.nanoTime();
        Waiting.until("sends go on", () -> sends(store, next));
        assertThat(since(start)).isLessThan(TAKEN_WITHIN);
        sent++;
        assertThat(store.stats(QUEUE).depth()).isEqualTo(sent);
      }
      assertThat(Verification.verify(data).isSound()).isTrue();
    }
  }

  private static void takeInodes(SmallDisk disk, List<Path> taken) {
    try {
      while (true) {
        taken.add(Files.createFile(disk.path().resolve("inode" + taken.size())));
      }
    } catch (IOException _) {
      // Now there are no more.
    }
  }

  private static void survives(SmallDisk disk) throws IOException {
    Path data = disk.path().resolve("data");
    AtomicInteger sent = new AtomicInteger();
    int done = 0;
    RocksStore.Settings settings = TestStores.SETTINGS.disk(null, null);
    try (RocksStore store = RocksStore.open(data, settings)) {
      Path reserve = data.resolve(DiskSpace.RESERVE);
      Waiting.until("the reserve is made", () -> sizeOf(reserve) > 0 && !store.isDiskLow());
      while (sent.get() < 3_000) {
        TestStores.send(store, sent.getAndIncrement());
      }
      List<Job> jobs = TestStores.claim(store, 100);
      Path foreign = disk.fill();

      long start = System.nanoTime();
      while (happens(() -> TestStores.send(store, sent.get()))) {
        sent.incrementAndGet();
      }
      assertThat(since(start)).isLessThan(REFUSED_WITHIN);
      for (Job job : jobs) {
        done += happens(() -> store.commit(Commit.written(TestStores.done(store, job)))) ? 1 : 0;
      }
      assertThat(done).isPositive();
      assertThat(store.failure()).isNull();

      Files.delete(foreign);
      start = System.nanoTime();
      int next = sent.getAndIncrement();
      Waiting.until("sends go on", () -> sends(store, next));
      assertThat(since(start)).isLessThan(TAKEN_WITHIN);
      assertThat(store.stats(QUEUE).depth()).isEqualTo(sent.get() - done);
    }
    Report report = Verification.verify(data);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    assertThat(report.queues().get(QUEUE).depth()).isEqualTo(sent.get() - done);
  }

  /** Now, or when there is room ({@link BrokerException.OutcomeUnknown}); false: it was refused. */
  private static boolean happens(Runnable action) {
    try {
      action.run();
      return true;
    } catch (BrokerException.OutcomeUnknown _) {
      return true;
    } catch (BrokerException.DiskFull | BrokerException.Unavailable _) {
      return false;
    }
  }

  private RocksStore open(Path data, long reserveBytes) {
    return RocksStore.open(
        data,
        TestStores.SETTINGS.disk(reserveBytes, 0L),
        real -> {
          device = new FaultyDevice(real);
          device.totalBytes = 1L << 40;
          return device;
        });
  }

  private static boolean sends(RocksStore store, long number) {
    try {
      TestStores.send(store, number);
      return true;
    } catch (BrokerException.DiskFull _) {
      return false;
    }
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }

  private static long sizeOf(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : -1;
    } catch (IOException _) {
      return -1;
    }
  }
}
