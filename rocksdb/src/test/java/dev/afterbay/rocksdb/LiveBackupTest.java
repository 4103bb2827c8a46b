package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.afterbay.BrokerException;
import dev.afterbay.Jobs;
import dev.afterbay.store.Commit;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** Backups of a store that goes on: what happens meanwhile is neither in them nor held up. */
@Timeout(300)
class LiveBackupTest {

  /** So little that buffers are small, and files of the journal are soon written over. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  private static final long LOW_WATER = 1L << 20;

  /** So many are sent with one sync. */
  private static final int TOGETHER = 25;

  @TempDir Path directory;

  private Path data;
  private Path links;
  private FaultyDevice device;
  private int sent;
  private final Gate gate = new Gate();

  private RocksStore open() {
    return open(SETTINGS, real -> real);
  }

  private RocksStore open(RocksStore.Settings settings, UnaryOperator<Device> above) {
    data = directory.resolve("data");
    links = data.resolve("held-by-backup");
    return RocksStore.open(
        data,
        settings,
        real -> {
          device = new FaultyDevice(real);
          device.totalBytes = FILE_SYSTEM_BYTES;
          return above.apply(device);
        });
  }

  @AfterEach
  void letGo() {
    gate.open();
  }

  private void send(RocksStore store, int count) {
    int end = sent + count;
    while (sent < end) {
      List<Commit> some = new ArrayList<>();
      for (int i = 0; i < TOGETHER && sent < end; i++) {
        some.add(Commit.synced(TestStores.append(store, sent++)));
      }
      store.commit(some);
    }
  }

  @Test
  void whatHappensMeanwhileIsNotInIt() throws Exception {
    try (RocksStore store = open()) {
      send(store, 1_000);
      Backing backup = new Backing(store, gate);
      gate.awaitReached();
      Path newest = journal().getLast();
      send(store, 3_000);
      Waiting.until("its file of the journal is gone", () -> !Files.exists(newest));
      store.list(Jobs.JobQuery.ALL, null, 1);
      gate.open();
      assertThat(backup.ended()).isNull();
      assertNothingHeld();
      assertRestores(1_000);
      send(store, 10);
      gate.reset();
      store.backup(gate);
      assertRestores(4_010);
    }
  }

  @Test
  void withoutLinksNothingIsDeletedMeanwhile() throws Exception {
    try (RocksStore store = open()) {
      send(store, 1_000);
      Files.createFile(links); // So that there can be no folder.
      Backing backup = new Backing(store, gate);
      gate.awaitReached();
      assertThat(links).as("somebody else's").isRegularFile();
      send(store, 3_000);
      gate.open();
      assertThat(backup.ended()).isNull();
      assertRestores(1_000);
      gate.reset();
      store.backup(gate);
      assertThat(store.failure()).isNull();
      assertRestores(4_000);
    }
  }

  @Test
  void thereIsOneAtATime() throws Exception {
    try (RocksStore store = open()) {
      send(store, 10);
      Backing backup = new Backing(store, gate);
      gate.awaitReached();
      assertThatThrownBy(() -> store.backup(OutputStream.nullOutputStream()))
          .isInstanceOf(BrokerException.Conflict.class)
          .hasMessageContaining("another backup");
      gate.open();
      assertThat(backup.ended()).isNull();
      store.backup(OutputStream.nullOutputStream());
    }
  }

  @Test
  void whoeverIsInterruptedGetsNoneAndHoldsNothing() throws Exception {
    try (RocksStore store = open()) {
      send(store, 500);
      Backing backup = new Backing(store, gate);
      gate.awaitReached();
      backup.thread.interrupt();
      assertThat(backup.ended()).isInstanceOf(InterruptedException.class);
      assertNothingHeld();
      assertNoBackup();
      assertGoesOn(store);
    }
  }

  @Test
  void whoeverTakesNoMoreGetsNoneAndNothingIsHeld() throws Exception {
    try (RocksStore store = open()) {
      send(store, 500);
      OutputStream broken =
          new OutputStream() {
            @Override
            public void write(int one) throws IOException {
              throw new IOException("injected");
            }
          };
      assertThatThrownBy(() -> store.backup(broken)).isInstanceOf(IOException.class);
      assertNothingHeld();
      assertGoesOn(store);
    }
  }

  @Test
  void aDiskThatFillsUpEndsTheBackupAndNotTheSends() throws Exception {
    // As much is free as what the backup holds makes of it.
    UnaryOperator<Device> filling =
        real ->
            new OtherRoom(real, () -> Files.exists(links) ? LOW_WATER / 2 : FILE_SYSTEM_BYTES / 2);
    try (RocksStore store = open(SETTINGS.disk(0L, LOW_WATER), filling)) {
      send(store, 500);
      Backing backup = new Backing(store, gate);
      gate.awaitReached();
      Waiting.until("the store has its room back", () -> !Files.exists(links));
      send(store, 10);
      assertThat(store.isDiskLow()).isFalse();
      gate.open();
      assertThat(backup.ended())
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("nearly full");
      assertNothingHeld();
      assertThatThrownBy(() -> Restoration.restore(file(), directory.resolve("to")))
          .isInstanceOf(StoreException.BadBackup.class)
          .hasMessageContaining("it was given up: the disk of " + data + " is nearly full");
    }
  }

  @Test
  void aDiskThatIsNearlyFullHoldsNothingForABackup() throws Exception {
    UnaryOperator<Device> full = real -> new OtherRoom(real, () -> LOW_WATER / 2);
    try (RocksStore store = open(SETTINGS.disk(0L, LOW_WATER), full)) {
      assertThatThrownBy(() -> store.backup(gate))
          .isInstanceOf(BrokerException.DiskFull.class)
          .hasMessageContaining("back up its folder");
      assertThat(gate.bytes()).isEmpty();
    }
    assertThat(Backup.of(data, gate.opened(), directory).commit()).isPositive();
  }

  @Test
  void aStoreThatHasStoppedIsNotBackedUp() throws Exception {
    try (RocksStore store = open()) {
      send(store, 10);
      device.failWrites = true;
      assertThat(catchThrowable(() -> send(store, 1))).isNotNull();
      Waiting.until("it stops", () -> store.failure() != null);
      assertThatThrownBy(() -> store.backup(gate))
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("the store has stopped");
      assertThat(gate.bytes()).isEmpty();
    }
  }

  @Test
  void aStoreThatStopsMeanwhileEndsTheBackup() throws Exception {
    try (RocksStore store = open()) {
      send(store, 10);
      Backing backup = new Backing(store, gate);
      gate.awaitReached();
      device.failSyncs = true;
      assertThat(catchThrowable(() -> send(store, 1))).isNotNull();
      Waiting.until("it stops", () -> store.failure() != null);
      gate.open();
      assertThat(backup.ended())
          .isInstanceOf(BrokerException.Unavailable.class)
          .hasMessageContaining("the store has stopped");
      assertNoBackup();
    }
  }

  @Test
  void closingTheStoreEndsTheBackup() throws Exception {
    RocksStore store = open();
    send(store, 500);
    Backing backup = new Backing(store, gate);
    gate.awaitReached();
    store.close();
    assertThat(backup.ended())
        .isInstanceOf(BrokerException.Unavailable.class)
        .hasMessageContaining("being closed");
    assertNothingHeld();
    assertNoBackup();
    assertThatThrownBy(() -> store.backup(gate)).isInstanceOf(BrokerException.Unavailable.class);
    assertThat(Verification.verify(data).isSound()).isTrue();
  }

  @Test
  void whatAKillLeftIsDeleted() throws Exception {
    open().close();
    Files.createDirectory(links);
    Files.writeString(links.resolve("000012.sst"), "left");
    try (RocksStore store = open()) {
      assertNothingHeld();
      assertGoesOn(store);
    }
  }

  @Test
  void aRecordThatIsNotAsItWasWrittenIsNamed() throws Exception {
    try (RocksStore store = open()) {
      send(store, 10);
      Path log = DataFiles.log(data);
      DataFiles.flip(log, DataFiles.endOf(log) / 2, 100);
      assertThatThrownBy(() -> store.backup(gate.opened()))
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining(log.getFileName().toString());
      assertNoBackup();
    }
  }

  @Test
  void aManifestThatIsNotAsItWasWrittenIsNamed() throws Exception {
    try (RocksStore store = open()) {
      send(store, 10);
      Path manifest = DataFiles.named(data, "MANIFEST", "");
      DataFiles.flip(manifest, 100, 1);
      assertThatThrownBy(() -> store.backup(gate.opened()))
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining(manifest.getFileName().toString());
      assertNothingHeld();
      assertNoBackup();
    }
  }

  @Test
  void aTableThatIsNotAsItWasWrittenIsNamed() throws Exception {
    open().close();
    try (RocksStore store = open()) {
      send(store, 200);
    }
    DataFiles.flush(data);
    Path table = DataFiles.named(data, "", ".sst");
    DataFiles.flip(table, Files.size(table) / 2, 100);
    try (RocksStore store = open()) {
      assertThatThrownBy(() -> store.backup(gate.opened()))
          .isInstanceOf(StoreException.Damaged.class)
          .hasMessageContaining(table.getFileName().toString());
      assertNoBackup();
    }
  }

  private List<Path> journal() {
    try {
      return JournalScan.files(data.resolve(DataDirectory.JOURNAL));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void assertNothingHeld() {
    assertThat(links).doesNotExist();
  }

  private void assertGoesOn(RocksStore store) throws Exception {
    gate.open();
    gate.reset();
    send(store, 100);
    store.backup(gate);
    assertRestores(sent);
  }

  private Path file() throws IOException {
    return Files.write(directory.resolve("backup"), gate.bytes());
  }

  private void assertNoBackup() throws IOException {
    Path to = directory.resolve("none");
    assertThatThrownBy(() -> Restoration.restore(file(), to))
        .isInstanceOf(StoreException.BadBackup.class);
    if (Files.exists(to)) {
      DataFiles.delete(to);
    }
  }

  /** All up to one that was sent, and none behind it. */
  private void assertRestores(int count) throws IOException {
    Path to = Files.createTempDirectory(directory, "to");
    Report report = Restoration.restore(file(), to).report();
    assertThat(report.isSound()).as(report.toString()).isTrue();
    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      assertThat(store.stats(QUEUE).pending()).isEqualTo(count);
      for (int i = 0; i < count; i += 50) {
        assertThat(store.find(List.of(TestStores.id(i)), true).getFirst().message().body())
            .isEqualTo(TestStores.body(i));
      }
    }
  }

  /** A backup on a thread of its own. */
  private static final class Backing {
    private final Thread thread;
    private volatile @Nullable Throwable thrown;

    Backing(RocksStore store, OutputStream to) {
      thread = Thread.startVirtualThread(() -> thrown = catchThrowable(() -> store.backup(to)));
    }

    /** What it came to; null: it is whole. */
    @Nullable Throwable ended() throws InterruptedException {
      thread.join();
      return thrown;
    }
  }

  /** Takes the first bytes, and the others when it is opened. */
  private static final class Gate extends OutputStream {
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch opened = new CountDownLatch(1);

    void awaitReached() throws InterruptedException {
      assertThat(reached.await(60, TimeUnit.SECONDS)).isTrue();
    }

    void open() {
      opened.countDown();
    }

    Gate opened() {
      open();
      return this;
    }

    void reset() {
      taken.reset();
    }

    byte[] bytes() {
      return taken.toByteArray();
    }

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      taken.write(bytes, from, length);
      reached.countDown();
      try {
        opened.await();
      } catch (InterruptedException _) {
        throw new InterruptedIOException("while the gate was closed");
      }
    }
  }

  /** A device with room that the test says. */
  private record OtherRoom(Device device, LongSupplier free) implements Device {
    @Override
    public void write(FileChannel file, ByteBuffer bytes, long position) throws IOException {
      device.write(file, bytes, position);
    }

    @Override
    public void sync(FileChannel file) throws IOException {
      device.sync(file);
    }

    @Override
    public void apply(RocksDB database, byte[] batch) throws RocksDBException {
      device.apply(database, batch);
    }

    @Override
    public long freeBytes() {
      return free.getAsLong();
    }

    @Override
    public long totalBytes() throws IOException {
      return device.totalBytes();
    }
  }
}
