package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Job;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.store.Commit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VerificationTest {

  private static final int MESSAGES = 200;

  /** Of one message, with what belongs to it. */
  private static final long RECORD_BYTES_MAX = 4_000;

  @TempDir Path directory;

  @Test
  void aSoundStoreIsCountedAndNotChanged() throws IOException {
    fill();
    Map<String, Long> before = DataFiles.checksums(directory);

    Report report = Verification.verify(directory);

    assertThat(report.isSound()).as(report.toString()).isTrue();
    assertThat(report.queues()).containsOnlyKeys(QUEUE);
    assertThat(report.queues().get(QUEUE).pending()).isEqualTo(MESSAGES - 50);
    assertThat(report.queues().get(QUEUE).processing()).isEqualTo(20);
    assertThat(DataFiles.checksums(directory)).isEqualTo(before);
  }

  @Test
  void aStoreInTablesIsSoundToo() throws IOException {
    fill();
    DataFiles.flush(directory);

    assertThat(Verification.verify(directory).isSound()).isTrue();
  }

  @Test
  void damageToTheLogIsNamedWithItsPlaceAndNothingIsChanged() throws IOException {
    fill();
    Path log = DataFiles.log(directory);
    long middle = Files.size(log) / 2;
    DataFiles.flip(log, middle, 100);
    Map<String, Long> before = DataFiles.checksums(directory);

    Report report = Verification.verify(directory);

    assertThat(report.damage()).hasSize(1);
    Damage damage = report.damage().getFirst();
    assertThat(damage.file()).isEqualTo(log);
    assertThat(damage.offset()).isBetween(middle - RECORD_BYTES_MAX, middle);
    assertThat(damage.lost()).containsPattern("commits \\d+ to \\d+");
    assertThat(DataFiles.checksums(directory)).isEqualTo(before);
  }

  @Test
  void aLogThatWasCutIsNamed() throws IOException {
    fill();
    Path log = DataFiles.log(directory);
    DataFiles.cut(log, Files.size(log) - 3_000);

    Report report = Verification.verify(directory);

    assertThat(report.damage()).extracting(Damage::file).containsExactly(log);
    assertThat(report.queues()).containsKey(QUEUE);
  }

  @Test
  void damageToATableIsNamedAndTheRestIsCounted() throws IOException {
    fill();
    DataFiles.flush(directory);
    Path table = DataFiles.named(directory, "", ".sst");
    DataFiles.flip(table, Files.size(table) / 2, 100);

    Report report = Verification.verify(directory);

    assertThat(report.damage()).extracting(Damage::file).containsExactly(table);
    assertThat(report.queues().get(QUEUE).pending()).isBetween(MESSAGES / 2L, MESSAGES - 50L);
  }

  @Test
  void damageToTheManifestTheMarkAndTheFormatIsNamed() throws IOException {
    for (String name : new String[] {"db/MANIFEST", "mark", "format"}) {
      Path copy = Files.createTempDirectory(directory, "one");
      try (RocksStore store = RocksStore.open(copy, SETTINGS)) {
        TestStores.send(store, 1);
      }
      Path file =
          name.startsWith("db/") ? DataFiles.named(copy, "MANIFEST", "") : copy.resolve(name);
      DataFiles.flip(file, 0, (int) Math.min(800, Files.size(file)));

      assertThat(Verification.verify(copy).damage()).extracting(Damage::file).contains(file);
    }
  }

  @Test
  void tablesThatDoNotAgreeAreFaults() throws Exception {
    fill();
    DataFiles.change(
        directory,
        database -> {
          byte[][] first = new byte[1][];
          try (RocksView view = RocksView.latest(database)) {
            view.scan(
                Table.READY,
                new byte[0],
                null,
                false,
                (key, _) -> {
                  first[0] = key;
                  return false;
                });
          }
          database.rocks().singleDelete(database.handle(Table.READY), first[0]);
        });

    Report report = Verification.verify(directory);

    assertThat(report.damage()).isEmpty();
    assertThat(report.faults()).hasSize(1).first().asString().contains("READY");
  }

  @Test
  void aDirectoryThatIsInUseOrNoneIsRefused() throws IOException {
    Path other = Files.createDirectory(directory.resolve("other"));
    assertThatThrownBy(() -> Verification.verify(other))
        .isInstanceOf(StoreException.Unusable.class);
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      assertThat(store.failure()).isNull();
      assertThatThrownBy(() -> Verification.verify(directory))
          .isInstanceOf(StoreException.InUse.class);
    }
  }

  @Test
  void aFolderForTemporaryFilesWithoutRoomIsNoDamageOfTheStore() throws Exception {
    fill();
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("temporary"), 1)) {
      disk.fill();

      assertThatThrownBy(
              () -> Verification.verify(directory, disk.path(), UnaryOperator.identity()))
          .isInstanceOf(StoreException.Unusable.class)
          .hasMessageStartingWith(disk.path() + " cannot be used")
          .hasMessageContaining("No space left on device")
          .hasMessageContaining("the store was not checked")
          .hasMessageContaining("java.io.tmpdir");
    }
  }

  @Test
  void whatTheCopyHasNoRoomForIsNoDamageOfTheStore() throws Exception {
    fill();
    Path temporary = Files.createDirectory(directory.resolve("temporary"));
    assertThatThrownBy(() ->
            Verification.verify(
                directory,
                temporary,
                real -> {
                  FaultyDevice device = new FaultyDevice(real);
                  device.failApplies = true;
                  return device;
                }))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining("injected: apply")
        .hasMessageContaining("the store was not checked");
    assertThat(temporary).isEmptyDirectory();
  }

  @Test
  void aReadOnlyFileSystemIsVerifiedAndRepaired() throws Exception {
    try (SmallDisk disk = SmallDisk.mounted(directory.resolve("disk"), 64)) {
      Path data = disk.path().resolve("data");
      try (RocksStore store = RocksStore.open(data, SETTINGS)) {
        TestStores.send(store, 1);
      }
      disk.makeReadOnly();

      Report report = Verification.verify(data);
      assertThat(report.isSound()).as(report.toString()).isTrue();
      assertThat(report.queues().get(QUEUE).depth()).isEqualTo(1);
      Report saved = Repair.repair(data, directory.resolve("to"));
      assertThat(saved.queues().get(QUEUE).depth()).isEqualTo(1);

      assertThatThrownBy(() -> RocksStore.open(data, SETTINGS))
          .isInstanceOf(StoreException.Unusable.class)
          .hasMessageContaining("Read-only file system")
          .hasMessageContaining("mount it for writing");
    }
  }

  /** Of 200 messages, 50 are claimed, and 30 of those done. */
  private void fill() {
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      for (int i = 0; i < MESSAGES; i++) {
        TestStores.send(store, i);
      }
      int settled = 0;
      for (Job job : TestStores.claim(store, 50)) {
        if (settled++ < 30) {
          store.commit(Commit.written(TestStores.done(store, job)));
        }
      }
    }
  }
}
