package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** While one group is being written, the next one already goes through the ledger. */
@Timeout(60)
class WriterTest {

  /** Enough that the group is handed over to the writer. */
  private static final int MANY = 40;

  @TempDir Path directory;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private FaultyDevice device;
  private RocksStore store;

  @BeforeEach
  void open() {
    store =
        RocksStore.open(
            directory,
            TestStores.SETTINGS,
            real -> {
              device = new FaultyDevice(real);
              return device;
            });
  }

  @AfterEach
  void close() {
    device.gate.countDown();
    store.close();
    callers.close();
  }

  @Test
  void whatIsNotWrittenYetCanBeClaimedButIsNotHandedOut() throws Exception {
    Future<Committed> sent = sendMany();
    Future<List<Job>> claimed = callers.submit(() -> TestStores.claim(store, MANY));
    awaitThread("afterbay-ledger", "Writer.submit");

    assertThat(sent.isDone()).isFalse();
    assertThat(claimed.isDone()).isFalse();
    device.gate.countDown();

    assertThat(sent.get()).isInstanceOf(Committed.Done.class);
    assertThat(claimed.get()).hasSize(MANY);
  }

  @Test
  void aLookAtTheTablesWaitsForTheGroupBefore() throws Exception {
    Future<Committed> sent = sendMany();
    Future<List<Job>> seen = callers.submit(() -> store.peek(QUEUE, MANY));
    awaitThread("afterbay-ledger", "RocksTables.scan");

    assertThat(seen.isDone()).isFalse();
    device.gate.countDown();

    assertThat(sent.get()).isInstanceOf(Committed.Done.class);
    assertThat(seen.get()).hasSize(MANY);
  }

  @Test
  void nothingOfAGroupBehindAFailedOneHappens() throws Exception {
    Future<Committed> sent = sendMany();
    Future<List<Job>> claimed = callers.submit(() -> TestStores.claim(store, MANY));
    awaitThread("afterbay-ledger", "Writer.submit");
    Future<Long> depth = callers.submit(() -> store.stats(QUEUE).depth());
    device.failWrites = true;
    device.gate.countDown();

    assertThatThrownBy(sent::get).hasCauseInstanceOf(BrokerException.OutcomeUnknown.class);
    assertThatThrownBy(claimed::get).hasCauseInstanceOf(BrokerException.OutcomeUnknown.class);
    assertThatThrownBy(depth::get).hasCauseInstanceOf(BrokerException.Unavailable.class);
    assertThat(store.failure()).contains("injected: write");
    store.close();
    open();
    assertThat(store.stats(QUEUE).depth()).isZero();
  }

  @Test
  void aLookBehindAFailedGroupIsRefused() throws Exception {
    Future<Committed> sent = sendMany();
    Future<List<Job>> seen = callers.submit(() -> store.peek(QUEUE, MANY));
    awaitThread("afterbay-ledger", "RocksTables.scan");
    device.failWrites = true;
    device.gate.countDown();

    assertThatThrownBy(sent::get).hasCauseInstanceOf(BrokerException.OutcomeUnknown.class);
    assertThatThrownBy(seen::get).hasCauseInstanceOf(BrokerException.Unavailable.class);
  }

  @Test
  void whatIsSyncedIsAnsweredBeforeItIsInTheTablesAndAListingWaitsForThose() throws Exception {
    send(0, 10); // then the ledger has read what it does once, and reads no more
    device.applyGate = new CountDownLatch(1);
    send(10, 11);
    Future<Jobs.JobPage> listed = callers.submit(() -> store.list(Jobs.JobQuery.ALL, null, 100));
    awaitThread("afterbay-read", "Writer.snapshot");

    assertThat(listed.isDone()).isFalse();
    device.applyGate.countDown();

    assertThat(listed.get().jobs()).hasSize(11);
  }

  @Test
  void whatWasAnsweredAndCannotBePutIntoTheTablesIsThereAfterReopening() {
    send(0, 10);
    device.failApplies = true;
    send(10, 20);

    assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 10))
        .isInstanceOf(BrokerException.Unavailable.class);
    assertThat(store.failure()).contains("injected: apply");
    assertThatThrownBy(() -> store.stats(QUEUE)).isInstanceOf(BrokerException.Unavailable.class);
    store.close();
    open();
    assertThat(TestStores.claim(store, 100)).hasSize(20);
  }

  @Test
  void whatWaitsForTheTablesIsPutThereWhenItIsMuchAlsoIfNobodyReads() {
    send(0, 10);
    device.failApplies = true;

    assertThatThrownBy(() -> send(10, 5_000))
        .isInstanceOfAny(BrokerException.Unavailable.class, BrokerException.OutcomeUnknown.class);

    assertThat(store.failure()).contains("injected: apply");
  }

  @Test
  void whereMostWouldStayItGoesToTheTablesAtOnce() {
    send(0, 1_500);
    int first = device.applied.get();

    send(1_500, 1_501);

    Waiting.until("one more is in the tables", () -> device.applied.get() > first + 1_024);
  }

  @Test
  void ofMessagesThatCameAndWentNothingIsPutIntoTheTables() {
    store.list(Jobs.JobQuery.ALL, null, 10);
    int before = device.applied.get();
    for (int n = 0; n < MANY; n++) {
      TestStores.send(store, n);
      Job job = TestStores.claim(store, 1).getFirst();
      store.commit(Commit.written(TestStores.done(store, job)));
    }

    assertThat(store.list(Jobs.JobQuery.ALL, null, 10).jobs()).isEmpty();

    assertThat(device.applied.get() - before).as("bytes").isBetween(1, MANY * 1_024 / 4);
  }

  private void send(int from, int to) {
    for (int n = from; n < to; n++) {
      TestStores.send(store, n);
    }
  }

  /** Answers when the writer's thread is about to write them. */
  private Future<Committed> sendMany() {
    List<Change> appends = new ArrayList<>();
    for (int n = 0; n < MANY; n++) {
      appends.add(TestStores.append(store, n));
    }
    device.gate = new CountDownLatch(1);
    Future<Committed> sent = callers.submit(() -> store.commit(Commit.synced(appends)));
    awaitThread("afterbay-write", "FaultyDevice.write");
    return sent;
  }

  private static void awaitThread(String name, String method) {
    Waiting.until(name + " is in " + method, () -> isIn(name, method));
  }

  private static boolean isIn(String name, String method) {
    return Thread.getAllStackTraces().entrySet().stream()
        .filter(thread -> thread.getKey().getName().equals(name))
        .filter(thread -> thread.getKey().getState() == Thread.State.WAITING)
        .anyMatch(thread -> List.of(thread.getValue()).toString().contains(method));
  }
}
