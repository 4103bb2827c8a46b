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
  private static final Duration TAKEN_WITHIN = Duration.ofSeconds(5);

  /** Of the memory profile that these tests use: what may be sent while the tables take nothing. */
  private static final long WAITING_MAX = 4 * MIB;

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
      Waiting.until("sends go on", () -> TestStores.sends(store, 4));
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
      Waiting.until("sends go on", () -> TestStores.sends(store, 11));
    }
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  @Test
  void whileTheTablesTakeNothingSendsGoOnIfThereIsRoomAndTheReserveStaysAway() {
    Path data = directory.resolve("data");
    Path reserve = data.resolve(DiskSpace.RESERVE);
    try (RocksStore store = open(data, 2 * MIB, 100 * MIB)) {
      Waiting.until("the reserve is made", () -> Files.exists(reserve));
      TestStores.sendTen(store);
      device.freeBytes = 101 * MIB; // with the reserve away that is too little
      blockTables(store, 10);

      awaitLooks(5);
      assertThat(TestStores.sends(store, 11)).isFalse();

      device.freeBytes = 500 * MIB;
      long start = System.nanoTime();
      Waiting.until("sends go on", () -> TestStores.sends(store, 12));
      assertThat(since(start)).isLessThan(TAKEN_WITHIN);
      awaitLooks(5);
      assertThat(TestStores.sends(store, 13)).isTrue();
      assertThat(reserve).doesNotExist();

      device.freeBytes = 80 * MIB;
      Waiting.until("the disk is found low", store::isDiskLow);
      assertThat(TestStores.sends(store, 14)).isFalse();

      device.freeBytes = 500 * MIB;
      device.applyShortage = false;
      Waiting.until("the reserve is made", () -> Files.exists(reserve));
      Waiting.until("sends go on", () -> TestStores.sends(store, 15));
    }
  }

  @Test
  void ifTheTablesNeverTakeAnythingSendsEndAtHalfOfWhatMayWaitAndNothingIsLost() {
    Path data = directory.resolve("data");
    int sent;
    int done;
    try (RocksStore store = open(data, 0)) {
      TestStores.sendTen(store);
      blockTables(store, 10);
      Waiting.until("sends go on", () -> TestStores.sends(store, 11));
      sent = 12;
      while (TestStores.sends(store, sent)) {
        sent++;
      }
      assertThat(sent * 1_536L).isBetween(WAITING_MAX * 3 / 4, WAITING_MAX * 5 / 4);
      long next = sent;
      assertThatThrownBy(() -> TestStores.send(store, next))
          .isInstanceOf(BrokerException.DiskFull.class)
          .hasMessageContaining("RocksDB takes nothing");
      for (int look = 0; look < 5; look++) {
        assertThat(store.isDiskLow()).as("it does not go to and fro").isTrue();
        awaitLooks(1);
      }

      List<Job> jobs = TestStores.claim(store, 1_000);
      jobs.forEach(job -> store.commit(Commit.written(TestStores.done(store, job))));
      done = jobs.size();
      assertThat(TestStores.sends(store, next)).isFalse();
      assertThat(store.failure()).isNull();
    }
    Report report = Verification.verify(data);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    assertThat(report.queues().get(QUEUE).depth()).isEqualTo(sent - done);
    try (RocksStore store = open(data, 0)) {
      TestStores.send(store, sent + 1);
      assertThat(TestStores.claim(store, 10_000)).hasSize(sent + 1 - done);
    }
  }

  @Test
  void onceTheTablesTakeWhatWaitsSendsGoOnAndMayWaitAgain() {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data, 0)) {
      TestStores.sendTen(store);
      int sent = 10;
      for (int time = 0; time < 2; time++) {
        blockTables(store, sent++);
        int next = sent;
        Waiting.until("sends go on", () -> TestStores.sends(store, next));
        sent++;
        while (TestStores.sends(store, sent)) {
          sent++;
        }
        device.applyShortage = false;
        int last = sent;
        Waiting.until("sends go on", () -> TestStores.sends(store, last));
        sent++;
      }
      assertThat(store.stats(QUEUE).depth()).isEqualTo(sent);
    }
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  @Test
  void nobodyWaitsForTheTablesBecauseABatchIsLarge() {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data, 0)) {
      TestStores.sendTen(store);
      device.applyShortage = true;

      // More than may gather, and less than may wait: that they take nothing is found by it.
      store.commit(appends(store, 1_000));
      Waiting.until("sends go on", () -> TestStores.sends(store, 11));

      assertThatThrownBy(() -> store.commit(appends(store, 3_000)))
          .as("with what waits already it is too large")
          .isInstanceOf(BrokerException.DiskFull.class);
      assertThat(TestStores.claim(store, 1)).as("and it waits for nothing").hasSize(1);
      device.applyShortage = false;
      Waiting.until("sends go on", () -> TestStores.sends(store, 12));
      assertThat(store.stats(QUEUE).depth()).isEqualTo(10 + 2_000 + 2);
    }
  }

  @Test
  void sendsStayRefusedAsLongAsTheJournalFindsNoRoom() {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data, 0)) {
      TestStores.sendTen(store);
      device.shortage = "Disk quota exceeded";
      device.applyShortage = true;
      assertThatThrownBy(() -> TestStores.send(store, 10))
          .isInstanceOf(BrokerException.OutcomeUnknown.class);

      awaitLooks(5);
      assertThat(TestStores.sends(store, 11)).isFalse();

      device.shortage = null;
      Waiting.until("sends go on", () -> TestStores.sends(store, 12));
      device.applyShortage = false;
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
        for (; sent < 8_000 && TestStores.sends(store, sent); sent++) {
          // Until a table needs a file, or for long.
        }
        assertThat(store.failure()).isNull();
        for (Path path : taken) {
          Files.delete(path);
        }
        long next = sent;
        long start = System.nanoTime();
        Waiting.until("sends go on", () -> TestStores.sends(store, next));
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
      Waiting.until("sends go on", () -> TestStores.sends(store, next));
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

  private static List<Commit> appends(RocksStore store, int from) {
    List<Commit> appends = new ArrayList<>();
    for (int n = from; n < from + 2_000; n++) {
      appends.add(Commit.synced(TestStores.append(store, n)));
    }
    return appends;
  }

  private void blockTables(RocksStore store, long number) {
    store.list(Jobs.JobQuery.ALL, null, 1); // Nothing waits then, which would be refused at once.
    device.applyShortage = true;
    TestStores.send(store, number);
    assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 10))
        .isInstanceOf(BrokerException.Unavailable.class);
  }

  private void awaitLooks(int looks) {
    int before = device.looks.get();
    Waiting.until("it looked again", () -> device.looks.get() > before + looks);
  }

  private RocksStore open(Path data, long reserveBytes) {
    return open(data, reserveBytes, 0);
  }

  private RocksStore open(Path data, long reserveBytes, long lowWaterBytes) {
    return RocksStore.open(
        data,
        TestStores.SETTINGS.disk(reserveBytes, lowWaterBytes),
        real -> {
          device = new FaultyDevice(real);
          device.totalBytes = 1L << 40;
          return device;
        });
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
