package dev.afterbay.bench;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receipt;
import dev.afterbay.Receiver;
import dev.afterbay.Receiving;
import dev.afterbay.Sent;
import dev.afterbay.Session;
import dev.afterbay.Settlement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Those who use a server until it is killed: producers of plain messages and of sessions, and
 * consumers of which some fail, some forget what they received, and some come with an old receipt.
 */
final class TortureClients implements AutoCloseable {

  private static final int PRODUCERS = 3;
  private static final int SESSIONS = 6;
  private static final int RECEIVERS = 2;
  private static final int SESSION_RECEIVERS = 2;
  private static final int BATCH_MAX = 5;
  private static final int RECEIVE_MAX = 20;
  private static final int SESSION_ROUNDS = 10;
  private static final int PERCENT = 100;
  private static final int FAIL_PERCENT = 5;
  private static final int FORGET_PERCENT = 1;
  private static final Duration WAIT = Duration.ofMillis(200);

  /** Between two sends, so that the memory of a long run holds all of them. */
  private static final int PAUSE_MILLIS = 2;

  private final Queue queue;
  private final Promises promises;
  private final Random random;
  private final boolean calm;
  private final Map<Promises.Sending, Old> old;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;
  private volatile @Nullable RuntimeException bug;

  /** A receipt of a message that was handed back or forgotten. */
  record Old(Receipt receipt, int attempt) {}

  private TortureClients(
      Queue queue, Promises promises, Random random, boolean calm, Map<Promises.Sending, Old> old) {
    this.queue = queue;
    this.promises = promises;
    this.random = random;
    this.calm = calm;
    this.old = old;
  }

  /**
   * Starts all of them.
   *
   * @param seed of what they do
   * @param old receipts, of earlier clients too
   */
  static TortureClients start(
      Queue queue, Promises promises, long seed, Map<Promises.Sending, Old> old) {
    Random random = new Random(seed);
    TortureClients clients = new TortureClients(queue, promises, random, false, old);
    for (int i = 0; i < PRODUCERS; i++) {
      clients.start(clients::sendSome);
    }
    for (int i = 0; i < SESSIONS; i++) {
      String session = "session-" + i;
      clients.start(() -> clients.sendNext(session));
    }
    clients.startConsumers();
    return clients;
  }

  /** Starts only consumers, who settle what they get. */
  static TortureClients startCalm(Queue queue, Promises promises) {
    TortureClients clients =
        new TortureClients(queue, promises, new Random(0), true, new ConcurrentHashMap<>());
    clients.startConsumers();
    return clients;
  }

  private void startConsumers() {
    for (int i = 0; i < RECEIVERS; i++) {
      start(this::receive);
    }
    for (int i = 0; i < SESSION_RECEIVERS; i++) {
      start(this::receiveSession);
    }
  }

  @FunctionalInterface
  private interface Step {
    void take() throws InterruptedException;
  }

  private void start(Step step) {
    threads.add(Thread.ofVirtual().start(() -> repeat(step)));
  }

  /** A broker that fails is what this is about, so one goes on; anything else is a bug. */
  private void repeat(Step step) {
    try {
      while (!stopped) {
        try {
          step.take();
        } catch (BrokerException _) {
          Thread.sleep(PAUSE_MILLIS);
        }
      }
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      bug = e;
    }
  }

  /** Messages without a session and without a key, which are never sent again. */
  private void sendSome() throws InterruptedException {
    List<Promises.Sending> sendings = new ArrayList<>();
    List<Message> messages = new ArrayList<>();
    for (int i = random.nextInt(BATCH_MAX); i >= 0; i--) {
      Promises.Sending sending = promises.sending(null);
      sendings.add(sending);
      messages.add(Message.of(sending.body()));
    }
    try {
      List<Sent> sent = queue.send(messages);
      for (int i = 0; i < sendings.size(); i++) {
        promises.confirmed(sendings.get(i), sent.get(i).id());
      }
    } catch (BrokerException.Unavailable e) {
      sendings.forEach(promises::refused);
      throw e;
    }
    Thread.sleep(PAUSE_MILLIS);
  }

  /** The next of a session, or once more the one of which nobody knows whether it is stored. */
  private void sendNext(String session) throws InterruptedException {
    Promises.Sending unknown = promises.unknown(session);
    Promises.Sending sending = unknown != null ? unknown : promises.sending(session);
    Message message = Message.of(sending.body()).session(session).key(sending.key());
    promises.confirmed(sending, queue.send(message));
    Thread.sleep(PAUSE_MILLIS);
  }

  private void receive() throws InterruptedException {
    try (Receiver receiver = queue.receiver()) {
      while (!stopped) {
        receiveOnce(receiver);
      }
    }
  }

  private void receiveSession() throws InterruptedException {
    Optional<Session> accepted = queue.session(null, WAIT, Receiving.STANDARD);
    if (accepted.isPresent()) {
      try (Session session = accepted.get()) {
        for (int i = 0; i < SESSION_ROUNDS && !stopped; i++) {
          receiveOnce(session);
        }
      }
    }
  }

  private void receiveOnce(Receiver receiver) throws InterruptedException {
    long askedAt = promises.now();
    for (Delivery delivery : receiver.receive(RECEIVE_MAX, WAIT)) {
      Promises.Sending sending =
          promises.delivered(delivery.job().id(), delivery.message().body(), askedAt);
      if (sending != null) {
        work(delivery, sending);
      }
    }
  }

  private void work(Delivery delivery, Promises.Sending sending) {
    int attempt = delivery.attempt();
    Receipt receipt = delivery.detach();
    Old before = old.remove(sending);
    if (before != null && before.attempt < attempt) {
      promises.oldReceipt(sending, isTaken(before.receipt));
    }
    int chance = calm ? PERCENT : random.nextInt(PERCENT);
    if (chance < FORGET_PERCENT) {
      old.put(sending, new Old(receipt, attempt));
    } else if (chance < FAIL_PERCENT) {
      queue.settle(receipt, Outcome.retry("fails now and then"));
      old.put(sending, new Old(receipt, attempt));
    } else {
      promises.doneSent(sending);
      queue.settle(receipt, Outcome.done());
      promises.done(sending);
    }
  }

  private boolean isTaken(Receipt receipt) {
    Settlement settlement = new Settlement(receipt, Outcome.done());
    return queue.settle(List.of(settlement)).getFirst().isEmpty();
  }

  /**
   * Waits until all of them have ended.
   *
   * @throws IllegalStateException if one did because of a bug of its own
   */
  @Override
  public void close() {
    stopped = true;
    Threads.join(threads);
    if (bug != null) {
      throw new IllegalStateException("a client failed, so nothing is proved", bug);
    }
  }
}
