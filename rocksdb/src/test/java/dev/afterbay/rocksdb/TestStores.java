package dev.afterbay.rocksdb;

import dev.afterbay.BrokerException;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.QueueSettings;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.store.Change;
import dev.afterbay.store.Claim;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Store;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.UUID;

/** Opens stores and uses them, in the tests of this module. */
final class TestStores {

  /** Little memory, and no reserve, which would be 64 MiB for each test. */
  static final RocksStore.Settings SETTINGS =
      RocksStore.Settings.STANDARD.memory(RocksStore.Memory.SMALL).disk(0L, 0L);

  static final String QUEUE = "work";

  private static final long LEASE_TICKS = 30_000;

  private TestStores() {}

  /** Ids of version 7 in the order of their numbers. */
  static JobId id(long number) {
    return new JobId(new UUID(1_767_225_600_000L << 16 | 0x7000, 1L << 63 | number));
  }

  static long numberOf(JobId id) {
    return id.value().getLeastSignificantBits() & Long.MAX_VALUE;
  }

  /** A body that tells its number, so that wrong bytes are noticed; 1 to 2 KiB. */
  static byte[] body(long number) {
    SplittableRandom random = new SplittableRandom(number);
    byte[] body = new byte[1_024 + random.nextInt(1_024)];
    random.nextBytes(body);
    byte[] text = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(text, 0, body, 0, text.length);
    return body;
  }

  static Change.Append append(Store store, long number) {
    Message message =
        new Message("note", Message.BYTES, body(number), Map.of(), Message.Options.NONE);
    Job job = Job.created(id(number), QUEUE, message, QueueSettings.STANDARD, store.clock().now());
    return new Change.Append(job, null);
  }

  static Committed send(Store store, long number) {
    return store.commit(Commit.synced(append(store, number)));
  }

  /** Then the ledger has read what it does once. */
  static void sendTen(Store store) {
    for (int n = 0; n < 10; n++) {
      send(store, n);
    }
  }

  /** False: it was refused, as the disk is full. */
  static boolean sends(Store store, long number) {
    try {
      send(store, number);
      return true;
    } catch (BrokerException.DiskFull _) {
      return false;
    }
  }

  static List<Job> claim(Store store, int max) {
    return store.claim(
        new Claim(QUEUE, "test", LEASE_TICKS, true, max, ReceiveOptions.Types.ALL, null));
  }

  static Change.Swap done(Store store, Job job) {
    return new Change.Swap(
        job.id(),
        job.state().version(),
        job.settled(
            Outcome.done(), QueueSettings.STANDARD, store.clock().now(), new SplittableRandom(1)));
  }
}
