package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.Jobs;
import dev.afterbay.store.Commit;
import java.io.File;
import java.io.FileInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;

/**
 * The process of {@link DescriptorsTest}, which may open few files: uses a store, takes all
 * descriptors that are left, goes on using the store, gives them back, and tells what it saw.
 */
final class DescriptorsChild {

  private static final int FILES_MAX = 160;
  private static final int REFUSALS = 20;
  private static final int MESSAGES = 3_000;
  private static final long WAIT_NANOS = 20_000_000_000L;

  /** So little that buffers are small, and are flushed soon. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  private final RocksStore store;
  private final List<Job> claimed;
  private int sent;
  private int done;
  private int refused;

  private DescriptorsChild(Path data) {
    store =
        RocksStore.open(
            data,
            TestStores.SETTINGS.disk(1L << 20, 0L),
            real -> {
              FaultyDevice device = new FaultyDevice(real);
              device.totalBytes = FILE_SYSTEM_BYTES;
              return device;
            });
    for (; sent < MESSAGES; sent++) {
      store.commit(Commit.written(TestStores.append(store, sent)));
    }
    claimed = new ArrayList<>(TestStores.claim(store, 50));
  }

  static Process start(Path data) throws IOException {
    List<String> shell =
        List.of("/bin/sh", "-c", "ulimit -n " + FILES_MAX + " && exec \"$@\"", "sh");
    return ChildJvm.of(shell, DescriptorsChild.class, data).redirectErrorStream(true).start();
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    AtomicInteger reopened = countReopenings();
    loadAll();
    DescriptorsChild child = new DescriptorsChild(Path.of(args[0]));
    List<FileInputStream> taken = new ArrayList<>();
    takeAll(taken);
    long start = System.nanoTime();
    child.useUntil(() -> child.store.isDiskLow() && child.refused >= REFUSALS);
    long refused = System.nanoTime() - start;
    for (FileInputStream file : taken) {
      file.close();
    }
    start = System.nanoTime();
    child.useUntil(() -> !child.store.isDiskLow());
    child.list();
    long took = System.nanoTime() - start;
    String failure = child.store.failure();
    child.store.close();
    System.out.printf(
        "opened again %d sent %d done %d refused after %d ms, on after %d ms, failure %s%n",
        reopened.get(), child.sent, child.done, refused / 1_000_000, took / 1_000_000, failure);
  }

  /** A class in a folder cannot be loaded without a descriptor; a server's are in open jars. */
  private static void loadAll() throws Exception {
    for (String entry : System.getProperty("java.class.path").split(File.pathSeparator)) {
      Path folder = Path.of(entry);
      if (Files.isDirectory(folder)) {
        load(folder);
      }
    }
  }

  private static void load(Path folder) throws Exception {
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : (Iterable<Path>) files::iterator) {
        String name = folder.relativize(file).toString();
        if (name.endsWith(".class") && !name.equals("module-info.class")) {
          String type = name.substring(0, name.length() - ".class".length());
          Class.forName(
              type.replace(File.separatorChar, '.'),
              false,
              DescriptorsChild.class.getClassLoader());
        }
      }
    }
  }

  private static void takeAll(List<FileInputStream> taken) {
    try {
      while (true) {
        taken.add(new FileInputStream("/dev/null"));
      }
    } catch (IOException _) {
      // Now there are no more.
    }
  }

  private void useUntil(BooleanSupplier end) {
    long start = System.nanoTime();
    while (!end.getAsBoolean()) {
      if (System.nanoTime() - start > WAIT_NANOS) {
        throw new AssertionError("it takes too long: " + store.failure());
      }
      if (happens(() -> TestStores.send(store, sent))) {
        sent++;
      }
      if (!claimed.isEmpty()
          && happens(
              () -> store.commit(Commit.written(TestStores.done(store, claimed.getLast()))))) {
        claimed.removeLast();
        done++;
      }
      long some = sent * 7L % MESSAGES;
      happens(() -> store.find(List.of(TestStores.id(some)), true));
    }
  }

  /** Now, or when there are descriptors again; false: it was refused. */
  private boolean happens(Runnable action) {
    try {
      action.run();
      return true;
    } catch (BrokerException.OutcomeUnknown _) {
      return true;
    } catch (BrokerException.DiskFull | BrokerException.Unavailable e) {
      if (store.failure() != null) {
        throw e;
      }
      refused++;
      return false;
    }
  }

  private void list() {
    Waiting.until("lists go on", () -> happens(() -> store.list(Jobs.JobQuery.ALL, null, 10)));
  }

  private static AtomicInteger countReopenings() {
    AtomicInteger count = new AtomicInteger();
    Logger.getLogger(TablesRecovery.class.getName())
        .addHandler(
            new Handler() {
              @Override
              public void publish(LogRecord told) {
                count.incrementAndGet();
              }

              @Override
              public void flush() {}

              @Override
              public void close() {}
            });
    return count;
  }
}
