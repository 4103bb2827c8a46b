package dev.afterbay.bench;

import dev.afterbay.BrokerException;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Those who use a server until it is killed, each on a thread of its own: producers of plain
 * messages and of sessions, and consumers.
 */
final class TortureClients implements AutoCloseable {

  private static final int PRODUCERS = 3;
  private static final int SESSIONS = 6;
  private static final int RECEIVERS = 2;
  private static final int SESSION_RECEIVERS = 2;
  private static final int SESSION_ROUNDS = 10;
  private static final Duration WAIT = Duration.ofMillis(200);

  /** Between two sends, and after a failure: what is measured is not the speed. */
  private static final int PAUSE_MILLIS = 2;

  private final TortureClient client;
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopped;
  private volatile @Nullable Throwable bug;

  private TortureClients(TortureClient client) {
    this.client = client;
  }

  /** Starts as many as there are, who all do what this one does; one that is calm sends nothing. */
  static TortureClients start(TortureClient client) {
    TortureClients clients = new TortureClients(client);
    if (!client.calm()) {
      clients.startProducers();
    }
    clients.startConsumers();
    return clients;
  }

  private void startProducers() {
    for (int i = 0; i < PRODUCERS; i++) {
      start(() -> send(client::sendSome));
    }
    for (int i = 0; i < SESSIONS; i++) {
      String session = "session-" + i;
      start(() -> send(() -> client.sendNext(session)));
    }
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
    } catch (RuntimeException | Error e) {
      bug = e;
    }
  }

  private static void send(Runnable send) throws InterruptedException {
    send.run();
    Thread.sleep(PAUSE_MILLIS);
  }

  private void receive() throws InterruptedException {
    try (Receiver receiver = client.queue().receiver()) {
      while (!stopped) {
        client.receive(receiver, WAIT);
      }
    }
  }

  private void receiveSession() throws InterruptedException {
    Queue queue = client.queue();
    Optional<Session> accepted = queue.session(null, WAIT, ReceiveOptions.STANDARD);
    if (accepted.isPresent()) {
      try (Session session = accepted.get()) {
        for (int i = 0; i < SESSION_ROUNDS && !stopped; i++) {
          client.receive(session, WAIT);
        }
      }
    }
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
