package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;

/** Directories that other builds wrote: those before the first release, and later ones. */
class OtherBuildsTest {

  private static final int JOBS = 50;

  @TempDir Path directory;

  private Path data;

  @BeforeEach
  void fill() {
    data = directory.resolve("data");
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      for (int i = 0; i < JOBS; i++) {
        Message later = Message.of("note", "later").delay(Duration.ofHours(1));
        store.commit(Commit.written(new Change.Append(job(store, i, later), null)));
        Job waits = job(store, JOBS + i, Message.of("note", "waits"));
        Job waiting = waits.with(waits.state().in(new Status.Waiting(1, 0)), null);
        store.commit(Commit.written(new Change.Append(waiting, null)));
      }
    }
  }

  /** Builds before the first release put a row into META once the table DEFERRED was complete. */
  @Test
  void theRowOfEarlierBuildsThatDeferredIsCompleteChangesNothing() throws IOException {
    byte[] mark = "deferred".getBytes(StandardCharsets.US_ASCII);
    DataFiles.change(
        data, database -> database.rocks().put(database.handle(Table.META), mark, new byte[] {1}));
    assertWhole(data);

    Path repaired = directory.resolve("repaired");
    Report saved = Repair.repair(data, repaired);
    assertThat(saved.damage()).isEmpty();
    assertThat(saved.faults()).isEmpty();
    assertWhole(repaired);

    Path restored = directory.resolve("restored");
    Restoration.restore(backup(), restored);
    assertWhole(restored);
  }

  /**
   * Builds before the first release wrote, when they upgraded a directory, its head to the journal:
   * until the next flush the files of the tables have that of format 3.
   */
  @Test
  void aHeadOfFormat3BelowThatOfTheJournalIsNoReasonToRefuse() throws IOException {
    DataFiles.flush(data);
    Path flushed = directory.resolve("flushed");
    DataFiles.copy(data, flushed);
    try (RocksStore store = RocksStore.open(data, SETTINGS)) {
      TestStores.send(store, 10 * JOBS);
    }
    DataFiles.change(flushed, OtherBuildsTest::makeHeadOld);
    DataFiles.delete(data.resolve(DataDirectory.DATABASE));
    DataFiles.copy(flushed.resolve(DataDirectory.DATABASE), data.resolve(DataDirectory.DATABASE));

    Report report = Verification.verify(data);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    Path repaired = directory.resolve("repaired");
    assertThat(Repair.repair(data, repaired).damage()).isEmpty();
    Path restored = directory.resolve("restored");
    assertThat(Restoration.restore(backup(), restored).report()).isEqualTo(report);
    for (Path each : List.of(repaired, restored, data)) {
      try (RocksStore store = RocksStore.open(each, SETTINGS)) {
        assertThat(list(store, Status.Kind.PENDING)).hasSize(JOBS + 1);
        assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
      }
    }
  }

  private static void makeHeadOld(Database database) throws RocksDBException {
    byte[] name = "head".getBytes(StandardCharsets.US_ASCII);
    ColumnFamilyHandle meta = database.handle(Table.META);
    byte[] head = database.rocks().get(meta, name);
    head[0] = 3;
    database.rocks().put(meta, name, head);
  }

  @Test
  void aDirectoryThatAnUnreleasedBuildWroteIsRefusedAndLeftAsItIs() throws IOException {
    Path format = data.resolve(DataDirectory.FORMAT_FILE);
    Files.writeString(format, "afterbay rocksdb format 3\n");
    assertRefused(() -> RocksStore.open(data, SETTINGS));
    assertRefused(() -> Verification.verify(data));
    assertRefused(() -> Repair.repair(data, directory.resolve("to")));
    assertRefused(this::backup);
    assertThat(format).hasContent("afterbay rocksdb format 3");
  }

  private static void assertRefused(ThrowingCallable use) {
    assertThatThrownBy(use)
        .isInstanceOf(StoreException.OtherFormat.class)
        .hasMessageContaining("says format 3")
        .hasMessageEndingWith(": drain it with the version of Afterbay that wrote it");
  }

  @ParameterizedTest
  @EnumSource(names = {"READY", "DEFERRED", "NOTE"})
  void aDirectoryThatLacksATableIsNotCompleted(Table table) {
    DataFiles.change(data, database -> database.rocks().dropColumnFamily(database.handle(table)));
    assertThatThrownBy(() -> RocksStore.open(data, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining(table.name().toLowerCase(Locale.ROOT));
  }

  private Path backup() throws IOException {
    Path file = directory.resolve("backup");
    try (OutputStream out = Files.newOutputStream(file)) {
      Backup.of(data, out, directory);
    }
    return file;
  }

  private static void assertWhole(Path directory) {
    for (int opened = 0; opened < 2; opened++) {
      Report report = Verification.verify(directory);
      assertThat(report.isSound()).as(report.toString()).isTrue();
      try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
        assertThat(list(store, Status.Kind.PENDING)).hasSize(JOBS);
        assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
      }
    }
  }

  private static List<Job> list(RocksStore store, Status.Kind kind) {
    Jobs.JobQuery query = Jobs.JobQuery.ofQueue(TestStores.QUEUE).status(kind);
    return store.list(query, null, Jobs.PAGE_MAX).jobs();
  }

  private static Job job(RocksStore store, long number, Message message) {
    return Job.created(
        TestStores.id(number),
        TestStores.QUEUE,
        message,
        QueueSettings.STANDARD,
        store.clock().now());
  }
}
