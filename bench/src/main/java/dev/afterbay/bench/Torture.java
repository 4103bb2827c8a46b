package dev.afterbay.bench;

import dev.afterbay.Broker;
import dev.afterbay.BrokerException;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.RetryPolicy;
import dev.afterbay.client.HttpBroker;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Kills a server at random moments, under load and while it starts, starts it again, and holds it
 * to its {@link Promises}.
 */
final class Torture {

  static final String QUEUE = "torture";

  /** One cycle of so many kills the server while it starts. */
  private static final int KILLED_IN_START = 4;

  /** Longer than a start takes, so that some are killed at its very end. */
  private static final int START_MILLIS_MAX = 1_200;

  /** So that what is left can be handed out soon, and that some messages are refused. */
  private static final long DEPTH_MAX = 1_000;

  /** Short, so that what a killed consumer had comes back soon; retried soon, and for ever. */
  static final QueueSettings SETTINGS =
      QueueSettings.STANDARD
          .lease(Duration.ofSeconds(2))
          .depthMax(DEPTH_MAX)
          .maxAttempts(QueueSettings.UNLIMITED)
          .backoff(new RetryPolicy(Duration.ofMillis(50), 1, Duration.ofMillis(50), 0));

  /**
   * So long it may confirm nothing, and nothing of what is left may be settled; it is longer than
   * any lease or backoff.
   */
  private static final Duration SILENCE_MAX = Duration.ofMinutes(1);

  private static final Duration LOOK = Duration.ofMillis(50);

  private final Path log;
  private final ProcessBuilder server;
  private final Duration perCycle;
  private final PrintStream out;
  private final Random random;
  private final Promises promises;
  private final Map<Promises.Sending, TortureClient.Old> old = new ConcurrentHashMap<>();

  /**
   * @param log where what the servers say goes
   * @param server starts one; each finds what the one before has left
   * @param perCycle how long a server lives under load, on average; longer where it is slow
   */
  Torture(Path log, ProcessBuilder server, long seed, Duration perCycle, PrintStream out) {
    this.log = log;
    this.server = server;
    this.perCycle = perCycle;
    this.out = out;
    this.random = new Random(seed);
    this.promises = new Promises(seed);
  }

  /** Starts a server and kills it, so many times. */
  void kill(int cycles) throws InterruptedException {
    for (int i = 1; i <= cycles && promises.broken().isEmpty(); i++) {
      String of = i + " of " + cycles + ": ";
      judge(() -> out.println(of + (isKilledInStart() ? killInStart() : killUnderLoad())));
      promises.rest();
    }
  }

  @FunctionalInterface
  private interface Step {
    void take() throws IOException, InterruptedException;
  }

  /** A server that does not start or answer keeps no promise, whatever is on its disk. */
  private void judge(Step step) throws InterruptedException {
    try {
      step.take();
    } catch (IOException | BrokerException e) {
      promises.broken("the server cannot be used: " + e.getMessage() + "; its log is " + log);
    }
  }

  private boolean isKilledInStart() {
    return random.nextInt(KILLED_IN_START) == 0;
  }

  private String killInStart() throws IOException, InterruptedException {
    int millis = random.nextInt(START_MILLIS_MAX);
    Process process = ServerProcess.launch(server, log);
    boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    if (ended) {
      promises.broken("the server ended by itself while it started; its log is " + log);
    }
    return "killed " + millis + " ms after its start began";
  }

  private String killUnderLoad() throws IOException, InterruptedException {
    long millis = random.nextLong(2 * perCycle.toMillis() + 1);
    long before = promises.confirmed();
    try (ServerProcess process = ServerProcess.start(server, log);
        HttpBroker broker = HttpBroker.of(URI.create(process.url()))) {
      try (TortureClients _ = TortureClients.start(client(broker, false))) {
        boolean ended = process.endsWithin(Duration.ofMillis(millis));
        boolean early = millis < perCycle.toMillis();
        if (ended || (!early && endsBeforeItConfirms(process, before))) {
          promises.broken("the server ended by itself under load; its log is " + log);
        }
        process.kill();
      }
      return String.format(
          Locale.ROOT,
          "started in %,d ms, killed after %,d ms and %,d confirmed messages",
          process.startTime().toMillis(),
          millis,
          promises.confirmed() - before);
    }
  }

  /**
   * Half of the servers are killed early whatever they did; the others not before they confirmed
   * something. Else those of a slow machine would all be killed before their first promise, which
   * proves nothing.
   */
  private boolean endsBeforeItConfirms(ServerProcess process, long before)
      throws InterruptedException {
    long began = System.nanoTime();
    while (promises.confirmed() == before) {
      if (process.endsWithin(LOOK)) {
        return true;
      }
      if (System.nanoTime() - began > SILENCE_MAX.toNanos()) {
        promises.broken("the server confirmed nothing within " + SILENCE_MAX);
        return false;
      }
    }
    return false;
  }

  private TortureClient client(Broker broker, boolean calm) {
    Queue queue = broker.queue(QUEUE);
    queue.admin().orElseThrow().configure(SETTINGS);
    return new TortureClient(queue, promises, new Random(random.nextLong()), old, calm);
  }

  /**
   * Starts a server once more, and lets it hand out all that is left.
   *
   * @return what was broken, in words; empty: nothing
   */
  List<String> finish() throws InterruptedException {
    if (promises.broken().isEmpty()) {
      out.println("handing out what is left");
      judge(this::handOut);
    }
    if (promises.broken().isEmpty()) {
      promises.finished();
    }
    out.println(promises.summary());
    return promises.broken();
  }

  private void handOut() throws IOException, InterruptedException {
    try (ServerProcess process = ServerProcess.start(server, log);
        HttpBroker broker = HttpBroker.of(URI.create(process.url()))) {
      TortureClient client = client(broker, true);
      try (TortureClients _ = TortureClients.start(client)) {
        awaitEmpty(client.queue());
        // One that refuses everything would keep all promises.
        client.sendSome();
        awaitEmpty(client.queue());
      }
      process.kill();
    }
  }

  private void awaitEmpty(Queue queue) throws InterruptedException {
    long lowest = Long.MAX_VALUE;
    long since = System.nanoTime();
    long left = depth(queue);
    while (left > 0 && promises.broken().isEmpty()) {
      if (left < lowest) {
        lowest = left;
        since = System.nanoTime();
      } else if (System.nanoTime() - since > SILENCE_MAX.toNanos()) {
        promises.broken(left + " messages are left that are never handed out");
      }
      Thread.sleep(LOOK);
      left = depth(queue);
    }
    long failed = queue.stats().failed();
    if (failed > 0) {
      promises.broken(failed + " messages are dead");
    }
  }

  private static long depth(Queue queue) {
    return queue.stats().depth();
  }
}
