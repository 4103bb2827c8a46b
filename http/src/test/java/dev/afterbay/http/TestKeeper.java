package dev.afterbay.http;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Event;
import dev.afterbay.Queue;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Keeps in a broker, remembers the rest, and can be made to hang. */
final class TestKeeper implements SnsWebhook.Keeper {
  final List<String> happened = new CopyOnWriteArrayList<>();
  final Map<String, String> subscriptions = new ConcurrentHashMap<>();
  volatile @Nullable BrokerException failure;
  volatile CountDownLatch go = new CountDownLatch(0);
  private final Broker broker;

  TestKeeper(Broker broker) {
    this.broker = broker;
  }

  @Override
  public Queue queue(String name) {
    try {
      go.await();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
    BrokerException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
    return broker.queue(name);
  }

  @Override
  public void happened(Event.Type type, String queue, String subject) {
    happened.add(type.word() + " " + queue + " " + subject);
  }

  @Override
  public @Nullable String subscription(String topicArn, String subscriptionArn) {
    return subscriptions.put(topicArn, subscriptionArn);
  }
}
