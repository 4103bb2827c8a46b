package dev.afterbay.rocksdb;

import dev.afterbay.Job;
import dev.afterbay.store.Commit;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * The process that {@link CrashTest} kills: sends numbered messages, claims them and settles every
 * third one, and tells on standard output what was acknowledged.
 */
final class CrashChild {

  static final int SENDERS = 16;
  private static final int RECEIVERS = 2;
  private static final int BATCH = 16;
  private static final long PAUSE_NANOS = 1_000_000;

  /** So little that buffers are small, and there is a flush or compaction at almost any moment. */
  private static final long FILE_SYSTEM_BYTES = 64L << 20;

  private final RocksStore store;
  private final AtomicLong numbers;
  private final long end;
  private final FileOutputStream out;

  private CrashChild(RocksStore store, long from, long count, FileOutputStream out) {
    this.store = store;
    this.numbers = new AtomicLong(from);
    this.end = from + count;
    this.out = out;
  }

  /** Starts such a process; what it leaves behind when it is killed lies beside its data. */
  static Process start(Path data, long from, long count) throws IOException {
    return ChildJvm.of(List.of(), CrashChild.class, data, Long.toString(from), Long.toString(count))
        .start();
  }

  /** Arguments: data directory, first number, how many. */
  public static void main(String[] arguments) throws Exception {
    try (FileOutputStream out = new FileOutputStream(FileDescriptor.out)) {
      RocksStore store =
          RocksStore.open(
              Path.of(arguments[0]),
              TestStores.SETTINGS,
              real -> {
                FaultyDevice device = new FaultyDevice(real);
                device.totalBytes = FILE_SYSTEM_BYTES;
                return device;
              });
      new CrashChild(store, Long.parseLong(arguments[1]), Long.parseLong(arguments[2]), out).run();
    }
  }

  private void run() throws Exception {
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < SENDERS; i++) {
      threads.add(Thread.startVirtualThread(this::send));
    }
    for (int i = 0; i < RECEIVERS; i++) {
      threads.add(Thread.startVirtualThread(this::receive));
    }
    for (Thread thread : threads) {
      thread.join();
    }
  }

  private void send() {
    for (long n = numbers.getAndIncrement(); n < end; n = numbers.getAndIncrement()) {
      TestStores.send(store, n);
      tell("S" + n + "\n");
    }
  }

  private void receive() {
    while (true) {
      List<Commit> commits = new ArrayList<>();
      StringBuilder told = new StringBuilder();
      for (Job job : TestStores.claim(store, BATCH)) {
        long number = TestStores.numberOf(job.id());
        if (number % 3 == 0) {
          commits.add(Commit.written(TestStores.done(store, job)));
          told.append('D').append(number).append('\n');
        }
      }
      if (commits.isEmpty()) {
        LockSupport.parkNanos(PAUSE_NANOS);
      } else {
        store.commit(commits);
        tell(told.toString());
      }
    }
  }

  private synchronized void tell(String lines) {
    try {
      out.write(lines.getBytes(StandardCharsets.US_ASCII));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
