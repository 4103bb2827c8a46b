package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.DiskFull;
import dev.afterbay.BrokerException.OutcomeUnknown;
import dev.afterbay.BrokerException.Unavailable;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.store.Commit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When RocksDB finds no quota or no descriptors: it does not go on after that by itself. */
@Timeout(120)
class TablesRecoveryTest {

  private static final Duration REFUSED_WITHIN = Duration.ofSeconds(2);
  private static final Duration TAKEN_WITHIN = Duration.ofSeconds(5);

  @TempDir Path directory;

  private FaultyDevice device;

  @Test
  void tablesWithoutQuotaOrDescriptorsAreOpenedAgainWhenThereAreSome() throws IOException {
    for (String reason : List.of("Disk quota exceeded", "x.sst: Too many open files")) {
      Path data = Files.createTempDirectory(directory, "data");
      try (RocksStore store = open(data)) {
        Waiting.until("the reserve is made", () -> Files.exists(data.resolve(DiskSpace.RESERVE)));
        TestStores.sendTen(store);
        List<Job> jobs = TestStores.claim(store, 3);
        assertThat(store.list(Jobs.JobQuery.ALL, null, 100).jobs())
            .hasSize(10); // so all is applied
        takeFromTables(reason, reason);
        TestStores.send(store, 10);
        assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 10))
            .isInstanceOf(Unavailable.class)
            .hasMessageContaining("disk is full");

        assertThat(catchThrowable(() -> TestStores.send(store, 11))).isInstanceOf(DiskFull.class);
        store.commit(Commit.written(TestStores.done(store, jobs.getFirst())));
        assertThat(TestStores.claim(store, 1)).hasSize(1);
        awaitLooks(5);
        assertThat(device.isClosed()).isFalse();

        long start = System.nanoTime();
        takeFromTables(null, null);
        Waiting.until("sends go on", () -> TestStores.sends(store, 12));
        Waiting.until("lists go on", () -> lists(store, 11));
        assertThat(since(start)).isLessThan(TAKEN_WITHIN);
        assertThat(store.failure()).isNull();
      }
      Report report = Verification.verify(data);
      assertThat(report.isSound()).as(report.toString()).isTrue();
      assertThat(report.queues().get(QUEUE).depth()).isEqualTo(11);
    }
  }

  /** Between the look for room and the opening another program was quicker. */
  @Test
  void whileRocksDbIsClosedAndFindsNoRoomNobodyWaitsAndAllGoesOnAfterwards() {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data)) {
      TestStores.sendTen(store);
      takeFromTables("Disk quota exceeded", null);
      TestStores.send(store, 10);
      Waiting.until("RocksDB is closed", () -> device.isClosed());

      assertThat(takesToFail(() -> TestStores.claim(store, 1), OutcomeUnknown.class))
          .isLessThan(REFUSED_WITHIN);
      assertThat(takesToFail(() -> store.list(Jobs.JobQuery.ALL, null, 10), Unavailable.class))
          .isLessThan(REFUSED_WITHIN);
      assertThat(takesToFail(() -> backup(store), DiskFull.class)).isLessThan(REFUSED_WITHIN);
      assertThat(store.failure()).isNull();

      takeFromTables(null, null);
      Waiting.until("sends go on", () -> TestStores.sends(store, 11));
      Waiting.until("lists go on", () -> lists(store, 12));
    }
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  @Test
  void receivingGoesOnWhileItIsLookedForRoomHoweverLongThatTakes() {
    try (RocksStore store = open(directory.resolve("data"))) {
      TestStores.sendTen(store);
      device.probeGate = new CountDownLatch(1);
      takeFromTables("Disk quota exceeded", null);
      TestStores.send(store, 10);
      Waiting.untilParked("afterbay-apply", "FaultyDevice.allocate");

      List<Job> jobs = TestStores.claim(store, 11);
      jobs.forEach(job -> store.commit(Commit.written(TestStores.done(store, job))));
      assertThat(jobs).hasSize(11);

      takeFromTables(null, null);
      device.probeGate.countDown();
      Waiting.until("sends go on", () -> TestStores.sends(store, 11));
      Waiting.until("lists go on", () -> lists(store, 1));
    }
  }

  @Test
  void aStoreWhoseTablesCannotBeOpenedAgainCanBeClosedAndLosesNothing() throws IOException {
    Path data = directory.resolve("data");
    try (RocksStore store = open(data)) {
      TestStores.sendTen(store);
      takeFromTables("Disk quota exceeded", null);
      TestStores.send(store, 10);
      Waiting.until("RocksDB is closed", () -> device.isClosed());
    }
    Path probe = Files.createFile(data.resolve("probe")); // as a kill may leave it
    try (RocksStore store = open(data)) {
      assertThat(probe).doesNotExist();
      assertThat(store.stats(QUEUE).depth()).isEqualTo(11);
    }
  }

  private static Duration takesToFail(Runnable action, Class<? extends BrokerException> how) {
    long start = System.nanoTime();
    assertThatThrownBy(action::run).isInstanceOf(how);
    return since(start);
  }

  private static void backup(RocksStore store) {
    try {
      store.backup(OutputStream.nullOutputStream());
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private void takeFromTables(@Nullable String apply, @Nullable String allocation) {
    device.allocationShortage = allocation;
    device.finalShortage = apply;
  }

  private static boolean lists(RocksStore store, int jobs) {
    try {
      return store.list(Jobs.JobQuery.ALL, null, 100).jobs().size() == jobs;
    } catch (Unavailable _) {
      return false;
    }
  }

  private void awaitLooks(int looks) {
    int before = device.looks.get();
    Waiting.until("it looked again", () -> device.looks.get() > before + looks);
  }

  private RocksStore open(Path data) {
    return RocksStore.open(
        data,
        TestStores.SETTINGS.disk(1L << 20, 0L),
        real -> {
          device = new FaultyDevice(real);
          device.totalBytes = 1L << 40;
          return device;
        });
  }

  private static Duration since(long nanos) {
    return Duration.ofNanos(System.nanoTime() - nanos);
  }
}
