package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.engine.Engine;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk that the queue itself has filled, with so few and large bodies that their deletions fill
 * no buffer: its room comes back, and sends go on, with nobody's help.
 */
@Timeout(120)
class FullQueueTest {

  private static final int BODY_BYTES = 100_000;
  private static final int DISK_MEBIBYTES = 96;
  private static final RocksStore.Settings SETTINGS = TestStores.SETTINGS.disk(null, null);

  @TempDir Path directory;

  private SmallDisk disk;
  private Path data;
  private int sent;
  private FaultyDevice device;

  @BeforeEach
  void mount() throws Exception {
    disk = SmallDisk.mounted(directory.resolve("disk"), DISK_MEBIBYTES);
    data = disk.path().resolve("data");
  }

  @AfterEach
  void unmount() {
    disk.close();
  }

  @Test
  void whatIsSettledMakesRoom() {
    makesRoom(store -> settle(store, 1));
  }

  @Test
  void whatIsPurgedMakesRoom() {
    makesRoom(store -> {
      try (Engine engine = Engine.open(store)) {
        engine.queue(QUEUE).admin().orElseThrow().purge(Status.Kind.PENDING);
      }
    });
  }

  @Test
  void aQueueThatIsDeletedMakesRoom() {
    makesRoom(store -> {
      try (Engine engine = Engine.open(store)) {
        engine.queue(QUEUE).admin().orElseThrow().delete(true);
      }
    });
  }

  @Test
  void everySecondOneThatIsSettledMakesRoomAndTheOthersAreWhole() {
    makesRoom(store -> settle(store, 2));

    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (int n = 1; n < sent; n += 2) {
        List<Job> jobs = store.find(List.of(TestStores.id(n)), true);
        assertThat(jobs.getFirst().message().body()).isEqualTo(body(n));
      }
    }
  }

  @Test
  void itMakesRoomAlsoIfTheTablesHearOfItOnlyAtTheNextStart() {
    try (RocksStore store = open()) {
      fill(store);
      device.applyShortage = true;
      settleSome(store);
      assertThat(store.isDiskLow()).isTrue();
    }
    try (RocksStore store = open()) {
      sendsGoOn(store);
    }
  }

  @Test
  void itMakesRoomAlsoIfAnotherProgramTookTheRest() throws Exception {
    try (RocksStore store = open()) {
      fill(store);
      disk.fillBut(reserve().exists() ? 0 : 4 << 20);
      Waiting.until("the reserve is given up", () -> !reserve().exists());
      settle(store, 1);
      sendsGoOn(store);
    }
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  /** RocksDB, after a flush that found no room, would go on with 64 MiB only, of 96. */
  @Test
  void itMakesRoomAlsoIfTheDiskHadNothingLeftAndGetsALittle() throws Exception {
    Path little = Files.write(disk.path().resolve("little"), new byte[8 << 20]);
    try (RocksStore store = open()) {
      fill(store);
      disk.fill();
      Waiting.until("the reserve is given up", () -> !reserve().exists());
      disk.fill();
      settleSome(store);
      device.freeBytes = 4L << 20; // As if the rest was taken just after a look: a flush begins.
      Waiting.until("the tables take nothing", () -> !lists(store));
      device.freeBytes = null;
      Files.delete(little);
      Waiting.until("sends go on", () -> sends(store, 1_000_000));
    }
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  private void makesRoom(Consumer<RocksStore> deletion) {
    long left;
    try (RocksStore store = open()) {
      fill(store);
      deletion.accept(store);
      sendsGoOn(store);
      left = store.stats(QUEUE).depth();
      assertThat(store.failure()).isNull();
    }
    Report report = Verification.verify(data);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    assertThat(report.queues().get(QUEUE).depth()).isEqualTo(left);
  }

  /** Within some seconds, and longer where the machine is busy. */
  private void sendsGoOn(RocksStore store) {
    Waiting.until("sends go on", () -> sends(store, 1_000_000));
  }

  private File reserve() {
    return data.resolve(DiskSpace.RESERVE).toFile();
  }

  private void fill(RocksStore store) {
    Waiting.until("the reserve is made", () -> reserve().exists() && !store.isDiskLow());
    while (sends(store, sent)) {
      sent++;
    }
    assertThat(sent).isGreaterThan(500);
  }

  /** Of so many one each. */
  private static void settle(RocksStore store, int oneOf) {
    int at = 0;
    for (List<Job> jobs = TestStores.claim(store, 50);
        !jobs.isEmpty();
        jobs = TestStores.claim(store, 50)) {
      for (Job job : jobs) {
        if (at++ % oneOf == 0) {
          store.commit(Commit.written(TestStores.done(store, job)));
        }
      }
    }
  }

  /** Not more than may wait for the tables. */
  private static void settleSome(RocksStore store) {
    for (Job job : TestStores.claim(store, 200)) {
      store.commit(Commit.written(TestStores.done(store, job)));
    }
  }

  private static boolean lists(RocksStore store) {
    try {
      TestStores.claim(store, 1); // which is to be put into them
      store.list(Jobs.JobQuery.ALL, null, 1);
      return true;
    } catch (BrokerException.Unavailable _) {
      return false;
    }
  }

  private static boolean sends(RocksStore store, long number) {
    Message message =
        new Message("note", Message.BYTES, body(number), Map.of(), Message.Options.NONE);
    Job job =
        Job.created(
            TestStores.id(number), QUEUE, message, QueueSettings.STANDARD, store.clock().now());
    try {
      store.commit(Commit.synced(new Change.Append(job, null)));
      return true;
    } catch (BrokerException.DiskFull _) {
      return false;
    }
  }

  private static byte[] body(long number) {
    byte[] body = new byte[BODY_BYTES];
    new SplittableRandom(number).nextBytes(body);
    return body;
  }

  private RocksStore open() {
    return RocksStore.open(
        data,
        SETTINGS,
        real -> {
          device = new FaultyDevice(real);
          return device;
        });
  }
}
