package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Job;
import dev.afterbay.Lease;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Backups of closed data directories: they are restored as they were, or not at all. */
@Timeout(300)
class BackupTest {

  private static final int CUTS = Integer.getInteger("afterbay.cuts", 30);

  /** How much more than one an epoch is raised by at least. */
  private static final long EPOCHS_SKIPPED = 10_000;

  @TempDir Path directory;

  private final long seed = Long.getLong("afterbay.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  @Test
  void aStoreIsRestoredAsItWas() throws IOException {
    for (int number = 0; number < 3; number++) {
      String about = "seed " + seed + ", store " + number;
      Lived lived = Lived.made(directory.resolve("data" + number), number, random);
      Map<String, Long> before = DataFiles.checksums(lived.directory());
      byte[] backup = backup(lived.directory());
      assertThat(DataFiles.checksums(lived.directory())).as(about).isEqualTo(before);

      Path to = directory.resolve("to" + number);
      Restoration.Restored restored = Restoration.restore(file(backup), to);

      assertThat(restored.report().isSound()).as(about + restored.report()).isTrue();
      assertThat(restored.report().queues())
          .as(about)
          .isEqualTo(Verification.verify(lived.directory()).queues());
      assertThat(Verification.verify(to)).as(about).isEqualTo(restored.report());
      try (RocksStore store = RocksStore.open(to, SETTINGS)) {
        lived.checkAll(store, about);
        lived.checkSome(store, true, about);
      }
    }
  }

  @Test
  void anEmptyStoreIsRestored() throws IOException {
    Path data = directory.resolve("data");
    RocksStore.open(data, SETTINGS).close();

    Path to = Files.createDirectory(directory.resolve("to"));
    assertThat(Restoration.restore(file(backup(data)), to).report().isSound()).isTrue();

    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      TestStores.send(store, 1);
      assertThat(store.stats(QUEUE).pending()).isEqualTo(1);
    }
  }

  @Test
  void aReceiptFromBeforeDoesNotPassForALaterOne() throws IOException {
    Path data = data(3);
    byte[] backup = backup(data);
    long before = epochOf(data);

    Path to = directory.resolve("to");
    Restoration.restore(file(backup), to);

    assertThat(epochOf(to)).isGreaterThan(before + EPOCHS_SKIPPED);
  }

  private static long epochOf(Path data) {
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      Job job = TestStores.claim(store, 1).getFirst();
      return job.lease().fence() >>> Lease.FENCE_NUMBER_BITS;
    }
  }

  @Test
  void whatIsCutOffAnywhereIsRefused() throws IOException {
    byte[] backup = backup(data(50));
    for (int i = 0; i < CUTS; i++) {
      int at = i < 8 ? backup.length - 1 - i * i : random.nextInt(backup.length);
      assertRefused(Arrays.copyOf(backup, at), "cut at " + at);
    }
  }

  @Test
  void aFlippedBitIsRefusedWhereverItIs() throws IOException {
    byte[] backup = backup(data(50));
    for (int i = 0; i < CUTS; i++) {
      int at = i < 15 ? i * 5 : random.nextInt(backup.length);
      byte[] bad = backup.clone();
      bad[at] ^= (byte) (1 << random.nextInt(8));
      assertRefused(bad, "flipped at " + at);
    }
  }

  @Test
  void whatStandsBehindTheEndIsRefused() throws IOException {
    byte[] backup = backup(data(1));
    assertRefused(Arrays.copyOf(backup, backup.length + 1), "longer");
    assertRefused(joined(List.of(backup, backup)), "twice");
  }

  @Test
  void blocksInAnotherOrderAreRefused() throws IOException {
    Path data = data(200);
    List<byte[]> blocks = blocks(backup(data));
    List<byte[]> others = blocks(backup(data));
    assertThat(blocks).hasSizeGreaterThan(20);
    for (int i = 0; i < 6; i++) {
      int at = random.nextInt(1, blocks.size() - 1);
      List<byte[]> swapped = new ArrayList<>(blocks);
      Collections.swap(swapped, at, at + 1);
      assertRefused(joined(swapped), "swapped " + at);
      List<byte[]> without = new ArrayList<>(blocks);
      without.remove(at);
      assertRefused(joined(without), "without " + at);
      List<byte[]> twice = new ArrayList<>(blocks);
      twice.add(at, blocks.get(at));
      assertRefused(joined(twice), "twice " + at);
      List<byte[]> mixed = new ArrayList<>(blocks);
      mixed.set(at, others.get(at));
      assertRefused(joined(mixed), "of another backup " + at);
    }
  }

  @Test
  void whatIsNoBackupIsNamed() throws IOException {
    Path file = file(new byte[1_000]);
    assertThatThrownBy(() -> Restoration.restore(file, directory.resolve("to")))
        .isInstanceOf(StoreException.BadBackup.class)
        .hasMessage(file + " at offset 0 cannot be restored: it is no backup of Afterbay");
    assertThatThrownBy(() -> RocksStore.open(directory.resolve("to"), SETTINGS))
        .isInstanceOf(StoreException.Incomplete.class);
    Path none = directory.resolve("none");
    Path other = directory.resolve("other");
    assertThatThrownBy(() -> Restoration.restore(none, other))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining(none + ": no such file");
    assertThatThrownBy(() -> RocksStore.open(other, SETTINGS))
        .isInstanceOf(StoreException.Incomplete.class);
    assertThatThrownBy(() -> Restoration.restore(file(backup(data(1))), other))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageEndingWith(
            "it is not empty, but of a restore that failed, or still runs: delete it if it failed,"
                + " or name another folder");
  }

  @Test
  void aFileIsNoFolderToFill() throws IOException {
    Path file = file(backup(data(1)));
    assertThatThrownBy(() -> Restoration.restore(file, file))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageEndingWith("it is no folder: name one that is empty, or not there");
  }

  @Test
  void onlyAnEmptyFolderIsFilled() throws IOException {
    Path file = file(backup(data(1)));
    Path to = Files.createDirectory(directory.resolve("to"));
    Files.createFile(to.resolve("mine"));

    assertThatThrownBy(() -> Restoration.restore(file, to))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining("it is not empty");

    assertThat(to).isDirectoryContaining("glob:**/mine");
  }

  @Test
  void aDirectoryInUseIsNotRead() {
    Path data = directory.resolve("data");
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      TestStores.send(store, 1);
      assertThatThrownBy(() -> backup(data)).isInstanceOf(StoreException.InUse.class);
    }
  }

  @Test
  void whatIsDamagedIsNotBackedUp() throws IOException {
    Path data = data(200);
    Path log = DataFiles.log(data);
    byte[] good = Files.readAllBytes(log);
    DataFiles.flip(log, good.length / 2, 100);
    assertNotBackedUp(data, log);
    Files.write(log, good);

    DataFiles.flush(data);
    Path table = DataFiles.named(data, "", ".sst");
    DataFiles.flip(table, Files.size(table) / 2, 100);
    assertNotBackedUp(data, table);
    Files.delete(table);
    assertNotBackedUp(data, table);
  }

  private void assertNotBackedUp(Path data, Path damaged) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    assertThatThrownBy(() -> Backup.of(data, out, directory))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining(damaged.getFileName().toString());
    assertRefused(out.toByteArray(), damaged.toString());
  }

  @Test
  void aFormatThatIsNotKnownIsRefused() throws IOException {
    byte[] backup = backup(data(1));
    for (int other : new int[] {DataDirectory.FORMAT - 1, DataDirectory.FORMAT + 1}) {
      assertThatThrownBy(() -> restoreWith(backup, 12, other))
          .isInstanceOf(StoreException.OtherFormat.class);
    }
    assertThatThrownBy(() -> restoreWith(backup, 8, BackupFormat.VERSION + 1))
        .isInstanceOf(StoreException.BadBackup.class)
        .hasMessageContaining("version 2");
  }

  private void restoreWith(byte[] backup, int at, int number) throws IOException {
    byte[] other = backup.clone();
    ByteBuffer bytes = ByteBuffer.wrap(other).putInt(at, number);
    bytes.putInt(
        BackupFormat.HEADER_BYTES - BackupFormat.CHECKSUM_BYTES, BackupFormat.checksum(other));
    Restoration.restore(file(other), Files.createTempDirectory(directory, "to"));
  }

  @Test
  void aCopyIsLookedAtWhileItIsMade() throws IOException {
    Path data = data(20);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Backup.Made made = Backup.of(data, out, directory);
    byte[] backup = out.toByteArray();

    ByteArrayOutputStream copy = new ByteArrayOutputStream();
    assertThat(Backup.copy(new ByteArrayInputStream(backup), "it", copy)).isEqualTo(made);

    assertThat(copy.toByteArray()).isEqualTo(backup);
    assertThat(made.bytes()).isEqualTo(backup.length);
    byte[] cut = Arrays.copyOf(backup, backup.length - 1);
    assertThatThrownBy(
            () -> Backup.copy(new ByteArrayInputStream(cut), "it", new ByteArrayOutputStream()))
        .isInstanceOf(StoreException.BadBackup.class);
  }

  private Path data(int messages) {
    Path data = directory.resolve("data");
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (int i = 0; i < messages / 2; i++) {
        TestStores.send(store, i);
      }
    }
    DataFiles.flush(data);
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (int i = messages / 2; i < messages; i++) {
        TestStores.send(store, i);
      }
    }
    return data;
  }

  private byte[] backup(Path data) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    Backup.of(data, out, directory);
    return out.toByteArray();
  }

  private Path file(byte[] backup) throws IOException {
    return Files.write(directory.resolve("backup"), backup);
  }

  /** It is told where, and nothing can be opened afterwards. */
  private void assertRefused(byte[] backup, String about) {
    Path to = directory.resolve("refused");
    try {
      assertThatThrownBy(() -> Restoration.restore(file(backup), to))
          .as("seed " + seed + ": " + about)
          .isInstanceOf(StoreException.BadBackup.class)
          .hasMessageContaining(directory.resolve("backup") + " at offset ");
      if (Files.exists(to)) {
        assertThatThrownBy(() -> RocksStore.open(to, SETTINGS))
            .as("seed " + seed + ": " + about)
            .isInstanceOf(StoreException.Incomplete.class);
        DataFiles.delete(to);
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** The header, and each block. */
  private static List<byte[]> blocks(byte[] backup) {
    List<byte[]> blocks = new ArrayList<>();
    blocks.add(Arrays.copyOf(backup, BackupFormat.HEADER_BYTES));
    int at = BackupFormat.HEADER_BYTES;
    while (at < backup.length) {
      int length = ByteBuffer.wrap(backup).getInt(at + 1);
      int end = at + BackupFormat.BLOCK_HEAD_BYTES + length + BackupFormat.CHECKSUM_BYTES;
      blocks.add(Arrays.copyOfRange(backup, at, end));
      at = end;
    }
    return blocks;
  }

  private static byte[] joined(List<byte[]> blocks) {
    ByteArrayOutputStream joined = new ByteArrayOutputStream();
    blocks.forEach(joined::writeBytes);
    return joined.toByteArray();
  }
}
