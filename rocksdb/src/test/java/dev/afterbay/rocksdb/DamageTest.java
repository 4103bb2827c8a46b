package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.afterbay.BrokerException;
import dev.afterbay.ledger.Ledger;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What somebody or something did to the files while the store was closed is never silent. */
class DamageTest {

  private static final int MESSAGES = 300;
  private static final int BLOCK_BYTES = 32 << 10;

  /** Of every table there are two files then at most, which is enough to harm each of them. */
  private static final int FEW = 2;

  @TempDir Path directory;

  @Test
  void bytesFlippedInTheMiddleOfTheLogAreDamage() throws IOException {
    Path log = filledLog();
    DataFiles.flip(log, Files.size(log) / 2, 500);

    assertDamaged(log);
  }

  @Test
  void bytesFlippedAtTheHeadOfTheLogAreDamage() throws IOException {
    Path log = filledLog();
    DataFiles.flip(log, 0, 10);

    assertThat(assertDamaged(log).offset()).isZero();
  }

  @Test
  void oneBitFlippedAnywhereInTheLogIsDamage() throws IOException {
    Path log = filledLog();
    byte[] good = Files.readAllBytes(log);
    JournalScan.Start start = start();
    int bits = 0;
    for (int at = 0; at < good.length; at += good.length / 197) {
      byte[] bad = good.clone();
      bad[at] ^= 8;
      Files.write(log, bad);

      assertThat(foundByAScan(start).file()).isEqualTo(log);
      if (bits++ % 20 == 0) { // To open is to scan, and takes so much longer.
        assertDamaged(log);
      }
    }
    Files.write(log, good);
    RocksStore.open(directory, SETTINGS).close();
  }

  @Test
  void bytesFlippedAtTheEndOfTheLogAreDamageBecauseTheMarkKnowsTheEnd() throws IOException {
    Path log = filledLog();
    DataFiles.flip(log, Files.size(log) - 100, 50);

    assertDamaged(log);
  }

  @Test
  void aLogThatWasCutIsDamage() throws IOException {
    Path log = filledLog();
    long size = Files.size(log);
    for (long cut : List.of(size - 1, size - 5_000, size / 2, BLOCK_BYTES * 2L)) {
      DataFiles.cut(log, cut);

      assertDamaged(log);
    }
  }

  @Test
  void aLogThatWasEmptiedIsDamageHoweverOftenItIsOpened() throws IOException {
    Path log = filledLog();
    DataFiles.cut(log, 3);

    assertDamaged(log);
    assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class);
  }

  @Test
  void zerosInTheMiddleOfTheLogAreDamage() throws IOException {
    Path log = filledLog();
    long at = Files.size(log) / 2 / BLOCK_BYTES * BLOCK_BYTES;
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate(BLOCK_BYTES), at);
    }

    assertDamaged(log);
  }

  @Test
  void aBlockThatIsMissingFromTheLogIsDamage() throws IOException {
    Path log = filledLog();
    byte[] bytes = Files.readAllBytes(log);
    int at = bytes.length / 2 / BLOCK_BYTES * BLOCK_BYTES;
    byte[] shorter = new byte[bytes.length - BLOCK_BYTES];
    System.arraycopy(bytes, 0, shorter, 0, at);
    System.arraycopy(bytes, at + BLOCK_BYTES, shorter, at, shorter.length - at);
    Files.write(log, shorter);

    assertDamaged(log);
  }

  @Test
  void ofADamagedLogVerifyTellsOnlyThat() throws IOException {
    Path log = filledLog();
    DataFiles.flip(log, Files.size(log) / 2, 24);

    Report report = Verification.verify(directory);

    assertThat(report.damage()).isNotEmpty();
    assertThat(report.queues()).isEmpty();
    assertThat(report.faults()).isEmpty();
  }

  @Test
  void aLogThatIsMissingIsDamage() throws IOException {
    Path log = filledLog();
    Files.delete(log);

    assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class);
  }

  @Test
  void whatWasTornAfterTheLastSyncIsNoDamage() throws IOException {
    Path log = filledLog();
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.APPEND)) {
      channel.write(ByteBuffer.wrap(new byte[] {1, 2, 3, 4, 0, 9, 1, 5, 5, 5, 5, 5, 5}));
    }

    for (int times = 0; times < 3; times++) {
      try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
        assertThat(store.stats(TestStores.QUEUE).pending()).isEqualTo(MESSAGES + times);
        TestStores.send(store, MESSAGES + times);
      }
    }
  }

  @Test
  void aManifestWithFlippedBytesIsDamage() throws IOException {
    filledLog();
    Path manifest = DataFiles.named(directory, "MANIFEST-", "");
    DataFiles.flip(manifest, 20, 30);

    assertDamaged(manifest);
  }

  @Test
  void aManifestThatIsMissingIsDamageAndNothingIsMadeAnew() throws IOException {
    filledLog();
    Files.delete(DataFiles.named(directory, "MANIFEST-", ""));
    List<Path> before = tables();

    assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class);
    assertThat(tables()).isEqualTo(before);
  }

  @Test
  void aCurrentThatIsMissingOrWrongIsDamageAndNothingIsMadeAnew() throws IOException {
    Path log = filledLog();
    Path current = directory.resolve("db/CURRENT");
    for (String content : List.of("", "nonsense\n", "MANIFEST-000099\n")) {
      Files.writeString(current, content);
      assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
          .isInstanceOf(StoreException.Damaged.class);
    }
    Files.delete(current);
    assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class);
    assertThat(log).exists();
  }

  @Test
  void aMarkThatIsMissingOrUnreadableIsDamage() throws IOException {
    filledLog();
    Path mark = directory.resolve(SyncMark.FILE);
    byte[] good = Files.readAllBytes(mark);
    Files.write(mark, new byte[good.length]);
    assertDamaged(mark);
    Files.write(mark, new byte[3]);
    assertDamaged(mark);
    Files.delete(mark);
    assertDamaged(mark);
  }

  @Test
  void aMarkThatWasTornFallsBackToTheOneBefore() throws IOException {
    filledLog();
    Path mark = directory.resolve(SyncMark.FILE);
    byte[] good = Files.readAllBytes(mark);
    for (int slot : new int[] {0, 512}) {
      byte[] torn = good.clone();
      torn[slot + 15] ^= 1;
      Files.write(mark, torn);
      RocksStore.open(directory, SETTINGS).close();
      good = Files.readAllBytes(mark);
    }
  }

  @Test
  void anotherFormatIsRefused() throws IOException {
    filledLog();
    for (int other : new int[] {DataDirectory.FORMAT - 1, DataDirectory.FORMAT + 1}) {
      Files.writeString(directory.resolve("format"), "afterbay rocksdb format " + other + "\n");

      assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
          .isInstanceOf(StoreException.OtherFormat.class)
          .hasMessageContaining(directory.resolve("format").toString())
          .hasMessageContaining("says format " + other);
    }
  }

  @Test
  void aFormatThatIsUnreadableOrMissingIsDamage() throws IOException {
    filledLog();
    Path format = directory.resolve("format");
    Files.writeString(format, "afterbay rocksdb fo");
    assertDamaged(format);
    Files.delete(format);
    assertDamaged(format);
  }

  @Test
  void bytesFlippedInATableStopTheStoreAndAreNeverHandedOut() throws IOException {
    filledLog();
    DataFiles.flush(directory);
    Path table = largestTable();
    DataFiles.flip(table, Files.size(table) / 2, 100);

    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      assertThatThrownBy(
              () -> {
                for (int i = 0; i < MESSAGES; i++) {
                  store
                      .find(List.of(TestStores.id(i)), true)
                      .forEach(job ->
                          assertThat(job.message().body())
                              .isEqualTo(TestStores.body(TestStores.numberOf(job.id()))));
                }
              })
          .isInstanceOf(BrokerException.Unavailable.class);
      assertThat(store.failure()).contains(table.getFileName().toString());
      assertThatThrownBy(() -> TestStores.send(store, MESSAGES + 1))
          .isInstanceOf(BrokerException.Unavailable.class);
    }
  }

  @Test
  void aBlockOfBodiesThatIsDamagedIsNamedWithItsPlaceByWhoeverReadsMany() throws IOException {
    filledLog();
    DataFiles.flush(directory);
    Path table = largestTable();
    DataFiles.flip(table, Files.size(table) / 2, 100);

    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      assertThatThrownBy(
              () -> {
                while (!TestStores.claim(store, 50).isEmpty()) {
                  // Go on.
                }
              })
          .isInstanceOf(BrokerException.class);
      assertThat(store.failure())
          .contains(table.getFileName().toString())
          .containsPattern("offset \\d+");
    }
  }

  /** It may tell of the cause, and a start that fails is often tried a few times. */
  @Test
  void aStartThatFailsChangesNoDataAndKeepsTheLogOfTheTimeOfTheDamage() throws IOException {
    filledLog();
    DataFiles.flush(directory);
    Path table = largestTable();
    DataFiles.cut(table, Files.size(table) - 5_000);
    Path folder = directory.resolve(DataDirectory.DATABASE);
    String then = Files.readString(folder.resolve("LOG"));
    Map<String, Long> before = DataFiles.checksums(directory);

    for (int start = 0; start < 8; start++) {
      assertDamaged(table);
    }

    Map<String, Long> after = DataFiles.checksums(directory);
    before.keySet().removeIf(name -> name.contains("/LOG"));
    assertThat(after).containsAllEntriesOf(before);
    try (Stream<Path> files = Files.list(folder)) {
      assertThat(files.filter(file -> file.getFileName().toString().startsWith("LOG.old.")))
          .anyMatch(file -> DataFiles.text(file).equals(then));
    }
  }

  @Test
  void whatIsLostIsToldInMessages() throws IOException {
    Path log = filledLog();
    List<JournalFile.Entry> entries = new ArrayList<>();
    JournalFile file = JournalFile.read(log);
    for (JournalFile.Entry entry = file.next(); entry != null; entry = file.next()) {
      entries.add(entry);
    }
    byte[] good = Files.readAllBytes(log);
    byte[] bad = good.clone();
    bad[(int) entries.get(100).offset() + 40] ^= 1;
    Files.write(log, bad);
    assertThat(assertDamaged(log).lost()).endsWith("are lost: 1 message that was sent");
    bad[(int) entries.get(101).offset() + 40] ^= 1;
    bad[(int) entries.get(102).offset() + 40] ^= 1;
    Files.write(log, bad);
    assertThat(assertDamaged(log).lost()).endsWith("are lost: 3 messages that were sent");
    DataFiles.cut(log, entries.get(200).offset());
    Files.write(log, Arrays.copyOf(good, (int) entries.get(200).offset()));
    assertThat(assertDamaged(log).lost()).contains("messages that were sent");
  }

  @Test
  void aTableThatWasCutIsDamage() throws IOException {
    filledLog();
    DataFiles.flush(directory);
    Path table = largestTable();
    DataFiles.cut(table, Files.size(table) - 5_000);

    assertDamaged(table);
  }

  @Test
  void aTableThatIsMissingIsDamage() throws IOException {
    filledLog();
    DataFiles.flush(directory);
    Path table = largestTable();
    Files.delete(table);

    assertDamaged(table);
  }

  @Test
  void anyTableThatIsMissingOrShorterIsFoundAtOnceAndNotWhenItIsRead() throws IOException {
    Lived lived = Lived.made(directory.resolve("lived"), 1, FEW, new SplittableRandom(1));
    for (Path table : Verification.tables(lived.directory().resolve("db"))) {
      byte[] good = Files.readAllBytes(table);
      for (int size : new int[] {0, good.length - 1}) {
        DataFiles.cut(table, size);
        assertThatThrownBy(() -> RocksStore.open(lived.directory(), SETTINGS))
            .isInstanceOf(StoreException.Damaged.class)
            .hasMessageContaining(table.toString());
      }
      Files.delete(table);
      assertThatThrownBy(() -> RocksStore.open(lived.directory(), SETTINGS))
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining(table.toString());
      Files.write(table, good);
    }
    RocksStore.open(lived.directory(), SETTINGS).close();
  }

  /** RocksDB does not always say which one it could not read. */
  @Test
  void aTableWhosePropertiesAreBadIsNamed() throws IOException {
    Lived lived = Lived.made(directory.resolve("lived"), 1, FEW, new SplittableRandom(1));
    int stopped = 0;
    for (Path table : Verification.tables(lived.directory().resolve("db"))) {
      Path copy = directory.resolve("copy");
      DataFiles.copy(lived.directory(), copy);
      DataFiles.flip(copy.resolve("db").resolve(table.getFileName()), Files.size(table) - 700, 15);
      try (RocksStore store = RocksStore.open(copy, SETTINGS)) {
        lived.checkAll(store, table.toString());
      } catch (BrokerException | StoreException e) {
        assertThat(e).hasMessageContaining(table.getFileName().toString());
        stopped++;
      }
      DataFiles.delete(copy);
    }
    assertThat(stopped).isPositive();
  }

  /** The log of a closed store that holds all of its messages. */
  private Path filledLog() throws IOException {
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      for (int i = 0; i < MESSAGES; i++) {
        TestStores.send(store, i);
      }
    }
    return DataFiles.log(directory);
  }

  /** From where the journal is scanned when the store is opened. */
  private JournalScan.Start start() throws IOException {
    try (SyncMark mark = SyncMark.open(directory);
        Database database = DataFiles.database(directory);
        RocksView view = RocksView.persisted(database)) {
      return JournalScan.Start.of(Ledger.commitNumber(view), view, mark.commit());
    }
  }

  private Damage foundByAScan(JournalScan.Start start) throws IOException {
    Path journal = directory.resolve(DataDirectory.JOURNAL);
    JournalScan.Result found = JournalScan.scan(journal, start);
    if (!found.damage().isEmpty()) {
      return found.damage().getFirst();
    }
    return catchThrowableOfType(
            StoreException.Damaged.class, () -> found.check(journal, start.marked()))
        .damage();
  }

  private Damage assertDamaged(Path file) {
    StoreException.Damaged thrown =
        catchThrowableOfType(
            StoreException.Damaged.class, () -> RocksStore.open(directory, SETTINGS).close());
    assertThat(thrown).as("damage to " + file).isNotNull();
    assertThat(thrown.damage().file()).isEqualTo(file);
    assertThat(thrown).hasMessageContaining("afterbay verify");
    return thrown.damage();
  }

  private List<Path> tables() throws IOException {
    return Verification.tables(directory.resolve("db"));
  }

  private Path largestTable() throws IOException {
    return DataFiles.named(directory, "", ".sst");
  }
}
