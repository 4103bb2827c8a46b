package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Status;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A process that is killed at any moment loses nothing that it acknowledged, and invents nothing.
 */
class CrashTest {

  private static final int CYCLES = 15;
  private static final int MESSAGES_PER_CYCLE = 3_000;
  private static final int STARTING_MILLIS_MAX = 1_000;
  private static final int WORKING_MILLIS_MAX = 300;
  private static final int PATIENCE_SECONDS = 60;

  @TempDir Path directory;

  private final BitSet sent = new BitSet();
  private final BitSet done = new BitSet();

  @Test
  @Timeout(180)
  void whatWasAcknowledgedSurvivesKills() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    int unacknowledged = 0;
    for (int cycle = 0; cycle < CYCLES; cycle++) {
      String about = "seed " + seed + ", cycle " + cycle;
      int first = cycle * MESSAGES_PER_CYCLE;
      if (random.nextInt(3) == 0) {
        killed(first, false, random.nextInt(STARTING_MILLIS_MAX), about);
      } else {
        killed(first, true, random.nextInt(WORKING_MILLIS_MAX), about);
      }
      unacknowledged += 2 * CrashChild.SENDERS;
      // Often the next process opens what the kill left, and not this one.
      if (random.nextInt(3) == 0 || cycle == CYCLES - 1) {
        check(unacknowledged, about);
      }
    }
    assertThat(sent.cardinality()).as("messages sent").isPositive();
    assertThat(done.cardinality()).as("messages settled").isPositive();
  }

  /** Kills a process so long after its start, or after it has sent its first message. */
  private void killed(int first, boolean working, int millis, String about)
      throws IOException, InterruptedException {
    Process process = CrashChild.start(directory.resolve("data"), first, MESSAGES_PER_CYCLE);
    CountDownLatch works = new CountDownLatch(working ? 1 : 0);
    Thread reader = Thread.ofPlatform().start(() -> acknowledged(process, works));
    boolean begun = works.await(PATIENCE_SECONDS, TimeUnit.SECONDS);
    boolean exited = process.waitFor(millis, TimeUnit.MILLISECONDS) || !begun;
    String error = exited ? new String(errorOf(process), StandardCharsets.UTF_8) : "";
    // Of the handle: that of the process would close the pipe, and what it acknowledged be lost.
    process.toHandle().destroyForcibly();
    process.waitFor();
    reader.join();
    assertThat(exited).as(about + ": ended by itself or stood still: " + error).isFalse();
  }

  private static byte[] errorOf(Process process) throws IOException {
    process.toHandle().destroyForcibly();
    return process.getErrorStream().readAllBytes();
  }

  private void acknowledged(Process process, CountDownLatch works) {
    try (BufferedReader lines = process.inputReader(StandardCharsets.US_ASCII)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        int number = Integer.parseInt(line.substring(1));
        works.countDown();
        (line.charAt(0) == 'S' ? sent : done).set(number);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void check(int unacknowledgedMax, String about) {
    BitSet found = new BitSet();
    try (RocksStore store = RocksStore.open(directory.resolve("data"), TestStores.SETTINGS)) {
      List<JobId> ids = new ArrayList<>();
      for (int n = 0; n < CYCLES * MESSAGES_PER_CYCLE; n++) {
        ids.add(TestStores.id(n));
        if (ids.size() == 1_000) {
          store.find(ids, true).forEach(job -> found.set(checked(job, about)));
          ids.clear();
        }
      }
      long processing = store.stats(TestStores.QUEUE).processing();
      long pending = store.stats(TestStores.QUEUE).pending();
      assertThat(processing + pending).as(about + ": counts").isEqualTo(found.cardinality());
    }
    for (int n = sent.nextSetBit(0); n >= 0; n = sent.nextSetBit(n + 1)) {
      boolean maySettled = n % 3 == 0;
      assertThat(found.get(n) || maySettled).as(about + ": " + n + " is lost").isTrue();
    }
    for (int n = done.nextSetBit(0); n >= 0; n = done.nextSetBit(n + 1)) {
      assertThat(found.get(n)).as(about + ": " + n + " was settled, and is there").isFalse();
    }
    found.andNot(sent);
    assertThat(found.cardinality())
        .as(about + ": messages that nobody acknowledged")
        .isLessThanOrEqualTo(unacknowledgedMax);
  }

  private static int checked(Job job, String about) {
    int number = (int) TestStores.numberOf(job.id());
    assertThat(job.message().body())
        .as(about + ": the body of " + number)
        .isEqualTo(TestStores.body(number));
    assertThat(job.status()).isInstanceOfAny(Status.Pending.class, Status.Processing.class);
    return number;
  }
}
