package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.QueueSettings;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/** When a write or a sync fails, and when callers are interrupted. */
@Timeout(60)
class StoreFailureTest {

  @TempDir Path directory;

  private FaultyDevice device;
  private RocksStore store;

  @BeforeEach
  void open() {
    open(1L << 40);
  }

  private void open(long fileSystemBytes) {
    store =
        RocksStore.open(
            directory,
            TestStores.SETTINGS,
            real -> {
              device = new FaultyDevice(real);
              device.totalBytes = fileSystemBytes;
              return device;
            });
  }

  @AfterEach
  void close() {
    device.gate.countDown();
    store.close();
  }

  @Test
  void aFailedSyncIsNeverTriedAgainAndStopsTheStore() {
    TestStores.send(store, 1);
    device.failSyncs = true;
    int before = device.syncs.get();

    assertThatThrownBy(() -> TestStores.send(store, 2))
        .isInstanceOf(BrokerException.OutcomeUnknown.class)
        .hasMessageContaining("injected: sync");
    device.failSyncs = false;

    assertThatThrownBy(() -> TestStores.send(store, 3))
        .isInstanceOf(BrokerException.Unavailable.class);
    assertRefusesEverything();
    assertThat(store.failure()).contains("injected: sync");
    store.close();
    assertThat(device.syncs.get()).isEqualTo(before + 1);
  }

  @Test
  void whatWasAcknowledgedBeforeAFailureIsThereAfterReopening() {
    TestStores.send(store, 1);
    device.failSyncs = true;
    assertThatThrownBy(() -> TestStores.send(store, 2))
        .isInstanceOf(BrokerException.OutcomeUnknown.class);
    store.close();

    open();

    assertThat(store.failure()).isNull();
    assertThat(store.find(List.of(TestStores.id(1)), true)).hasSize(1);
    TestStores.send(store, 2);
    assertThat(TestStores.claim(store, 10)).hasSize(2);
  }

  @Test
  void aFailedWriteStopsTheStore() {
    device.failWrites = true;

    assertThatThrownBy(() -> TestStores.send(store, 1))
        .isInstanceOf(BrokerException.OutcomeUnknown.class)
        .hasMessageContaining("injected: write");
    device.failWrites = false;

    assertRefusesEverything();
    assertThat(store.failure()).isEqualTo("the journal cannot be written: injected: write");
  }

  @Test
  void aCallThatWouldMakeABatchWithoutMeasureIsRefusedAndNothingElse() {
    Message large = Message.of(new byte[64 << 20]);
    List<Commit> commits = new ArrayList<>();
    for (int n = 0; n < 5; n++) {
      Job job =
          Job.created(TestStores.id(n), "q", large, QueueSettings.STANDARD, store.clock().now());
      commits.add(Commit.synced(new Change.Append(job, null)));
    }
    assertThatThrownBy(() -> store.commit(commits))
        .isInstanceOf(BrokerException.Rejected.class)
        .hasMessageContaining("commit fewer at a time");
    TestStores.send(store, 1);
    assertThat(store.failure()).isNull();
  }

  @Test
  void thoseWhoWaitAreLimitedByWhatTheyBring() throws Exception {
    device.gate = new CountDownLatch(1);
    Message large = Message.of(new byte[8 << 20]);
    Callable<Throwable> send =
        () ->
            catchThrowable(() -> {
              JobId id = TestStores.id(ThreadLocalRandom.current().nextLong(1L << 40));
              Job job = Job.created(id, "q", large, QueueSettings.STANDARD, store.clock().now());
              store.commit(Commit.synced(new Change.Append(job, null)));
            });
    List<Future<Throwable>> all = new ArrayList<>();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int n = 0; n < 40; n++) {
        all.add(callers.submit(send));
      }
      Waiting.until("one is refused", () -> all.stream().anyMatch(Future::isDone));
      device.gate.countDown();
    }
    List<Throwable> told = new ArrayList<>();
    for (Future<Throwable> each : all) {
      told.add(each.get());
    }
    assertThat(told).contains((Throwable) null);
    assertThat(told)
        .filteredOn(Objects::nonNull)
        .isNotEmpty()
        .allMatch(BrokerException.Unavailable.class::isInstance)
        .allMatch(e -> String.valueOf(e.getMessage()).contains("wait for the store"));
  }

  /** What is thrown when the heap is over: whatever is made of it throws the same again. */
  private static final class NoMemory extends OutOfMemoryError {
    private static final long serialVersionUID = 1L;

    @Override
    public String getMessage() {
      throw new OutOfMemoryError("injected: there is no memory for the handler either");
    }

    @Override
    public String toString() {
      return getMessage();
    }
  }

  @Test
  void everybodyIsToldWhenTheHeapIsOverInAWrite() throws Exception {
    device.gate = new CountDownLatch(1);
    device.error = new NoMemory();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Throwable>> all = new ArrayList<>();
      for (int n = 0; n < 10; n++) {
        int number = n;
        Callable<Throwable> send = () -> catchThrowable(() -> TestStores.send(store, number));
        all.add(callers.submit(send));
      }
      Waiting.untilParked("afterbay-ledger", "FaultyDevice.write");
      device.gate.countDown();
      for (Future<Throwable> told : all) {
        assertThat(told.get(20, TimeUnit.SECONDS)).isInstanceOf(BrokerException.class);
      }
    }
    assertThat(store.failure()).contains("memory");
  }

  @Test
  void everybodyIsToldWhenTheHeapIsOverInASync() throws Exception {
    device.syncError = new NoMemory();
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Throwable> send = () -> catchThrowable(() -> TestStores.send(store, 1));
      assertThat(callers.submit(send).get(20, TimeUnit.SECONDS))
          .isInstanceOf(BrokerException.class);
    }
    assertThat(store.failure()).contains("memory");
  }

  @Test
  void aStoreWhoseRocksDbStallsCanBeClosedAndLosesNothing() throws Exception {
    store.close();
    open(64L << 20); // so that its buffers are small
    TestStores.send(store, 0);
    store.list(Jobs.JobQuery.ALL, null, 1);
    RocksDB rocks = Objects.requireNonNull(device.last);
    rocks.pauseBackgroundWork();
    AtomicLong sent = new AtomicLong(1);
    CompletableFuture<Throwable> sending =
        CompletableFuture.supplyAsync(
            () -> catchThrowable(() -> sendUntilItFails(sent)),
            Executors.newVirtualThreadPerTaskExecutor());
    Waiting.untilParked("afterbay-apply", "Device");
    Waiting.until("the ledger waits for the tables", () -> isStopped(rocks));

    store.close();

    assertThat(sending.get()).isInstanceOf(BrokerException.class);
    open(64L << 20);
    assertThat(store.stats(QUEUE).depth()).isBetween(sent.get(), sent.get() + 1);
  }

  private void sendUntilItFails(AtomicLong sent) {
    while (true) {
      store.commit(Commit.written(TestStores.append(store, sent.get())));
      sent.incrementAndGet();
    }
  }

  private static boolean isStopped(RocksDB rocks) {
    try {
      return rocks.getLongProperty("rocksdb.is-write-stopped") == 1;
    } catch (RocksDBException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void aFailedWriteOfWhatNeedsNoSyncIsUnknownToo() {
    TestStores.send(store, 1);
    Job job = TestStores.claim(store, 1).getFirst();
    device.failWrites = true;

    assertThatThrownBy(() -> store.commit(Commit.written(TestStores.done(store, job))))
        .isInstanceOf(BrokerException.OutcomeUnknown.class);
  }

  @Test
  void whoWaitedBehindAFailedWriteCertainlyDidNothing() throws Exception {
    device.gate = new CountDownLatch(1);
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<?> first = callers.submit(() -> TestStores.send(store, 0));
      Waiting.untilParked("afterbay-ledger", "FaultyDevice.write");
      List<Future<Throwable>> behind = new ArrayList<>();
      for (int n = 1; n <= 50; n++) {
        int number = n;
        Callable<Throwable> send = () -> catchThrowable(() -> TestStores.send(store, number));
        behind.add(callers.submit(send));
      }
      assertThat(first.isDone()).isFalse();
      device.failWrites = true;
      device.gate.countDown();

      assertThat(catchThrowable(first::get))
          .hasCauseInstanceOf(BrokerException.OutcomeUnknown.class);
      for (Future<Throwable> one : behind) {
        assertThat(one.get()).isInstanceOf(BrokerException.Unavailable.class);
      }
    }
    store.close();
    open();
    assertThat(store.stats(QUEUE).depth()).isZero();
  }

  @Test
  void aFlushThatFailsStopsTheStore() throws Exception {
    store.close();
    open(1 << 20);
    TestStores.send(store, 0);
    Files.move(directory.resolve("db"), directory.resolve("gone"));

    assertThatThrownBy(
            () -> {
              for (int n = 1; n < 100_000; n++) {
                TestStores.send(store, n);
              }
            })
        .isInstanceOf(BrokerException.class);

    assertThat(store.failure()).contains("No such file");
    store.close();
    Files.move(directory.resolve("gone"), directory.resolve("db"));
    open();
    assertThat(store.find(List.of(TestStores.id(0)), true)).hasSize(1);
  }

  @Test
  void aFlushThatFailsStopsTheStoreAlsoIfNothingIsWrittenAnyMore() throws Exception {
    store.close();
    open(1 << 20);
    Files.move(directory.resolve("db"), directory.resolve("gone"));
    List<Change> moreThanABuffer = new ArrayList<>();
    for (int n = 0; n < 600; n++) {
      moreThanABuffer.add(TestStores.append(store, n));
    }
    store.commit(Commit.synced(moreThanABuffer));
    TestStores.send(store, 1_000);

    Waiting.until("the failed flush is found", () -> store.failure() != null);
    assertThat(store.failure()).contains("a flush of RocksDB failed").contains("No such file");
  }

  @Test
  void anInterruptedCallerGetsItsJobsAndKeepsItsInterrupt() throws Exception {
    TestStores.send(store, 1);
    device.gate = new CountDownLatch(1);
    List<Job> jobs = new ArrayList<>();
    boolean[] interrupted = {false};
    Thread caller =
        Thread.startVirtualThread(() -> {
          jobs.addAll(TestStores.claim(store, 1));
          interrupted[0] = Thread.currentThread().isInterrupted();
        });
    Waiting.untilParked("afterbay-ledger", "FaultyDevice.write");

    caller.interrupt();
    device.gate.countDown();
    caller.join();

    assertThat(jobs).hasSize(1);
    assertThat(interrupted[0]).isTrue();
    assertThat(store.stats(QUEUE).processing()).isEqualTo(1);
  }

  @Test
  void aClosedStoreRefusesEverythingAndCanBeClosedAgain() {
    store.close();
    store.close();

    assertRefusesEverything();
  }

  @Test
  void whatWaitsWhenTheStoreIsClosedIsDone() throws Exception {
    try (ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Boolean>> sends = new ArrayList<>();
      for (int n = 0; n < 500; n++) {
        int number = n;
        sends.add(
            callers.submit(() -> {
              try {
                TestStores.send(store, number);
                return true;
              } catch (BrokerException.Unavailable _) {
                return false;
              }
            }));
      }
      store.close();
      open();
      for (int n = 0; n < 500; n++) {
        boolean there = !store.find(List.of(TestStores.id(n)), false).isEmpty();
        assertThat(there).as("message " + n).isEqualTo(sends.get(n).get());
      }
    }
  }

  private void assertRefusesEverything() {
    assertThatThrownBy(() -> store.stats(QUEUE)).isInstanceOf(BrokerException.Unavailable.class);
    assertThatThrownBy(() -> TestStores.claim(store, 1))
        .isInstanceOf(BrokerException.Unavailable.class);
    assertThatThrownBy(() -> store.hold(QUEUE, "s", "me", 1_000))
        .isInstanceOf(BrokerException.Unavailable.class);
    assertThatThrownBy(() -> store.list(Jobs.JobQuery.ALL, null, 1))
        .isInstanceOf(BrokerException.Unavailable.class);
  }
}
