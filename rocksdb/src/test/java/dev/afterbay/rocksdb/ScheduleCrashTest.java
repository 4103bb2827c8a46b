package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Jobs;
import dev.afterbay.store.Setting;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A process that is killed at any moment leaves each due time with one job. */
class ScheduleCrashTest {

  private static final int CYCLES = 8;
  private static final int WORKING_MILLIS_MAX = 700;

  @TempDir Path directory;

  @Test
  @Timeout(120)
  void aKillAtAnyMomentNeitherSkipsNorDoublesAFiring() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      Process process = ScheduleCrashChild.start(directory.resolve("data"));
      assertThat(process.inputReader().readLine()).isEqualTo("ready");
      boolean ended = process.waitFor(random.nextInt(WORKING_MILLIS_MAX), TimeUnit.MILLISECONDS);
      process.destroyForcibly().waitFor();
      assertThat(ended).as("ended by itself").isFalse();
    }
    int fired = 0;
    try (RocksStore store = RocksStore.open(directory.resolve("data"), TestStores.SETTINGS)) {
      for (int i = 0; i < ScheduleCrashChild.INTERVALS; i++) {
        fired += requireAll(store, "i" + i, 100, "seed " + seed);
      }
      fired += requireAll(store, "c", 1_000, "seed " + seed);
    }
    assertThat(fired).isGreaterThan(100);
  }

  /** From the first due time to the next one each has a job. */
  private static int requireAll(RocksStore store, String name, long period, String about) {
    List<Instant> dues = dues(store, name);
    Optional<Setting> stored = store.setting("schedule", name);
    String next = stored.orElseThrow().values().get("next");
    List<Instant> expected = new ArrayList<>();
    Instant end = Instant.ofEpochMilli(Long.parseLong(Objects.requireNonNull(next)));
    for (Instant due = dues.getFirst(); due.isBefore(end); due = due.plusMillis(period)) {
      expected.add(due);
    }
    assertThat(dues).as(name + ", " + about).isEqualTo(expected);
    return dues.size();
  }

  private static List<Instant> dues(RocksStore store, String queue) {
    List<Instant> dues = new ArrayList<>();
    @Nullable String cursor = null;
    do {
      Jobs.JobPage page = store.list(Jobs.JobQuery.ofQueue(queue), cursor, 500);
      page.jobs()
          .forEach(job -> dues.add(Objects.requireNonNull(job.message().options().notBefore())));
      cursor = page.next();
    } while (cursor != null);
    return dues.stream().sorted().toList();
  }
}
