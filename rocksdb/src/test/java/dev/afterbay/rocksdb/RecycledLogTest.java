package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.store.Commit;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of a process that was killed while it wrote over a file that had been another log. */
class RecycledLogTest {

  private static final int MESSAGES = 2_000;
  private static final int UNSYNCED = 3;

  /** So little that buffers are small, and files of the log are soon written over. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  @TempDir Path directory;

  private Path killed;
  private Path log;
  private long end;
  private int sent;

  @BeforeEach
  void kill() throws IOException {
    killed = directory.resolve("killed");
    Path data = directory.resolve("data");
    try (RocksStore store = open(data)) {
      do {
        TestStores.send(store, sent++);
        log = DataFiles.log(data);
        end = DataFiles.endOf(log);
      } while (sent < MESSAGES || end < 100_000 || end + 100_000 > Files.size(log));
      for (int i = 0; i < UNSYNCED; i++) {
        store.commit(Commit.written(TestStores.append(store, sent + i)));
      }
      PowerLossTest.copy(data, killed);
      log = DataFiles.log(killed);
      // What there was before the last second would be missed because of the mark.
      Mark.create(killed, 1);
    }
  }

  @Test
  void theOldBytesBehindTheEndAreNoDamage() throws IOException {
    for (int opening = 0; opening < 3; opening++) {
      try (RocksStore store = open(killed)) {
        assertThat(store.stats(TestStores.QUEUE).pending()).isGreaterThanOrEqualTo(MESSAGES);
      }
      assertThat(Verification.verify(killed).damage()).isEmpty();
    }
  }

  @Test
  void aFlippedBitIsDamageAsLaterBatchesTellThatItWasSynced() throws IOException {
    byte[] good = Files.readAllBytes(log);
    for (int at : List.of(2, 6, 8, 4_000, LogFile.BLOCK_BYTES + 8, (int) end - 20_000)) {
      byte[] bad = good.clone();
      bad[at] ^= 4;
      Files.write(log, bad);

      assertThatThrownBy(() -> open(killed))
          .as("at " + at)
          .isInstanceOfSatisfying(
              StoreException.Damaged.class,
              thrown -> assertThat(thrown.damage().file()).isEqualTo(log));
    }
  }

  @Test
  void whatWasNotSyncedWhenLaterBatchesWereMadeIsALeftOver() throws IOException {
    List<LogFile.Entry> entries = entries(log);
    LogFile.Entry last = entries.getLast();
    LogFile.Entry before = entries.get(entries.size() - 2);
    assertThat(last.synced()).isLessThan(before.sequence());
    DataFiles.flip(log, before.offset() + 30, 4);

    for (int opening = 0; opening < 3; opening++) {
      try (RocksStore store = open(killed)) {
        assertThat(store.stats(TestStores.QUEUE).pending())
            .isEqualTo(sent + UNSYNCED - 2 + opening);
        TestStores.send(store, 1_000_000 + opening);
      }
    }
  }

  @Test
  void aLogThatNothingWasWrittenToYetIsPassedOver() throws IOException {
    Path folder = Files.createDirectory(directory.resolve("two"));
    Files.copy(log, folder.resolve("000001.log"));
    Files.copy(log, folder.resolve(log.getFileName()));
    List<Path> visited = new ArrayList<>();

    LogScan.Result result = LogScan.scan(folder, (file, _, _) -> visited.add(file));

    assertThat(result.damage()).isEmpty();
    assertThat(visited)
        .hasSize(entries(log).size())
        .containsOnly(folder.resolve(log.getFileName()));
  }

  @Test
  void logsThatNobodyNeedsAnyMoreMayHaveGaps() throws IOException {
    Path database = killed.resolve(DataDirectory.DATABASE);
    long first = Manifest.firstLog(database);
    assertThat(first).isPositive();
    Files.write(database.resolve("%06d.log".formatted(first - 2)), Files.readAllBytes(log));
    Files.write(database.resolve("%06d.log".formatted(first - 1)), new byte[10_000]);

    open(killed).close();
  }

  @Test
  void whatTheLastProcessMayNotHaveSyncedIsSyncedBeforeAnybodySeesIt() throws IOException {
    int logs = LogScan.files(killed.resolve(DataDirectory.DATABASE)).size();
    FaultyDevice[] device = new FaultyDevice[1];

    RocksStore.open(killed, SETTINGS, real -> device[0] = new FaultyDevice(real)).close();

    assertThat(device[0].fileSyncs).hasValue(logs);
  }

  private static List<LogFile.Entry> entries(Path log) throws IOException {
    List<LogFile.Entry> entries = new ArrayList<>();
    try (LogFile file = new LogFile(log)) {
      for (LogFile.Entry entry = file.next(); entry != null; entry = file.next()) {
        entries.add(entry);
      }
    }
    return entries;
  }

  private static RocksStore open(Path data) {
    return RocksStore.open(
        data,
        SETTINGS,
        real -> {
          FaultyDevice device = new FaultyDevice(real);
          device.totalBytes = FILE_SYSTEM_BYTES;
          return device;
        });
  }
}
