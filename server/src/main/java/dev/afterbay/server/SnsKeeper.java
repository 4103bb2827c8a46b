package dev.afterbay.server;

import dev.afterbay.Event;
import dev.afterbay.Limits;
import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.http.SnsWebhook;
import dev.afterbay.store.Change;
import dev.afterbay.store.Commit;
import dev.afterbay.store.Committed;
import dev.afterbay.store.Setting;
import dev.afterbay.store.Store;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Keeps what comes by SNS in the engine, and the subscriptions as settings of the store. */
final class SnsKeeper implements SnsWebhook.Keeper {
  /** Kind of the settings; the name is the ARN of the topic. */
  private static final String KIND = "sns-subscription";

  private static final String ARN = "arn";

  private final Engine engine;
  private final Store store;
  private final Limits limits;

  /**
   * By topic, as last read or written: most messages come by the subscription of the one before.
   */
  private final Map<String, String> latest = new ConcurrentHashMap<>();

  private final ReentrantLock writing = new ReentrantLock();

  /**
   * @param bodyBytesMax of SNS messages, whatever that of others is
   */
  SnsKeeper(Engine engine, Store store, Limits others, int bodyBytesMax) {
    this.engine = engine;
    this.store = store;
    this.limits =
        new Limits(
            bodyBytesMax,
            others.attributesBytesMax(),
            others.batchMessagesMax(),
            Math.max(others.batchBytesMax(), bodyBytesMax),
            others.atomicBatches(),
            others.sessions(),
            others.jobs());
  }

  @Override
  public Queue queue(String name) {
    return engine.queue(name, limits);
  }

  @Override
  public void happened(Event.Type type, String queue, String subject) {
    engine.events().publish(type, engine.clock().now().wall(), queue, subject, null);
  }

  @Override
  public @Nullable String subscription(String topicArn, String subscriptionArn) {
    if (subscriptionArn.equals(latest.get(topicArn))) {
      return subscriptionArn;
    }
    writing.lock();
    try {
      Setting kept = store.setting(KIND, topicArn).orElse(null);
      String before = kept == null ? null : kept.values().get(ARN);
      long version = kept == null ? 1 : kept.version() + 1;
      boolean isKept = subscriptionArn.equals(before) || isPut(version, topicArn, subscriptionArn);
      if (isKept) {
        latest.put(topicArn, subscriptionArn);
      }
      return before;
    } finally {
      writing.unlock();
    }
  }

  /** False: another process wrote it meanwhile, so the next message looks again. */
  private boolean isPut(long version, String topicArn, String subscriptionArn) {
    Setting setting = new Setting(KIND, topicArn, version, Map.of(ARN, subscriptionArn));
    return store.commit(Commit.synced(new Change.Put(setting))) instanceof Committed.Done;
  }
}
