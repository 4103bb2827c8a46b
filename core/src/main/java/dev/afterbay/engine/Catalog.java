package dev.afterbay.engine;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueSettings;
import dev.afterbay.QueueState;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.SettingCodec;
import dev.afterbay.store.Store;
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

  private final Store store;

  /** Only queues that exist, so that questions for others cannot fill it. */
  private final Map<String, Entry> entries = new ConcurrentHashMap<>();

  private Entry latest = new Entry(QueueSettings.STANDARD, QueueState.ACTIVE);

  /**
   * Reads and writes of the store's settings exclude each other, so none is remembered too long.
   */
  private final ReentrantLock lock = new ReentrantLock();

  Catalog(Store store) {
    this.store = store;
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
        boolean changes = stored.map(before -> changes(before, next)).orElse(changes(unset, next));
        if (changes && store.stats(queue).depth() > 0) {
          throw new BrokerException.Conflict(
              "order and delivery of "
                  + queue
                  + " can only change while it has no unfinished jobs");
        }
      } while (!isPut(Setting.QUEUE, queue, SettingCodec.of(next)));
    } finally {
      lock.unlock();
    }
  }

  private static boolean changes(Setting before, QueueSettings next) {
    Map<String, String> values = before.values();
    return !next.order().name().equals(values.get("order"))
        || !next.delivery().name().equals(values.get("guarantee"));
  }

  private static boolean changes(QueueSettings before, QueueSettings next) {
    return before.order() != next.order() || before.delivery() != next.delivery();
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
    long version = current.map(Setting::version).orElse(0L) + 1;
    Change put = new Change.Put(new Setting(kind, queue, version, values));
    return store.commit(Commit.synced(put)) instanceof Committed.Done;
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
