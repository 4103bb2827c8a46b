package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobContext;
import dev.afterbay.JobNotes;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** When the disk fills up: sends stop first, the rest goes on, and sends resume by themselves. */
@Timeout(120)
class DiskTest {

  private static final long MIB = 1L << 20;
  private static final RocksStore.Settings SETTINGS = TestStores.SETTINGS.disk(2 * MIB, 100 * MIB);

  @TempDir Path directory;

  private FaultyDevice device;
  private Path mounted;

  @AfterEach
  void unmount() throws Exception {
    if (mounted != null) {
      run("umount", "-l", mounted.toString());
    }
  }

  @Test
  void belowTheLowWaterMarkOnlySendsAreRefused() {
    try (RocksStore store = open(SETTINGS, 500 * MIB)) {
      TestStores.send(store, 1);
      TestStores.send(store, 2);
      device.freeBytes = 80 * MIB;
      Waiting.until("the disk is found low", store::isDiskLow);

      assertThatThrownBy(() -> TestStores.send(store, 3))
          .isInstanceOf(BrokerException.DiskFull.class)
          .hasMessageContaining("80 MiB")
          .hasMessageContaining("100 MiB");
      Change large =
          new Change.Put(
              new Setting(
                  Setting.SESSION_STATE + QUEUE, "s", 1, Map.of("state", "x".repeat(8_192))));
      assertThatThrownBy(() -> store.commit(Commit.synced(large)))
          .isInstanceOf(BrokerException.DiskFull.class);
      for (Job job : TestStores.claim(store, 2)) {
        JobNotes.Note kept = new JobNotes.Checkpoint(new byte[JobContext.VALUE_BYTES_MAX]);
        Change note = new Change.Note(job.id(), job.lease().fence(), kept);
        assertThat(store.commit(Commit.synced(note))).isInstanceOf(Committed.Done.class);
        store.commit(Commit.written(TestStores.done(store, job)));
      }
      assertThat(store.stats(QUEUE).depth()).isZero();
      assertThat(store.find(List.of(TestStores.id(3)), false)).isEmpty();
      assertThat(store.failure()).isNull();
    }
  }

  @Test
  void sendsGoOnByThemselvesWhenThereIsRoomAgain() {
    try (RocksStore store = open(SETTINGS, 80 * MIB)) {
      assertThatThrownBy(() -> TestStores.send(store, 1))
          .isInstanceOf(BrokerException.DiskFull.class);

      device.freeBytes = 500 * MIB;
      Waiting.until("there is room", () -> !store.isDiskLow());

      TestStores.send(store, 1);
    }
  }

  @Test
  void theReserveIsGivenUpWhenItIsNeededAndMadeAnewAfterwards() {
    Path reserve = directory.resolve(DiskSpace.RESERVE);
    try (RocksStore store = open(SETTINGS, 500 * MIB)) {
      Waiting.until("the reserve is made", () -> sizeOf(reserve) == 2 * MIB);

      device.freeBytes = 40 * MIB;
      Waiting.until("the reserve is given up", () -> !Files.exists(reserve));
      assertThat(store.isDiskLow()).isTrue();

      device.freeBytes = 101 * MIB;
      Waiting.until("the room was looked at", () -> sees(store, "101 MiB"));
      assertThat(store.isDiskLow()).as("room for the reserve is missing").isTrue();

      device.freeBytes = 500 * MIB;
      Waiting.until("there is room", () -> !store.isDiskLow());
      assertThat(sizeOf(reserve)).isEqualTo(2 * MIB);
    }
  }

  @Test
  void theWatchOutlivesAnUnexpectedException() {
    try (RocksStore store = open(SETTINGS, 500 * MIB)) {
      device.freeBytesThrows = true;
      Waiting.until("the watch has failed", () -> !device.freeBytesThrows);

      device.freeBytes = 80 * MIB;
      Waiting.until("the disk is found low", store::isDiskLow);
    }
  }

  @Test
  void aReserveThatCannotBeMadeLeavesNothingBehind() throws IOException {
    Files.createDirectory(directory.resolve(DiskSpace.RESERVE));
    try (RocksStore store = open(SETTINGS, 500 * MIB)) {
      TestStores.send(store, 1);
      assertThat(store.failure()).isNull();
    }
  }

  @Test
  void aRealDiskThatFillsUpLosesNothingAndIsDrained() throws Exception {
    Path disk = mount(96);
    RocksStore.Settings settings = TestStores.SETTINGS.disk(null, null);
    long sent = 0;
    try (RocksStore store = RocksStore.open(disk.resolve("data"), settings)) {
      sent = fill(store);
      assertThat(store.failure()).isNull();
      assertThat(store.stats(QUEUE).depth()).isEqualTo(sent);
    }
    // What RocksDB deleted when it was closed.
    writeUntilFree(disk.resolve("foreign"), 8 * MIB);
    try (RocksStore store = RocksStore.open(disk.resolve("data"), settings)) {
      assertThat(store.isDiskLow()).isTrue();
      long drained = drain(store);

      assertThat(drained).isEqualTo(sent);
      assertThat(store.failure()).isNull();
    }
  }

  @Test
  void sendsResumeOnARealDiskWhenSomebodyFreesRoom() throws Exception {
    Path disk = mount(96);
    try (RocksStore store =
        RocksStore.open(disk.resolve("data"), TestStores.SETTINGS.disk(null, null))) {
      TestStores.send(store, 1);
      Path foreign = disk.resolve("foreign");
      writeUntilFull(foreign);
      Waiting.until("the disk is found low", store::isDiskLow);
      assertThatThrownBy(() -> TestStores.send(store, 2))
          .isInstanceOf(BrokerException.DiskFull.class);
      List<Job> jobs = TestStores.claim(store, 1);
      store.commit(Commit.written(TestStores.done(store, jobs.getFirst())));

      Files.delete(foreign);
      Waiting.until("there is room", () -> !store.isDiskLow());
      TestStores.send(store, 2);
      assertThat(store.failure()).isNull();
    }
  }

  @Test
  void aFullDiskCanBeOpenedAsTheReserveIsGivenUp() throws Exception {
    Path disk = mount(96);
    Path data = disk.resolve("data");
    RocksStore.Settings settings = TestStores.SETTINGS.disk(null, null);
    try (RocksStore store = RocksStore.open(data, settings)) {
      TestStores.send(store, 1);
      Waiting.until("the reserve is made", () -> sizeOf(data.resolve(DiskSpace.RESERVE)) > 0);
    }
    writeUntilFull(disk.resolve("foreign"));

    try (RocksStore store = RocksStore.open(data, settings)) {
      assertThat(store.isDiskLow()).isTrue();
      List<Job> jobs = TestStores.claim(store, 1);
      store.commit(Commit.written(TestStores.done(store, jobs.getFirst())));
    }
  }

  @Test
  void aDiskWithoutAnyRoomRefusesToOpenAndSaysSo() throws Exception {
    Path disk = mount(16);
    writeUntilFull(disk.resolve("foreign"));

    assertThatThrownBy(() -> RocksStore.open(disk.resolve("data"), TestStores.SETTINGS))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining("No space left");
  }

  private RocksStore open(RocksStore.Settings settings, long freeBytes) {
    return RocksStore.open(
        directory,
        settings,
        real -> {
          device = new FaultyDevice(real);
          device.freeBytes = freeBytes;
          return device;
        });
  }

  /** Sends until the disk is low; answers how many messages there are. */
  private static long fill(RocksStore store) {
    long number = 0;
    while (true) {
      try {
        TestStores.send(store, number);
        number++;
      } catch (BrokerException.DiskFull _) {
        return number;
      }
    }
  }

  private static long drain(RocksStore store) {
    long drained = 0;
    for (List<Job> jobs = TestStores.claim(store, 100);
        !jobs.isEmpty();
        jobs = TestStores.claim(store, 100)) {
      for (Job job : jobs) {
        assertThat(job.message().body()).isEqualTo(TestStores.body(TestStores.numberOf(job.id())));
      }
      store.commit(jobs.stream().map(job -> Commit.written(TestStores.done(store, job))).toList());
      drained += jobs.size();
    }
    return drained;
  }

  private static boolean sees(RocksStore store, String text) {
    try {
      TestStores.send(store, 99);
      return false;
    } catch (BrokerException.DiskFull e) {
      return String.valueOf(e.getMessage()).contains(text);
    }
  }

  /** A file system of its own, where that is possible. */
  private Path mount(int mebibytes) throws Exception {
    Path disk = Files.createDirectory(directory.resolve("disk"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=" + mebibytes + "m", "none", disk.toString()),
        "a tmpfs can be mounted");
    mounted = disk;
    return disk;
  }

  private static void writeUntilFree(Path file, long bytes) throws IOException {
    byte[] step = new byte[1 << 16];
    try (var out = Files.newOutputStream(file)) {
      while (Files.getFileStore(file).getUsableSpace() > bytes) {
        out.write(step);
      }
    }
  }

  private static void writeUntilFull(Path file) throws IOException {
    byte[] step = new byte[1 << 16];
    try (var out = Files.newOutputStream(file)) {
      while (true) {
        out.write(step);
      }
    } catch (IOException e) {
      assertThat(e).hasMessageContaining("No space left");
    }
  }

  private static boolean run(String... command) throws IOException, InterruptedException {
    try {
      Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
      process.getInputStream().readAllBytes();
      return process.waitFor(10, TimeUnit.SECONDS) && process.exitValue() == 0;
    } catch (IOException _) {
      return false;
    }
  }

  private static long sizeOf(Path file) {
    try {
      return Files.exists(file) ? Files.size(file) : -1;
    } catch (IOException _) {
      return -1;
    }
  }
}
