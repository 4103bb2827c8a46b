package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static dev.afterbay.rocksdb.TestStores.SETTINGS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Backups while many send and settle. Each sender sends one after the other, and one thread
 * settles, so what a moment may look like is known exactly: of each a beginning, with all that was
 * confirmed before the backup was asked for, and nothing that began after something that it lacks
 * was confirmed.
 */
@Timeout(300)
class BackupUnderLoadTest {

  private static final int BACKUPS = Integer.getInteger("afterbay.backups", 4);
  private static final int SENDERS = 8;
  private static final int BATCH = 16;

  /** So little that buffers are small, and files of the journal are soon written over. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  private static final QueueSettings KEPT =
      QueueSettings.STANDARD.retention(
          new QueueSettings.Retention(Duration.ofDays(1), Duration.ofDays(1)));

  @TempDir Path directory;

  private final long seed = Long.getLong("afterbay.seed", System.nanoTime());
  private final SplittableRandom random = new SplittableRandom(seed);

  /** How many each sender has sent, by what it was told. */
  private final AtomicIntegerArray confirmed = new AtomicIntegerArray(SENDERS);

  private final List<Settled> settled = new ArrayList<>();
  private int settledConfirmed;
  private volatile boolean stop;

  /** While a backup is looked at, which would grow with the speed of the machine otherwise. */
  private volatile boolean resting;

  /**
   * One call that settled.
   *
   * @param before how many each sender had sent when it began
   */
  private record Settled(List<Long> numbers, int[] before) {}

  /**
   * What was confirmed at a time.
   *
   * @param settled how many calls
   */
  private record Known(int[] sent, int settled) {}

  @Test
  void eachBackupIsOfOneMoment() throws Exception {
    List<Thread> threads = new ArrayList<>();
    try (RocksStore store = open()) {
      Setting setting = new Setting(Setting.QUEUE, QUEUE, 1, SettingCodec.of(KEPT));
      store.commit(Commit.synced(new Change.Put(setting)));
      for (int i = 0; i < SENDERS; i++) {
        int sender = i;
        threads.add(Thread.startVirtualThread(() -> send(store, sender)));
      }
      SplittableRandom other = random.split();
      threads.add(Thread.startVirtualThread(() -> settle(store, other)));
      try {
        for (int i = 0; i < BACKUPS; i++) {
          int more = random.nextInt(2_000);
          await(more);
          backUpAndCheck(store, i);
        }
      } finally {
        stop = true;
        for (Thread thread : threads) {
          thread.join();
        }
      }
    }
    assertThat(settledConfirmed).as("seed " + seed).isGreaterThan(BACKUPS);
  }

  private RocksStore open() {
    return RocksStore.open(
        directory.resolve("data"),
        SETTINGS,
        real -> {
          FaultyDevice device = new FaultyDevice(real);
          device.totalBytes = FILE_SYSTEM_BYTES;
          return device;
        });
  }

  private void send(RocksStore store, int sender) {
    for (int n = 0; !stop; n++) {
      rest();
      TestStores.send(store, number(sender, n));
      confirmed.set(sender, n + 1);
    }
  }

  private void rest() {
    while (resting && !stop) {
      LockSupport.parkNanos(1_000_000);
    }
  }

  private static long number(int sender, int n) {
    return (long) n * SENDERS + sender;
  }

  private void settle(RocksStore store, SplittableRandom random) {
    while (!stop) {
      rest();
      List<Commit> commits = new ArrayList<>();
      List<Long> numbers = new ArrayList<>();
      for (Job job : TestStores.claim(store, 1 + random.nextInt(BATCH))) {
        if (random.nextInt(3) > 0) {
          commits.add(
              Commit.written(
                  new Change.Swap(
                      job.id(),
                      job.state().version(),
                      job.settled(
                          Outcome.done(), KEPT, store.clock().now(), new SplittableRandom(1)))));
          numbers.add(TestStores.numberOf(job.id()));
        }
      }
      if (!commits.isEmpty()) {
        synchronized (settled) {
          settled.add(new Settled(numbers, sent()));
        }
        store.commit(commits);
        synchronized (settled) {
          settledConfirmed++;
        }
      }
    }
  }

  private int[] sent() {
    int[] sent = new int[SENDERS];
    for (int i = 0; i < SENDERS; i++) {
      sent[i] = confirmed.get(i);
    }
    return sent;
  }

  private Known known() {
    synchronized (settled) {
      return new Known(sent(), settledConfirmed);
    }
  }

  private int total() {
    int total = 0;
    for (int sent : sent()) {
      total += sent;
    }
    return total;
  }

  private void await(int more) {
    int enough = total() + more;
    Waiting.until("more is sent", () -> total() >= enough);
  }

  private void backUpAndCheck(RocksStore store, int number) throws Exception {
    String about = "seed " + seed + ", backup " + number;
    Path file = directory.resolve("backup" + number);
    Known before = known();
    try (OutputStream out = Files.newOutputStream(file)) {
      store.backup(new Slow(out, random.nextInt(6)));
    }
    resting = true;
    Path to = directory.resolve("to" + number);
    Restoration.Restored restored = Restoration.restore(file, to);
    assertThat(restored.report().isSound()).as(about + restored.report()).isTrue();
    check(to, before, about);
    DataFiles.delete(to);
    Files.delete(file);
    resting = false;
  }

  private void check(Path restored, Known before, String about) {
    TreeSet<Long> all = new TreeSet<>();
    Set<Long> done = new HashSet<>();
    Set<Long> sequence = new HashSet<>();
    try (RocksStore store = RocksStore.open(restored, SETTINGS)) {
      String cursor = null;
      do {
        Jobs.JobPage page = store.list(Jobs.JobQuery.ALL.bodies(true), cursor, 500);
        for (Job job : page.jobs()) {
          long n = TestStores.numberOf(job.id());
          assertThat(job.message().body()).as(about).isEqualTo(TestStores.body(n));
          all.add(n);
          sequence.add(job.seq());
          if (job.status().kind() == Status.Kind.DONE) {
            done.add(n);
          }
        }
        cursor = page.next();
      } while (cursor != null);
    }
    int[] there = new int[SENDERS];
    for (long n : all) {
      int sender = (int) (n % SENDERS);
      assertThat(n).as(about + ": a gap").isEqualTo(number(sender, there[sender]));
      there[sender]++;
    }
    for (int i = 0; i < SENDERS; i++) {
      assertThat(there[i]).as(about + ": of sender " + i).isGreaterThanOrEqualTo(before.sent[i]);
    }
    for (long seq = 1; seq <= all.size(); seq++) {
      assertThat(sequence.contains(seq)).as(about + ": sequence " + seq).isTrue();
    }
    checkDone(done, there, before, about);
  }

  /** What is done is what the first calls settled, and what each of them could see is there. */
  private void checkDone(Set<Long> done, int[] there, Known before, String about) {
    List<Settled> calls;
    synchronized (settled) {
      calls = List.copyOf(settled);
    }
    Set<Long> expected = new HashSet<>();
    int count = 0;
    while (expected.size() < done.size()) {
      Settled call = calls.get(count++);
      expected.addAll(call.numbers);
      for (int i = 0; i < SENDERS; i++) {
        assertThat(there[i])
            .as(about + ": before call " + count)
            .isGreaterThanOrEqualTo(call.before[i]);
      }
    }
    assertThat(done).as(about + ": done").isEqualTo(expected);
    assertThat(count).as(about + ": calls").isGreaterThanOrEqualTo(before.settled);
  }

  /** Takes bytes only after others have sent some more, now and then. */
  private final class Slow extends OutputStream {
    private final OutputStream out;
    private int pauses;

    Slow(OutputStream out, int pauses) {
      this.out = out;
      this.pauses = pauses;
    }

    @Override
    public void write(int one) throws IOException {
      out.write(one);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (pauses-- > 0) {
        await(1_000);
      }
      out.write(bytes, from, length);
    }
  }
}
