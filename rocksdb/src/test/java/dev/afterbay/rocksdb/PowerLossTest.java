package dev.afterbay.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A loss of power, played: of the log only that is left which a sync had covered, and anything of
 * what was written since.
 */
@Timeout(120)
class PowerLossTest {

  private static final int LOSSES = 12;
  private static final int SENDERS = 8;
  private static final int END = 1_000_000_000;

  @TempDir Path directory;

  @Test
  void whatWasAcknowledgedAsSyncedSurvives() throws Exception {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int loss = 0; loss < LOSSES; loss++) {
      lose(random, directory.resolve("data" + loss), "seed " + seed + ", loss " + loss);
    }
  }

  private void lose(SplittableRandom random, Path data, String about) throws Exception {
    FaultyDevice[] device = new FaultyDevice[1];
    RocksStore store =
        RocksStore.open(
            data,
            TestStores.SETTINGS,
            real -> {
              device[0] = new FaultyDevice(real, data.resolve(DataDirectory.DATABASE));
              return device[0];
            });
    Path lost = data.resolveSibling(data.getFileName() + "-lost");
    BitSet acknowledged = new BitSet();
    AtomicInteger numbers = new AtomicInteger();
    try (ExecutorService senders = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < SENDERS; i++) {
        senders.execute(() -> sendAll(store, numbers, acknowledged));
      }
      try {
        int enough = random.nextInt(1, 1_500);
        Waiting.until("some are sent", () -> size(acknowledged) >= enough);
        device[0].gate = new CountDownLatch(1);
        BitSet promised = copyOf(acknowledged);
        copy(data, lost);
        // Read after the copy, as the mark in it may tell of a sync that has just ended.
        tear(random, DataFiles.log(lost), device[0].syncedBytes);
        check(lost, promised, about);
      } finally {
        numbers.set(END);
        device[0].gate.countDown();
      }
    }
    store.close();
  }

  private static void sendAll(RocksStore store, AtomicInteger numbers, BitSet acknowledged) {
    for (int n = numbers.getAndIncrement(); n < END; n = numbers.getAndIncrement()) {
      TestStores.send(store, n);
      synchronized (acknowledged) {
        acknowledged.set(n);
      }
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

  /** Behind what was synced the log is cut off somewhere, or zeros from somewhere on. */
  private static void tear(SplittableRandom random, Path log, long synced) throws IOException {
    long size = Files.size(log);
    // A sync that began while the files were copied may be of more than the copy has.
    long end = random.nextLong(Math.min(synced, size), size + 1);
    DataFiles.cut(log, end);
    if (random.nextBoolean()) {
      try (FileChannel channel = FileChannel.open(log, StandardOpenOption.APPEND)) {
        channel.write(ByteBuffer.allocate((int) (size - end)));
      }
    }
  }

  private static void check(Path data, BitSet promised, String about) {
    try (RocksStore store = RocksStore.open(data, TestStores.SETTINGS)) {
      for (int n = promised.nextSetBit(0); n >= 0; n = promised.nextSetBit(n + 1)) {
        var found = store.find(List.of(TestStores.id(n)), true);
        assertThat(found).as(about + ": message " + n).hasSize(1);
        assertThat(found.getFirst().message().body()).isEqualTo(TestStores.body(n));
      }
    }
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve(DataDirectory.DATABASE));
    for (String folder : List.of("", DataDirectory.DATABASE)) {
      try (Stream<Path> files = Files.list(from.resolve(folder))) {
        for (Path file : files.filter(Files::isRegularFile).toList()) {
          copyOne(file, to.resolve(from.relativize(file)));
        }
      }
    }
  }

  private static void copyOne(Path file, Path copy) throws IOException {
    try {
      Files.copy(file, copy);
    } catch (NoSuchFileException _) {
      // RocksDB has just deleted what nobody needs any more.
    }
  }
}
