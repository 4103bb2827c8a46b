package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.contract.TestClock;
import dev.afterbay.store.Commit;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was answered goes to the tables later, and nobody sees that. */
@Timeout(60)
class ApplierTest {

  /** In bytes, about: a message has 1.5 KiB. */
  private static final int GATHERED_MAX = 1 << 20;

  private static final int MORE_THAN_GATHERS = GATHERED_MAX / 1_024;

  @TempDir Path directory;

  private final ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor();
  private FaultyDevice device;
  private RocksStore store;

  @BeforeEach
  void open() {
    store =
        RocksStore.open(
            directory,
            TestStores.SETTINGS.clock(new TestClock()), // else keys are looked for each second
            real -> {
              device = new FaultyDevice(real);
              return device;
            });
  }

  @AfterEach
  void close() {
    device.applyGate.countDown();
    store.close();
    callers.close();
  }

  @Test
  void whatIsSyncedIsAnsweredBeforeItIsInTheTablesAndAListingWaitsForThose() throws Exception {
    send(0, 10); // then the ledger has read what it does once, and reads no more
    device.applyGate = new CountDownLatch(1);
    send(10, 11);
    Future<Jobs.JobPage> listed = callers.submit(() -> store.list(Jobs.JobQuery.ALL, null, 100));
    Waiting.untilParked("afterbay-read", "Applier.snapshot");

    assertThat(listed.isDone()).isFalse();
    device.applyGate.countDown();

    assertThat(listed.get().jobs()).hasSize(11);
  }

  @Test
  void aListingIsGivenUpWhenTheStoreIsClosedAndNothingIsClosedUnderIt() throws Exception {
    send(0, 10);
    device.applyGate = new CountDownLatch(1);
    send(10, 11);
    Future<Jobs.JobPage> listed = callers.submit(() -> store.list(Jobs.JobQuery.ALL, null, 100));
    Waiting.untilParked("afterbay-read", "Applier.snapshot");
    Future<?> closed = callers.submit(store::close);
    Waiting.untilParked("afterbay-close", "Reader.end");

    device.applyGate.countDown();

    assertThatThrownBy(listed::get)
        .cause()
        .isInstanceOf(BrokerException.Unavailable.class)
        .hasMessageContaining("being closed");
    closed.get();
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
  void whatIsMuchGoesToTheTablesAlsoIfNobodyReadsAndNobodyWaitsForThat() {
    send(0, 10);
    int before = device.applied.get();
    device.applyGate = new CountDownLatch(1);
    send(10, MORE_THAN_GATHERS);
    Waiting.untilParked("afterbay-apply", "FaultyDevice.apply");
    assertThat(device.applied.get()).isEqualTo(before);

    device.applyGate.countDown();

    Waiting.until("it is applied", () -> device.applied.get() > before + GATHERED_MAX);
  }

  @Test
  void whoSendsMoreThanTheTablesTakeWaits() throws Exception {
    send(0, 10);
    device.applyGate = new CountDownLatch(1);
    Future<?> sent = callers.submit(() -> send(10, 4 * MORE_THAN_GATHERS));
    Waiting.untilParked("afterbay-ledger", "Applier.add");
    assertThat(sent.isDone()).isFalse();

    device.applyGate.countDown();

    sent.get();
    assertThat(store.stats(QUEUE).depth()).isEqualTo(4 * MORE_THAN_GATHERS);
  }

  @Test
  void whatTheTablesDoNotTakeStopsTheStoreAlsoIfNobodyReads() {
    send(0, 10);
    device.failApplies = true;

    assertThatThrownBy(() -> send(10, 100_000))
        .isInstanceOfAny(BrokerException.Unavailable.class, BrokerException.OutcomeUnknown.class);

    assertThat(store.failure()).contains("injected: apply");
  }

  @Test
  void whereMostWouldStayItGoesToTheTablesAtOnce() {
    send(0, 2 * MORE_THAN_GATHERS);
    store.list(Jobs.JobQuery.ALL, null, 1);
    int before = device.applied.get();

    send(100_000, 100_001);

    Waiting.until("one more is in the tables", () -> device.applied.get() > before + 1_024);
  }

  @Test
  void ofMessagesThatCameAndWentNothingIsPutIntoTheTables() {
    store.list(Jobs.JobQuery.ALL, null, 10);
    int before = device.applied.get();
    int messages = 2 * MORE_THAN_GATHERS;
    for (int n = 0; n < messages; n++) {
      TestStores.send(store, n);
      Job job = TestStores.claim(store, 1).getFirst();
      store.commit(Commit.written(TestStores.done(store, job)));
    }

    assertThat(store.list(Jobs.JobQuery.ALL, null, 10).jobs()).isEmpty();

    assertThat(device.applied.get() - before).as("bytes").isBetween(1, messages * 1_024 / 4);
  }

  private void send(int from, int to) {
    for (int n = from; n < to; n++) {
      TestStores.send(store, n);
    }
  }
}
