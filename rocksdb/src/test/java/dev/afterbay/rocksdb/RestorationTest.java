package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.Status;

/** A restore that does not come to its end leaves nothing that is ever opened as a store. */
@Timeout(300)
class RestorationTest {

  private static final int KILLS = Integer.getInteger("afterbay.kills", 4);

  @TempDir Path directory;

  private Path file;
  private Path to;
  private Report whole;

  /** A store with something of everything in tables and in its journal. */
  @BeforeEach
  void backUp() throws IOException {
    Path data = directory.resolve("data");
    file = directory.resolve("backup");
    to = directory.resolve("to");
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (int i = 0; i < 200; i++) {
        TestStores.send(store, i);
      }
    }
    DataFiles.flush(data);
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (int i = 200; i < 300; i++) {
        TestStores.send(store, i);
      }
    }
    whole = Verification.verify(data);
    try (OutputStream out = Files.newOutputStream(file)) {
      Backup.of(data, out, directory);
    }
  }

  @Test
  void whicheverStepFailsNothingCanBeOpened() throws IOException {
    int failed = 0;
    while (true) {
      FailingOnce device = new FailingOnce(failed);
      Throwable thrown =
          catchThrowable(() -> Restoration.restore(file, to, real -> device.of(real)));
      if (thrown == null) {
        break;
      }
      assertThat(thrown)
          .as("step " + failed)
          .isInstanceOf(StoreException.Unusable.class)
          .hasMessageStartingWith(to + " cannot be used: what was restored into it is not complete")
          .hasMessageContaining("injected");
      assertNothingOpens();
      assertThat(to.resolve(DataDirectory.DATABASE)).doesNotExist();
      DataFiles.delete(to);
      failed += failed < 20 ? 1 : 9;
    }
    assertThat(failed).as("steps").isGreaterThan(20);
    assertWhole();
  }

  @Test
  void whatWasKilledAnywhereIsNotOpened() throws Exception {
    long seed = Long.getLong("afterbay.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    Process first = begun();
    long start = System.nanoTime();
    assertThat(first.waitFor()).isZero();
    long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    assertWhole();
    int incomplete = 0;
    for (int i = 0; i < KILLS; i++) {
      DataFiles.delete(to);
      Process process = begun();
      boolean ended =
          process.waitFor(i == 0 ? 0 : random.nextLong(millis + 1), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      incomplete += isWhole() ? 0 : 1;
      assertThat(ended && !isWhole()).as("seed " + seed).isFalse();
    }
    assertThat(incomplete).as("seed " + seed + ": killed in the middle").isPositive();
  }

  /** A restore in a process of its own, which has begun to fill the directory. */
  private Process begun() throws IOException {
    Process process = child();
    Path format = to.resolve(DataDirectory.FORMAT_FILE);
    Waiting.until("it begins", () -> Files.exists(format) || !process.isAlive());
    return process;
  }

  /** Killed behind the very last step it is whole. */
  private boolean isWhole() throws IOException {
    Path format = to.resolve(DataDirectory.FORMAT_FILE);
    if (Files.size(format) == 0) { // Killed within the very first one.
      assertThatThrownBy(() -> RocksStore.open(to, SETTINGS))
          .isInstanceOf(StoreException.Damaged.class);
      return false;
    }
    if (Files.readString(format).startsWith("afterbay rocksdb")) {
      assertWhole();
      return true;
    }
    assertNothingOpens();
    return false;
  }

  private Process child() throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-ea",
            "-Xmx128m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("java.class.path"),
            Child.class.getName(),
            file.toString(),
            to.toString())
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  /** The process that is killed. */
  static final class Child {
    private Child() {}

    public static void main(String[] arguments) {
      Restoration.restore(Path.of(arguments[0]), Path.of(arguments[1]));
    }
  }

  @Test
  void aDiskWithoutRoomIsToldBeforeAnythingIsFilled() throws IOException {
    assertThatThrownBy(() ->
            Restoration.restore(
                file,
                to,
                real -> {
                  FaultyDevice device = new FaultyDevice(real);
                  device.freeBytes = Files.exists(file) ? file.toFile().length() - 1 : 0;
                  return device;
                }))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageStartingWith(to + " cannot be used: what " + file + " holds takes about 1 MiB")
        .hasMessageEndingWith(
            "its file system has 0 MiB left: make room, delete it, and run `afterbay restore`"
                + " again");
    assertNothingOpens();
    assertThat(DataFiles.checksums(to).keySet()) // A full disk gets no rubbish.
        .containsExactlyInAnyOrder(
            to.resolve(DataDirectory.FORMAT_FILE).toString(),
            to.resolve(DataDirectory.LOCK_FILE).toString());
  }

  @Test
  void aDiskThatFillsUpIsToldAndGetsItsRoomBack() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), "size=64m,nr_inodes=12")) {
      to = disk.path().resolve("to");
      assertThatThrownBy(() -> Restoration.restore(file, to))
          .isInstanceOf(StoreException.Unusable.class)
          .hasMessageContaining("its file system has not so much")
          .hasMessageContaining("No space left on device");
      assertNothingOpens();
      assertThat(to.resolve(DataDirectory.DATABASE)).doesNotExist();
    }
  }

  private void assertNothingOpens() {
    assertThatThrownBy(() -> RocksStore.open(to, SETTINGS))
        .isInstanceOf(StoreException.Incomplete.class)
        .hasMessageContaining("the restore that was to fill it")
        .hasMessageContaining("`afterbay restore` again");
    assertThatThrownBy(() -> Verification.verify(to)).isInstanceOf(StoreException.class);
    assertThatThrownBy(() -> Backup.of(to, OutputStream.nullOutputStream(), directory))
        .isInstanceOf(StoreException.Incomplete.class);
  }

  private void assertWhole() {
    assertThat(Verification.verify(to)).isEqualTo(whole);
    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      assertThat(store.stats(TestStores.QUEUE).pending()).isEqualTo(300);
    }
  }

  /** Fails at one call, counted from 0. */
  private static final class FailingOnce {
    private int left;

    FailingOnce(int left) {
      this.left = left;
    }

    private void step() throws IOException {
      if (left-- == 0) {
        throw new IOException("injected");
      }
    }

    Device of(Device real) {
      return new Device() {
        @Override
        public void write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
          step();
          real.write(file, bytes, position);
        }

        @Override
        public void sync(FileChannel file) throws IOException {
          step();
          real.sync(file);
        }

        @Override
        public void apply(RocksDB database, byte[] batch) throws RocksDBException {
          try {
            step();
          } catch (IOException e) {
            throw new RocksDBException(
                "injected", new Status(Status.Code.IOError, Status.SubCode.None, "injected"));
          }
          real.apply(database, batch);
        }

        @Override
        public long freeBytes() throws IOException {
          return real.freeBytes();
        }

        @Override
        public long totalBytes() throws IOException {
          return real.totalBytes();
        }
      };
    }
  }
}
