package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.afterbay.contract.TestClock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DataDirectoryTest {

  @TempDir Path directory;

  @Test
  void aDirectoryIsForOneStoreOfAProcess() {
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
          .isInstanceOf(StoreException.InUse.class)
          .hasMessageContaining(directory.toString());
      TestStores.send(store, 1);
    }
    RocksStore.open(directory, SETTINGS).close();
  }

  @Test
  void aDirectoryIsForOneProcess() throws Exception {
    Path data = directory.resolve("data");
    Process process = CrashChild.start(data, 0, 10);
    try {
      assertThat(process.inputReader().readLine()).as("what it tells first").isNotNull();

      assertThatThrownBy(() -> RocksStore.open(data, SETTINGS))
          .isInstanceOf(StoreException.InUse.class);
      assertThatThrownBy(() -> Verification.verify(data)).isInstanceOf(StoreException.InUse.class);
    } finally {
      process.destroyForcibly().waitFor();
    }
    RocksStore.open(data, SETTINGS).close();
  }

  /** To close a file drops all locks that a process has on it, however often it opened it. */
  @Test
  void anOpenThatWasRefusedLeavesTheLockOfTheFirst() throws Exception {
    Path data = directory.resolve("data");
    Path otherName = Files.createSymbolicLink(directory.resolve("link"), data);
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (Path name : List.of(data, otherName)) {
        assertThatThrownBy(() -> RocksStore.open(name, SETTINGS))
            .isInstanceOf(StoreException.InUse.class);
        assertThatThrownBy(() -> Verification.verify(name))
            .isInstanceOf(StoreException.InUse.class);
      }
      Process process = CrashChild.start(data, 0, 10);
      try {
        assertThat(process.inputReader().readLine()).as("what it tells once it is open").isNull();
      } finally {
        process.destroyForcibly().waitFor();
      }
      TestStores.send(store, 1);
    }
    RocksStore.open(otherName, SETTINGS).close();
  }

  @Test
  void aNewDirectoryIsMadeWithItsParents() {
    Path deep = directory.resolve("a/b/c");

    RocksStore.open(deep, SETTINGS).close();

    assertThat(deep.resolve(DataDirectory.FORMAT_FILE)).hasContent("afterbay rocksdb format 4");
  }

  @Test
  void whatIsNoDirectoryCannotBeUsed() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");

    assertThatThrownBy(() -> RocksStore.open(file, SETTINGS))
        .isInstanceOf(StoreException.Unusable.class);
  }

  @Test
  void aDirectoryThatWasJustBegunIsMadeAnew() throws IOException {
    for (List<String> made :
        List.of(
            List.of(SyncMark.FILE + ".new"),
            List.of(SyncMark.FILE),
            List.of(SyncMark.FILE, DataDirectory.FORMAT_FILE + ".new"),
            List.of(SyncMark.FILE, DataDirectory.FORMAT_FILE))) {
      Path whole = Files.createTempDirectory(directory, "whole");
      DataDirectory.openOrCreate(whole).close();
      Path begun = Files.createTempDirectory(directory, "begun");
      for (String name : made) {
        Path source = whole.resolve(name.replace(".new", ""));
        Files.copy(source, begun.resolve(name));
      }

      try (RocksStore store = RocksStore.open(begun, SETTINGS)) {
        TestStores.send(store, 1);
      }
      RocksStore.open(begun, SETTINGS).close();
    }
  }

  @Test
  void aDirectoryThatHeldJobsNeverStartsEmpty() throws IOException {
    Path whole = directory.resolve("whole");
    try (RocksStore store = RocksStore.open(whole, SETTINGS)) {
      TestStores.send(store, 1);
    }
    List<String> names = List.of(DataDirectory.FORMAT_FILE, SyncMark.FILE, "db", "journal");
    for (int missing = 1; missing < 15; missing++) {
      Path copy = directory.resolve("without" + missing);
      DataFiles.copy(whole, copy);
      for (int i = 0; i < names.size(); i++) {
        if ((missing & 1 << i) != 0) {
          Path lost = copy.resolve(names.get(i));
          if (Files.isDirectory(lost)) {
            DataFiles.delete(lost);
          } else {
            Files.delete(lost);
          }
        }
      }

      assertThatThrownBy(() -> RocksStore.open(copy, SETTINGS))
          .as("missing %s", missing)
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining("afterbay repair");
      assertThat(Verification.verify(copy).isSound()).as("missing %s", missing).isFalse();
      Repair.repair(copy, directory.resolve("to" + missing));
    }
  }

  @Test
  void ofADirectoryWithoutItsDatabaseIsSavedWhatTheJournalHas() throws IOException {
    Path data = directory.resolve("data");
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      TestStores.send(store, 1);
    }
    DataFiles.delete(data.resolve("db"));

    Report report = Repair.repair(data, directory.resolve("to"));

    assertThat(report.damage()).extracting(Damage::file).contains(data.resolve("db"));
    assertThat(report.queues().get(TestStores.QUEUE).depth()).isEqualTo(1);
  }

  @Test
  void aDirectoryIsForItsOwnerAlone() throws IOException {
    assumeTrue(Files.getFileStore(directory).supportsFileAttributeView("posix"));
    Path data = directory.resolve("data");
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      assertIsPrivate(data);
      TestStores.send(store, 1);
    }
    for (Path path : all(data)) {
      Files.setPosixFilePermissions(
          path,
          PosixFilePermissions.fromString(Files.isDirectory(path) ? "rwxr-xr-x" : "rw-r--r--"));
    }

    RocksStore store = RocksStore.open(data, SETTINGS);
    try (store) {
      assertIsPrivate(data);
    }
    Repair.repair(data, directory.resolve("to"));
    assertIsPrivate(directory.resolve("to"));
  }

  private static void assertIsPrivate(Path data) throws IOException {
    for (Path path : all(data)) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
          .as(path.toString())
          .isEqualTo(Files.isDirectory(path) ? "rwx------" : "rw-------");
    }
  }

  private static List<Path> all(Path folder) throws IOException {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.toList();
    }
  }

  @Test
  void errorsNameThePlaceTheReasonAndTheNextStep() throws IOException {
    Path file = Files.writeString(directory.resolve("file"), "");
    Path withFolder = Files.createDirectory(directory.resolve("folder"));
    Files.createDirectory(withFolder.resolve(DataDirectory.LOCK_FILE));

    assertThatThrownBy(() -> RocksStore.open(file, SETTINGS))
        .hasMessageMatching(".*file cannot be used: .*file: .+: use another data directory");
    assertThatThrownBy(() -> RocksStore.open(withFolder, SETTINGS))
        .hasMessageMatching(".*folder cannot be used: .*lock: Is a directory: see that .*");
    assertThatThrownBy(() -> Verification.verify(directory.resolve("none")))
        .hasMessageContaining("it is not a directory");
    assertThat(Reason.withAdvice(new AccessDeniedException("/data/mark")))
        .isEqualTo(
            "/data/mark: permission denied: let the user "
                + System.getProperty("user.name")
                + " read and write it, or use another data directory");
    assertThat(Reason.of(new UncheckedIOException(new NoSuchFileException("/data/mark"))))
        .isEqualTo("/data/mark: no such file or directory");
  }

  @Test
  void aCalendarThatWasSetBackWhileTheStoreWasClosedIsHarmless() {
    TestClock time = new TestClock();
    time.advance(Duration.ofDays(30));
    long tick;
    try (RocksStore store = RocksStore.open(directory, SETTINGS.clock(time))) {
      TestStores.send(store, 1);
      assertThat(TestStores.claim(store, 1)).hasSize(1);
      tick = store.clock().now().tick();
    }
    TestClock earlier = new TestClock();
    earlier.setWall(TestClock.START.minus(Duration.ofDays(365)));

    try (RocksStore store = RocksStore.open(directory, SETTINGS.clock(earlier))) {
      assertThat(store.clock().now().tick()).isGreaterThanOrEqualTo(tick);
      assertThat(store.stats(TestStores.QUEUE).processing()).isEqualTo(1);
      TestStores.send(store, 2);
      assertThat(TestStores.claim(store, 10)).hasSize(1);
    }
  }
}
