package dev.afterbay.rocksdb;

import static dev.afterbay.rocksdb.TestStores.QUEUE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.Status;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A closed store with jobs in every state, in tables and in the log, and what should be in it.
 *
 * @param jobs what is there
 * @param gone numbers of jobs that are not there any more
 */
record Lived(Path directory, int number, Map<Long, Status.Kind> jobs, Set<Long> gone) {

  private static final int STAGES = 5;
  private static final int MESSAGES_PER_STAGE = 150;
  private static final long FILE_SYSTEM_BYTES = 64L << 20;
  private static final QueueSettings KEPT =
      QueueSettings.STANDARD
          .retention(new QueueSettings.Retention(Duration.ofDays(1), Duration.ofDays(1)))
          .dedupWindow(Duration.ofHours(1));

  /**
   * @param number 0: all is in the log; 1: nearly all is in tables; 2: both
   */
  static Lived made(Path directory, int number, SplittableRandom random) throws IOException {
    return made(directory, number, STAGES, random);
  }

  /**
   * As {@link #made(Path, int, SplittableRandom)}.
   *
   * @param stages how often it was open, and tables were made
   */
  static Lived made(Path directory, int number, int stages, SplittableRandom random)
      throws IOException {
    Lived lived = new Lived(directory, number, new HashMap<>(), new HashSet<>());
    for (int stage = 0; stage < stages; stage++) {
      try (RocksStore store = lived.open()) {
        if (stage == 0) {
          Setting setting = new Setting(Setting.QUEUE, QUEUE, 1, SettingCodec.of(KEPT));
          store.commit(Commit.synced(new Change.Put(setting)));
        }
        lived.live(store, stage, random);
        store.stats(QUEUE);
      }
      if (number == 1 || (number == 2 && stage % 2 == 0)) {
        DataFiles.flush(directory);
      }
    }
    try (RocksStore store = lived.open()) {
      lived.checkAll(store, "made");
    }
    Files.write(directory.resolve(DiskSpace.RESERVE), new byte[1_000]);
    return lived;
  }

  private RocksStore open() {
    return RocksStore.open(
        directory,
        TestStores.SETTINGS,
        real -> {
          FaultyDevice device = new FaultyDevice(real);
          device.totalBytes = FILE_SYSTEM_BYTES;
          return device;
        });
  }

  private void live(RocksStore store, int stage, SplittableRandom random) {
    for (int i = 0; i < MESSAGES_PER_STAGE; i++) {
      long n = (long) stage * MESSAGES_PER_STAGE + i;
      store.commit(Commit.synced(append(store, n, random)));
      jobs.put(n, Status.Kind.PENDING);
    }
    for (int round = 0; round < 10; round++) {
      for (Job job : TestStores.claim(store, 8)) {
        long n = TestStores.numberOf(job.id());
        switch (random.nextInt(5)) {
          case 0 -> settle(store, job, Outcome.done(), Status.Kind.DONE);
          case 1 -> settle(store, job, Outcome.fail("bad"), Status.Kind.FAILED);
          case 2 -> settle(store, job, Outcome.retry("again"), Status.Kind.PENDING);
          case 3 -> {
            settle(store, job, Outcome.done(), Status.Kind.DONE);
            Job ended = store.find(List.of(job.id()), false).getFirst();
            Change.Swap delete =
                new Change.Swap(
                    job.id(), ended.state().version(), ended.deleted(store.clock().now()));
            store.commit(Commit.written(delete));
            jobs.remove(n);
            gone.add(n);
          }
          default -> jobs.put(n, Status.Kind.PROCESSING);
        }
      }
    }
  }

  private void settle(RocksStore store, Job job, Outcome outcome, Status.Kind kind) {
    Change.Swap swap =
        new Change.Swap(
            job.id(),
            job.state().version(),
            job.settled(outcome, KEPT, store.clock().now(), new SplittableRandom(1)));
    store.commit(Commit.written(swap));
    jobs.put(TestStores.numberOf(job.id()), kind);
  }

  private static Change.Append append(RocksStore store, long number, SplittableRandom random) {
    Message message = TestStores.append(store, number).job().message();
    Change.Unique unique = null;
    switch (random.nextInt(6)) {
      case 0 -> message = message.session("session" + random.nextInt(8));
      case 1 -> message = message.delay(Duration.ofHours(1 + random.nextInt(5)));
      case 2 -> message = message.timeToLive(Duration.ofDays(1 + random.nextInt(5)));
      case 3 -> {
        unique =
            new Change.Unique("key" + number, store.clock().now().wall().plus(Duration.ofHours(1)));
      }
      case 4 -> message = message.priority(random.nextInt(10));
      default -> {}
    }
    Job job = Job.created(TestStores.id(number), QUEUE, message, KEPT, store.clock().now());
    return new Change.Append(job, unique);
  }

  /** Everything is there, and can be listed and claimed, with its right bytes. */
  void checkAll(RocksStore store, String about) {
    for (Map.Entry<Long, Status.Kind> each : jobs.entrySet()) {
      List<Job> found = store.find(List.of(TestStores.id(each.getKey())), true);
      assertThat(found).as(about + ": " + each).hasSize(1);
      check(found.getFirst(), about);
      assertThat(found.getFirst().status().kind()).as(about).isEqualTo(each.getValue());
    }
    for (long n : gone) {
      assertThat(store.find(List.of(TestStores.id(n)), true)).as(about + ": gone " + n).isEmpty();
    }
    assertThat(list(store, null, about)).as(about).isEqualTo(jobs.keySet());
    for (Status.Kind kind : List.of(Status.Kind.DONE, Status.Kind.FAILED, Status.Kind.PROCESSING)) {
      long expected = jobs.values().stream().filter(kind::equals).count();
      assertThat(list(store, kind, about)).as(about + ": " + kind).hasSize((int) expected);
    }
    for (Job job : store.peek(QUEUE, 500)) {
      check(job, about);
    }
  }

  /** What is there is right; answers how many are missing. */
  int checkSome(RocksStore store, boolean exactly, String about) {
    Set<Long> found = list(store, null, about);
    for (long n : found) {
      boolean known = jobs.containsKey(n) || (!exactly && gone.contains(n));
      assertThat(known).as(about + ": invented " + n).isTrue();
    }
    long pending = store.stats(QUEUE).pending();
    int claimed = 0;
    for (List<Job> some = TestStores.claim(store, 100);
        !some.isEmpty();
        some = TestStores.claim(store, 100)) {
      List<Commit> commits = new ArrayList<>();
      for (Job job : some) {
        check(job, about);
        commits.add(Commit.written(TestStores.done(store, job)));
      }
      claimed += some.size();
      store.commit(commits);
    }
    // Of a session the next may be delayed, and those behind it wait.
    assertThat(store.stats(QUEUE).pending()).as(about + ": stuck").isLessThan(200);
    assertThat(claimed + 300L).as(about).isGreaterThanOrEqualTo(pending);
    Set<Long> lost = new HashSet<>(jobs.keySet());
    lost.removeAll(found);
    return lost.size();
  }

  private static Set<Long> list(RocksStore store, Status.@Nullable Kind kind, String about) {
    Set<Long> found = new HashSet<>();
    String cursor = null;
    do {
      Jobs.JobPage page =
          store.list(
              Jobs.JobQuery.ALL.queue(kind == null ? null : QUEUE).status(kind).bodies(true),
              cursor,
              500);
      for (Job job : page.jobs()) {
        check(job, about);
        found.add(TestStores.numberOf(job.id()));
      }
      cursor = page.next();
    } while (cursor != null);
    return found;
  }

  private static void check(Job job, String about) {
    assertThat(job.message().body())
        .as(about + ": the body of " + job.id())
        .isEqualTo(TestStores.body(TestStores.numberOf(job.id())));
  }
}
