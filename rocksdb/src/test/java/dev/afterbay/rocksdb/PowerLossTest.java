package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.store.Commit;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A loss of power, played: of the journal only that is left which a sync had covered, and anything
 * of what was written since.
 */
@Timeout(120)
class PowerLossTest {

  private static final int LOSSES = Integer.getInteger("afterbay.losses", 12);
  private static final int OPENINGS = 3;
  private static final int PAGE_BYTES = 4 << 10;

  /** So little that buffers are small, and files of the journal are soon written over. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  private static final int SENDERS = 8;
  private static final int END = 1_000_000_000;
  private static final int UNSYNCED = 2_000_000;
  private static final int UNSYNCED_MAX = 100;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedAsSyncedSurvives() throws Exception {
    long seed = Long.getLong("afterbay.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    int recycled = 0;
    for (int loss = 0; loss < LOSSES; loss++) {
      if (lose(random, directory.resolve("data" + loss), "seed " + seed + ", loss " + loss)) {
        recycled++;
      }
    }
    assertThat(recycled).as("seed " + seed + ": logs written over").isPositive();
  }

  /** Answers whether there was a file in the log that had been another one before. */
  private boolean lose(SplittableRandom random, Path data, String about) throws Exception {
    FaultyDevice[] device = new FaultyDevice[1];
    RocksStore store =
        RocksStore.open(
            data,
            TestStores.SETTINGS,
            real -> {
              device[0] = new FaultyDevice(real, data.resolve(DataDirectory.JOURNAL));
              device[0].totalBytes = FILE_SYSTEM_BYTES;
              return device[0];
            });
    Path lost = data.resolveSibling(data.getFileName() + "-lost");
    BitSet acknowledged = new BitSet();
    AtomicInteger numbers = new AtomicInteger();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < SENDERS; i++) {
        senders.execute(() -> sendAll(store, numbers, acknowledged));
      }
      AtomicInteger unsynced = new AtomicInteger(UNSYNCED);
      senders.execute(() -> writeAll(store, numbers, unsynced));
      try {
        int enough = random.nextInt(1, 1_500);
        Waiting.until("some are sent", () -> size(acknowledged) >= enough);
        device[0].syncGate = new CountDownLatch(1);
        int more = unsynced.get() + random.nextInt(UNSYNCED_MAX);
        Waiting.until("some are not synced", () -> unsynced.get() >= more);
        device[0].gate = new CountDownLatch(1);
        BitSet promised = copyOf(acknowledged);
        copy(data, lost);
        // Read after the copy, as the mark in it may tell of a sync that has just ended.
        // Of the newest file: the others were synced when they were full.
        Path log = DataFiles.log(lost);
        long end = DataFiles.endOf(log);
        boolean recycled = end < Files.size(log);
        // A sync that began while the files were copied may be of more than the copy has.
        FaultyDevice.Written synced = Objects.requireNonNull(device[0].synced);
        boolean some = synced.file().equals(log.getFileName());
        tear(random, log, some ? Math.min(end, synced.end()) : 0);
        check(lost, promised, about);
        return recycled;
      } finally {
        numbers.set(END);
        device[0].gate.countDown();
        device[0].syncGate.countDown();
      }
    } finally {
      store.close();
    }
  }

  private static void sendAll(RocksStore store, AtomicInteger numbers, BitSet acknowledged) {
    for (int n = numbers.getAndIncrement(); n < END; n = numbers.getAndIncrement()) {
      TestStores.send(store, n);
      synchronized (acknowledged) {
        acknowledged.set(n);
      }
    }
  }

  /** Which need no sync, so that many groups are not synced when the power goes. */
  private static void writeAll(RocksStore store, AtomicInteger numbers, AtomicInteger unsynced) {
    while (numbers.get() < END) {
      store.commit(Commit.written(TestStores.append(store, unsynced.getAndIncrement())));
    }
  }

  private static int size(BitSet acknowledged) {
    synchronized (acknowledged) {
      return acknowledged.cardinality();
    }
  }

  private static BitSet copyOf(BitSet acknowledged) {
    synchronized (acknowledged) {
      return (BitSet) acknowledged.clone();
    }
  }

  /** Of what was written behind the synced bytes, anything may be there or not. */
  private static void tear(SplittableRandom random, Path log, long synced) throws IOException {
    long size = Files.size(log);
    switch (random.nextInt(3)) {
      case 0 -> DataFiles.cut(log, random.nextLong(synced, size + 1));
      case 1 -> zeros(log, random.nextLong(synced, size + 1), size);
      default -> {
        for (long page = synced - synced % PAGE_BYTES; page < size; page += PAGE_BYTES) {
          if (random.nextBoolean()) {
            zeros(log, Math.max(page, synced), Math.min(page + PAGE_BYTES, size));
          }
        }
      }
    }
  }

  private static void zeros(Path log, long from, long to) throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.allocate((int) (to - from)), from);
    }
  }

  /** More than once: what a loss left must not be taken for something else later. */
  private static void check(Path data, BitSet promised, String about) {
    for (int opening = 0; opening < OPENINGS; opening++) {
      try (RocksStore store = RocksStore.open(data, TestStores.SETTINGS)) {
        for (int n = promised.nextSetBit(0); n >= 0; n = promised.nextSetBit(n + 1)) {
          var found = store.find(List.of(TestStores.id(n)), true);
          assertThat(found).as(about + ", opening " + opening + ": message " + n).hasSize(1);
          assertThat(found.getFirst().message().body()).isEqualTo(TestStores.body(n));
        }
        int more = 1_000_000 + opening;
        TestStores.send(store, more);
        promised.set(more);
      }
    }
  }

  /**
   * The files as they are while somebody has them open, so as a kill would leave them; again, if
   * RocksDB did something in the background meanwhile.
   */
  static void copy(Path from, Path to) throws IOException {
    Map<String, Long> before;
    do {
      if (Files.exists(to)) {
        DataFiles.delete(to);
      }
      before = sizes(from);
      for (String name : before.keySet()) {
        Path copy = to.resolve(name);
        Files.createDirectories(copy.getParent());
        try {
          Files.copy(from.resolve(name), copy);
        } catch (NoSuchFileException _) {
          // Its size tells below.
        }
      }
    } while (!before.equals(sizes(from)));
  }

  private static Map<String, Long> sizes(Path folder) throws IOException {
    Map<String, Long> sizes = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      files
          .map(Path::toFile)
          .filter(File::isFile)
          .forEach(file -> sizes.put(folder.relativize(file.toPath()).toString(), file.length()));
    } catch (UncheckedIOException e) {
      return sizes(folder); // A file was deleted meanwhile.
    }
    return sizes;
  }
}
