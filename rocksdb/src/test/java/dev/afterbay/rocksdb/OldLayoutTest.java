package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Job;
import dev.afterbay.JobId;
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
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.ColumnFamilyHandle;

/** Directories of a build whose database did not have the table DEFERRED. */
class OldLayoutTest {

  /** More than an open looks at between two writes. */
  private static final int JOBS = 1_200;

  private static final byte[] MARK = "deferred".getBytes(StandardCharsets.US_ASCII);

  @TempDir Path directory;

  @Test
  void aDirectoryWithoutTheTableIsOpenedAndGetsIt() {
    fill(directory);
    makeOld(directory, Table.DEFERRED);
    for (int opened = 0; opened < 3; opened++) {
      try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
        assertThat(store.failure()).isNull();
        assertThat(store.stats(QUEUE).scheduled()).isEqualTo(JOBS);
        assertThat(list(store, Status.Kind.PENDING)).hasSize(JOBS + 2);
        assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
      }
      Report report = Verification.verify(directory);
      assertThat(report.isSound()).as(report.toString()).isTrue();
    }
    DataFiles.flush(directory);
    assertThat(Verification.verify(directory).isSound()).isTrue();
  }

  @Test
  void whatItsJournalHoldsIsKept() {
    fill(directory);
    makeOld(directory, Table.DEFERRED);
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      TestStores.send(store, 10 * JOBS);
    }
    // The journal alone has the rows that were made, and what came behind them.
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      assertThat(list(store, Status.Kind.PENDING))
          .hasSize(JOBS + 3)
          .startsWith(TestStores.id(10 * JOBS));
      assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
    }
  }

  @Test
  void itIsVerifiedAndRepairedAsItIs() {
    fill(directory);
    makeOld(directory, Table.DEFERRED);
    Report report = Verification.verify(directory);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    assertThat(report.queues().get(QUEUE).waiting()).isEqualTo(JOBS);

    Path to = directory.resolve("to");
    Report saved = Repair.repair(directory, to);
    assertThat(saved.damage()).isEmpty();
    assertThat(saved.faults()).isEmpty();
    report = Verification.verify(to);
    assertThat(report.isSound()).as(report.toString()).isTrue();
    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      assertThat(list(store, Status.Kind.PENDING)).hasSize(JOBS + 2);
      assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
    }
  }

  /** Its records are read as they are, but an older program could not read the next ones. */
  @Test
  void aDirectoryOfFormat3IsOfFormat4FromItsOpeningOn() throws IOException {
    fill(directory);
    makeOld(directory, Table.NOTE);
    Path format = directory.resolve(DataDirectory.FORMAT_FILE);
    Files.writeString(format, "afterbay rocksdb format 3\n");
    assertThat(Verification.verify(directory).isSound()).isTrue();
    assertThat(format).hasContent("afterbay rocksdb format 3");
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      assertThat(format).hasContent("afterbay rocksdb format 4");
      assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
    }
    assertThat(Verification.verify(directory).isSound()).isTrue();
  }

  @Test
  void aDirectoryOfFormat3IsBackedUpAsItIsAndRestoredAsTheNewOne() throws IOException {
    Path data = directory.resolve("data");
    fill(data);
    makeOld(data, Table.NOTE);
    Path format = data.resolve(DataDirectory.FORMAT_FILE);
    Files.writeString(format, "afterbay rocksdb format 3\n");
    Path file = directory.resolve("backup");
    try (OutputStream out = Files.newOutputStream(file)) {
      Backup.of(data, out, directory);
    }
    assertThat(format).hasContent("afterbay rocksdb format 3");

    Path to = directory.resolve("to");
    assertThat(Restoration.restore(file, to).report()).isEqualTo(Verification.verify(data));
    assertThat(to.resolve(DataDirectory.FORMAT_FILE)).hasContent("afterbay rocksdb format 4");
    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      assertThat(list(store, Status.Kind.WAITING)).hasSize(JOBS);
    }
  }

  @Test
  void aDirectoryThatLacksAnotherTableIsNotCompleted() {
    fill(directory);
    makeOld(directory, Table.READY);
    assertThatThrownBy(() -> RocksStore.open(directory, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class)
        .hasMessageContaining("ready");
  }

  private static void fill(Path directory) {
    try (RocksStore store = RocksStore.open(directory, SETTINGS)) {
      TestStores.send(store, 1);
      TestStores.send(store, 2);
      for (int i = 0; i < JOBS; i++) {
        Message message = Message.of("note", "later").delay(Duration.ofHours(1));
        store.commit(Commit.written(new Change.Append(job(store, 10 + i, message), null)));
        Job job = waiting(job(store, 10 + JOBS + i, Message.of("note", "waits")));
        store.commit(Commit.written(new Change.Append(job, null)));
      }
    }
  }

  private static Job job(RocksStore store, long number, Message message) {
    return Job.created(
        TestStores.id(number), QUEUE, message, QueueSettings.STANDARD, store.clock().now());
  }

  private static Job waiting(Job job) {
    return job.with(job.state().in(new Status.Waiting(1, 0)), null);
  }

  /** As if the database had been made without the table. */
  private static void makeOld(Path directory, Table table) {
    DataFiles.change(
        directory,
        database -> {
          database.rocks().delete(database.handle(Table.META), MARK);
          database.flush();
          ColumnFamilyHandle dropped = database.handle(table);
          database.rocks().dropColumnFamily(dropped);
        });
  }

  private static List<JobId> list(RocksStore store, Status.Kind kind) {
    List<JobId> ids = new ArrayList<>();
    String cursor = null;
    do {
      Jobs.JobQuery query = Jobs.JobQuery.ofQueue(QUEUE).status(kind);
      Jobs.JobPage page = store.list(query, cursor, Jobs.PAGE_MAX);
      page.jobs().forEach(job -> ids.add(job.id()));
      cursor = page.next();
    } while (cursor != null);
    return ids;
  }
}
