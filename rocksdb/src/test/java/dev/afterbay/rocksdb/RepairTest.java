package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Status;
import dev.afterbay.contract.TestClock;
import dev.afterbay.ledger.Tables.Table;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store.Overdue;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What can be read of a damaged directory is saved into a new one, and the old one is not touched.
 */
class RepairTest {

  private static final int MESSAGES = 300;

  @TempDir Path directory;

  private Path from;
  private Path to;

  @Test
  void whatIsLostInTheLogIsAllThatIsLost() throws IOException {
    fill();
    Path log = DataFiles.log(from);
    DataFiles.flip(log, Files.size(log) / 2, 200);

    Report report = repaired();

    assertThat(report.damage()).extracting(Damage::file).containsExactly(log);
    assertThat(survivors()).hasSizeBetween(MESSAGES - 5, MESSAGES - 1);
  }

  /** The message was written and synced together with a settle before it, which is damaged. */
  @Test
  void whatIsBehindDamageIsKeptIfTheMarkTellsThatItWasSynced() throws Exception {
    settleAndSendInOneSync(false);

    assertThat(repaired().isSound()).isFalse();
    assertThat(survivors()).as("1 has its lease still").containsExactly(TestStores.id(2));
  }

  @Test
  void whatIsBehindDamageIsKeptIfALaterRecordTellsThatItWasSynced() throws Exception {
    settleAndSendInOneSync(true);

    assertThat(repaired().isSound()).isFalse();
    assertThat(survivors()).containsExactly(TestStores.id(2), TestStores.id(3));
  }

  private void settleAndSendInOneSync(boolean more) throws Exception {
    from = Files.createTempDirectory(directory, "from");
    FaultyDevice[] device = new FaultyDevice[1];
    Path log;
    long end;
    try (RocksStore store =
        RocksStore.open(from, SETTINGS, real -> device[0] = new FaultyDevice(real))) {
      TestStores.send(store, 1);
      Job job = claimOne(store);
      TestStores.send(store, 0);
      log = DataFiles.log(from);
      device[0].syncGate = new CountDownLatch(1);
      Path file = log;
      long before = DataFiles.endOf(file);
      end = before;
      store.commit(Commit.written(TestStores.done(store, job)));
      Thread sender = Thread.startVirtualThread(() -> TestStores.send(store, 2));
      Waiting.until("both are written", () -> recordsBehind(file, before) == 2);
      device[0].syncGate.countDown();
      sender.join();
      if (more) {
        TestStores.send(store, 3);
      }
      settle(store, claimOne(store), Outcome.done());
    }
    List<JournalFile.Entry> behind =
        entries(log).stream().filter(entry -> entry.offset() >= end).toList();
    JournalFile.Entry settled = behind.getFirst();
    assertThat(behind.get(1).synced()).isLessThan(settled.number());
    DataFiles.flip(log, settled.offset() + 40, 1);
    if (more) {
      SyncMark.create(from, 1);
    }
  }

  private static List<JournalFile.Entry> entries(Path log) throws IOException {
    List<JournalFile.Entry> entries = new ArrayList<>();
    JournalFile file = JournalFile.read(log);
    for (JournalFile.Entry entry = file.next(); entry != null; entry = file.next()) {
      entries.add(entry);
    }
    return entries;
  }

  private static long recordsBehind(Path log, long end) {
    try {
      return entries(log).stream().filter(entry -> entry.offset() >= end).count();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aLogThatWasCutIsSavedUpToThere() throws IOException {
    fill();
    Path log = DataFiles.log(from);
    DataFiles.cut(log, Files.size(log) / 2);

    assertThat(repaired().isSound()).isFalse();
    assertThat(survivors()).hasSizeBetween(MESSAGES / 3, MESSAGES * 2 / 3);
  }

  @Test
  void onlyTheDamagedBlockOfATableIsLost() throws IOException {
    fill();
    DataFiles.flush(from);
    Path table = DataFiles.named(from, "", ".sst");
    DataFiles.flip(table, Files.size(table) / 2, 100);

    assertThat(repaired().damage()).extracting(Damage::file).containsExactly(table);
    assertThat(survivors()).hasSizeBetween(MESSAGES - 20, MESSAGES - 1);
  }

  @Test
  void aCurrentThatIsMissingCostsNothing() throws IOException {
    fill();
    DataFiles.flush(from);
    Files.delete(from.resolve("db/CURRENT"));

    assertThat(repaired().isSound()).isFalse();
    assertThat(survivors()).hasSize(MESSAGES);
  }

  @Test
  void aManifestThatIsMissingCostsNothingOfWhatWasThere() throws IOException {
    fill();
    DataFiles.flush(from);
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      TestStores.send(store, MESSAGES);
    }
    Files.delete(DataFiles.named(from, "MANIFEST-", ""));

    assertThat(repaired().isSound()).isFalse();
    assertThat(survivors()).hasSize(MESSAGES + 1);
  }

  @Test
  void aTableThatIsMissingCostsOnlyWhatWasInIt() throws IOException {
    fill();
    DataFiles.flush(from);
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      TestStores.send(store, MESSAGES);
    }
    Files.delete(DataFiles.named(from, "", ".sst"));

    assertThat(repaired().isSound()).isFalse();
    assertThat(survivors()).containsExactly(TestStores.id(MESSAGES));
  }

  @Test
  void aMarkOrAFormatThatIsLostCostsNothing() throws IOException {
    for (String name : List.of(SyncMark.FILE, DataDirectory.FORMAT_FILE)) {
      fill();
      Files.delete(from.resolve(name));

      assertThat(repaired().damage()).extracting(Damage::file).contains(from.resolve(name));
      assertThat(survivors()).hasSize(MESSAGES);
    }
  }

  @Test
  void everythingAboutAJobIsSaved() throws IOException {
    from = Files.createTempDirectory(directory, "from");
    List<Job> before;
    long fence;
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      fillWithLife(store);
      before = all(store);
      fence = processingFence(before);
    }

    Report report = repaired();

    assertThat(report.isSound()).as(report.toString()).isTrue();
    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      List<Job> after = all(store);
      assertThat(after).hasSameSizeAs(before);
      for (int i = 0; i < before.size(); i++) {
        Job old = before.get(i);
        Job now = after.get(i);
        assertThat(now.id()).isEqualTo(old.id());
        assertThat(now.message().body()).isEqualTo(old.message().body());
        assertThat(now.message().options()).isEqualTo(old.message().options());
        assertThat(now.history()).isEqualTo(old.history());
        assertThat(now.seq()).isEqualTo(old.seq());
        assertThat(now.state().attempts()).isEqualTo(old.state().attempts());
        assertThat(now.status().kind()).isEqualTo(old.status().kind());
      }
      assertThat(store.setting(Setting.QUEUE, QUEUE)).isPresent();
      assertThat(keyed(store, 900)).isEqualTo(TestStores.id(20));
      assertThat(sessionOrder(store)).containsExactly(10L, 11L, 12L);
      Job claimed = claimOne(store);
      assertThat(claimed.lease().fence()).isGreaterThan(fence);
    }
    assertThat(Verification.verify(to).isSound()).isTrue();
  }

  @Test
  void aHeadThatIsLostHoldsNoJobBackAndGivesNoFenceAgain() throws Exception {
    from = Files.createTempDirectory(directory, "from");
    TestClock time = new TestClock();
    for (int times = 0; times < 5; times++) {
      RocksStore.open(from, SETTINGS.clock(time)).close();
    }
    long fence;
    try (RocksStore store = RocksStore.open(from, SETTINGS.clock(time))) {
      time.advance(Duration.ofDays(30));
      TestStores.send(store, 1);
      Job job = claimOne(store);
      fence = job.lease().fence();
      settle(store, job, Outcome.retry("again", Duration.ZERO));
    }
    loseHead();

    repaired();

    try (RocksStore store = RocksStore.open(to, SETTINGS.clock(new TestClock()))) {
      assertThat(claimOne(store).lease().fence()).isGreaterThan(fence);
    }
  }

  /** The tick of the store is lost with its head, and what is left of a lease with that. */
  @Test
  void aHeadThatIsLostMakesNoLeaseLonger() throws Exception {
    from = Files.createTempDirectory(directory, "from");
    TestClock time = new TestClock();
    try (RocksStore store = RocksStore.open(from, SETTINGS.clock(time))) {
      time.advance(Duration.ofDays(30));
      TestStores.send(store, 1);
      claimOne(store);
    }
    loseHead();

    repaired();

    TestClock later = new TestClock();
    try (RocksStore store = RocksStore.open(to, SETTINGS.clock(later))) {
      assertThat(store.overdue(Overdue.LAPSED, 10)).isEmpty();
      later.advance(QueueSettings.STANDARD.lease());
      assertThat(store.overdue(Overdue.LAPSED, 10)).hasSize(1);
    }
  }

  @Test
  void attemptsThatTheStateOfAJobDoesNotKnowAreNotSaved() throws Exception {
    from = Files.createTempDirectory(directory, "from");
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      TestStores.send(store, 1);
      settle(store, claimOne(store), Outcome.retry("once", Duration.ZERO));
      settle(store, claimOne(store), Outcome.retry("twice", Duration.ZERO));
    }
    DataFiles.change(
        from,
        database -> {
          byte[] end = {127};
          database.rocks().deleteRange(database.handle(Table.JOB), new byte[0], end);
        });

    repaired();

    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      settle(store, claimOne(store), Outcome.done());
    }
    Report verified = Verification.verify(to);
    assertThat(verified.isSound()).as(verified.toString()).isTrue();
  }

  @Test
  void keysAreForgottenEvenIfTheirExpiriesWereLost() throws Exception {
    from = Files.createTempDirectory(directory, "from");
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      keyed(store, 20);
    }
    DataFiles.change(
        from,
        database -> {
          byte[] end = {127};
          database.rocks().deleteRange(database.handle(Table.KEY_EXPIRY), new byte[0], end);
        });
    assertThat(Verification.verify(from).isSound()).isFalse();

    repaired();

    assertThat(Verification.verify(to).isSound()).isTrue();
  }

  @Test
  void anInterruptedRepairLeavesNoDirectoryThatCouldBeUsed() throws IOException {
    fill();
    repaired();
    Files.delete(to.resolve(DataDirectory.FORMAT_FILE));

    assertThatThrownBy(() -> RocksStore.open(to, SETTINGS))
        .isInstanceOf(StoreException.Damaged.class);
  }

  @Test
  void aDirectoryThatIsNotEmptyIsNotFilled() throws IOException {
    fill();
    to = Files.createTempDirectory(directory, "to");
    Files.writeString(to.resolve("something"), "else");

    assertThatThrownBy(() -> Repair.repair(from, to))
        .isInstanceOf(StoreException.Unusable.class)
        .hasMessageContaining("not empty");
  }

  private void loseHead() throws Exception {
    DataFiles.change(
        from,
        database -> {
          byte[] head = "head".getBytes(StandardCharsets.US_ASCII);
          database.rocks().delete(database.handle(Table.META), head);
        });
  }

  private void fill() throws IOException {
    from = Files.createTempDirectory(directory, "from");
    try (RocksStore store = RocksStore.open(from, SETTINGS)) {
      for (int i = 0; i < MESSAGES; i++) {
        TestStores.send(store, i);
      }
    }
  }

  /** Repairs, and sees that nothing was changed where the damage is. */
  private Report repaired() throws IOException {
    to = Files.createTempDirectory(directory, "to");
    Map<String, Long> before = DataFiles.checksums(from);
    Report report = Repair.repair(from, to);
    assertThat(DataFiles.checksums(from)).isEqualTo(before);
    assertThat(to.resolve("repair")).doesNotExist();
    return report;
  }

  /** Ids that the new store hands out, with their right bytes. */
  private List<JobId> survivors() {
    List<JobId> ids = new ArrayList<>();
    try (RocksStore store = RocksStore.open(to, SETTINGS)) {
      assertThat(store.failure()).isNull();
      for (List<Job> jobs = TestStores.claim(store, 100);
          !jobs.isEmpty();
          jobs = TestStores.claim(store, 100)) {
        for (Job job : jobs) {
          assertThat(job.message().body())
              .isEqualTo(TestStores.body(TestStores.numberOf(job.id())));
          ids.add(job.id());
        }
      }
      TestStores.send(store, 1_000_000);
    }
    assertThat(ids).isSorted();
    Report verified = Verification.verify(to);
    assertThat(verified.isSound()).as(verified.toString()).isTrue();
    return ids;
  }

  /** Jobs in every state, in a session, with a key, delayed, with a time to live. */
  private static void fillWithLife(RocksStore store) {
    Setting setting = new Setting(Setting.QUEUE, QUEUE, 1, SettingCodec.of(QueueSettings.STANDARD));
    store.commit(Commit.synced(new Change.Put(setting)));
    send(store, 1, message -> message.priority(9));
    send(store, 2, message -> message.priority(8));
    send(store, 3, message -> message.priority(8));
    settle(store, claimOne(store), Outcome.retry("once more", Duration.ZERO));
    settle(store, claimOne(store), Outcome.fail("bad"));
    settle(store, claimOne(store), Outcome.retry("later", Duration.ofHours(1)));
    claimOne(store);
    send(store, 4, message -> message.delay(Duration.ofHours(2)));
    send(store, 5, message -> message.timeToLive(Duration.ofHours(2)));
    for (long n = 10; n <= 12; n++) {
      send(store, n, message -> message.session("line"));
    }
    keyed(store, 20);
  }

  private static void send(RocksStore store, long number, UnaryOperator<Message> with) {
    Change.Append plain = TestStores.append(store, number);
    Job job =
        Job.created(
            plain.job().id(),
            QUEUE,
            with.apply(plain.job().message()),
            QueueSettings.STANDARD,
            store.clock().now());
    store.commit(Commit.synced(new Change.Append(job, null)));
  }

  private static JobId keyed(RocksStore store, long number) {
    Change.Append plain = TestStores.append(store, number);
    Change.Unique unique =
        new Change.Unique("key", store.clock().now().wall().plus(Duration.ofHours(1)));
    Committed committed = store.commit(Commit.synced(new Change.Append(plain.job(), unique)));
    return ((Committed.Done) committed).ids().getFirst();
  }

  private static Job claimOne(RocksStore store) {
    return TestStores.claim(store, 1).getFirst();
  }

  private static void settle(RocksStore store, Job job, Outcome outcome) {
    Change.Swap swap =
        new Change.Swap(
            job.id(),
            job.state().version(),
            job.settled(
                outcome, QueueSettings.STANDARD, store.clock().now(), new SplittableRandom(1)));
    assertThat(store.commit(Commit.synced(swap))).isInstanceOf(Committed.Done.class);
  }

  private static List<Long> sessionOrder(RocksStore store) {
    List<Long> numbers = new ArrayList<>();
    var held = Objects.requireNonNull(store.hold(QUEUE, "line", "me", 30_000));
    for (int i = 0; i < 3; i++) {
      Job next =
          store
              .claim(new Claim(QUEUE, "me", 30_000, true, 1, ReceiveOptions.Types.ALL, held))
              .getFirst();
      numbers.add(TestStores.numberOf(next.id()));
      settle(store, next, Outcome.done());
    }
    return numbers;
  }

  private static List<Job> all(RocksStore store) {
    return store.list(Jobs.JobQuery.ALL.bodies(true), null, 500).jobs();
  }

  private static long processingFence(List<Job> jobs) {
    return jobs.stream()
        .filter(job -> job.status() instanceof Status.Processing)
        .mapToLong(job -> job.lease().fence())
        .max()
        .orElseThrow();
  }
}
