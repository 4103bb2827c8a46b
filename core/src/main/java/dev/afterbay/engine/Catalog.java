package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.QueueStats;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What each queue is set to, as last read or written. Where others write it too ({@link
 * Store#shared}), the store is asked each time.
 */
final class Catalog {

  /** A queue that exists. */
  record Entry(QueueSettings settings, QueueState state) {}

  /** Others may have written, too; counting takes at most so small a part of the time. */
  private static final int RECOUNT_MILLIS = 1_000;

  private static final int RECOUNT_SHARE = 20;
  private static final int PAGE = 1_000;

  /** Of a queue with a name of 80 characters a server holds about 2 KiB. */
  private static final int HEAP_BYTES_PER_QUEUE = 8 << 10;

  private final Store store;
  private final int queuesMax;

  /** Only queues that exist, so that questions for others cannot fill it. */
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  private Entry latest = new Entry(QueueSettings.STANDARD, QueueState.ACTIVE);

  /**
   * Reads and writes of the store's settings exclude each other, so none is remembered too long.
   */
  private final ReentrantLock lock = new ReentrantLock();

  /** As many as there are, but for those that others wrote or deleted since. */
  private int count;

  /** From then on they are counted again before one is refused; null: they never were counted. */
  private @Nullable Long recountFrom;

  Catalog(Store store) {
    this(store, queuesMaxOf(Runtime.getRuntime().maxMemory()));
  }

  Catalog(Store store, int queuesMax) {
    this.store = store;
    this.queuesMax = queuesMax;
  }

  static int queuesMaxOf(long heapBytes) {
    return Math.clamp(heapBytes / HEAP_BYTES_PER_QUEUE, 1_000, 10_000_000);
  }

  /** Null: the queue does not exist. */
  @Nullable Entry find(String queue) {
    Entry known = entries.get(queue);
    return known != null ? known : read(queue);
  }

  /** Writes a setting whatever it was; empty values delete it. */
  void put(String kind, String queue, Map<String, String> values) {
    lock.lock();
    try {
      entries.remove(queue);
      while (!isPut(kind, queue, values)) {
        // Somebody else wrote it meanwhile: the later one counts.
      }
    } finally {
      lock.unlock();
    }
  }

  /**
   * Writes the settings of a queue.
   *
   * @throws BrokerException.Conflict if order or guarantee change while jobs are unfinished
   */
  void configure(String queue, QueueSettings next, QueueSettings unset) {
    lock.lock();
    try {
      entries.remove(queue);
      do {
        Optional<Setting> stored = store.setting(Setting.QUEUE, queue);
        requireFit(queue, stored.map(Setting::values).orElse(SettingCodec.of(unset)), next);
      } while (!isPut(Setting.QUEUE, queue, SettingCodec.of(next)));
    } finally {
      lock.unlock();
    }
  }

  /** What was stored is not read, so that a setting can be mended that cannot be. */
  private void requireFit(String queue, Map<String, String> before, QueueSettings next) {
    boolean reorders = !next.order().name().equals(before.get("order"));
    if (!reorders && next.delivery().name().equals(before.get("guarantee"))) {
      return;
    }
    QueueStats stats = store.stats(queue);
    if (stats.depth() > 0) {
      throw new BrokerException.Conflict(
          "order and delivery of " + queue + " can only change while it has no unfinished jobs");
    }
    if (reorders && stats.done() + stats.failed() + stats.cancelled() > 0) {
      throw new BrokerException.Conflict(
          "the order of "
              + queue
              + " can only change while it has no jobs, as those that it keeps could be redriven:"
              + " purge what is done, failed and cancelled");
    }
  }

  /** Writes a setting unless there is one, which somebody may just have written. */
  void create(String kind, String queue, Map<String, String> values) {
    lock.lock();
    try {
      if (store.setting(kind, queue).isEmpty()) {
        isPut(kind, queue, values);
      }
    } finally {
      lock.unlock();
    }
  }

  private boolean isPut(String kind, String queue, Map<String, String> values) {
    Optional<Setting> current = store.setting(kind, queue);
    if (current.isEmpty() && values.isEmpty()) {
      return true;
    }
    boolean isQueue = kind.equals(Setting.QUEUE);
    if (isQueue && current.isEmpty()) {
      requireRoom(queue);
    }
    long version = current.map(Setting::version).orElse(0L) + 1;
    Change put = new Change.Put(new Setting(kind, queue, version, values));
    boolean done = store.commit(Commit.synced(put)) instanceof Committed.Done;
    if (done && isQueue) {
      count += (values.isEmpty() ? 0 : 1) - (current.isEmpty() ? 0 : 1);
    }
    return done;
  }

  /** Each is in memory with its counts, and strangers may be who names them. */
  private void requireRoom(String queue) {
    long tick = store.clock().now().tick();
    if (recountFrom == null || (count >= queuesMax && tick >= recountFrom)) {
      count = count();
      long took = store.clock().now().tick() - tick;
      recountFrom = tick + took + Math.max(RECOUNT_MILLIS, RECOUNT_SHARE * took);
    }
    if (count >= queuesMax) {
      throw new BrokerException.Conflict(
          "there are "
              + count
              + " queues, as many as this heap has room for, so "
              + queue
              + " cannot be made: delete some, or give the process more memory");
    }
  }

  private int count() {
    int all = 0;
    List<Setting> page = store.settings(Setting.QUEUE, null, PAGE);
    while (!page.isEmpty()) {
      all += page.size();
      page = store.settings(Setting.QUEUE, page.getLast().name(), PAGE);
    }
    return all;
  }

  private @Nullable Entry read(String queue) {
    lock.lock();
    try {
      Optional<Setting> settings = store.setting(Setting.QUEUE, queue);
      if (settings.isEmpty()) {
        return null;
      }
      QueueState state =
          store
              .setting(Setting.QUEUE_STATE, queue)
              .map(setting -> SettingCodec.state(setting.values()))
              .orElse(QueueState.ACTIVE);
      Entry entry = new Entry(SettingCodec.settings(settings.get().values()), state);
      // Most queues are set to the same, which need not be in memory once for each.
      if (!entry.equals(latest)) {
        latest = entry;
      }
      if (!store.shared()) {
        entries.put(queue, latest);
      }
      return latest;
    } finally {
      lock.unlock();
    }
  }
}
