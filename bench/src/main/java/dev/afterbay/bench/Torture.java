package dev.afterbay.bench;

import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.RetryPolicy;
import dev.afterbay.http.HttpBroker;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * Kills a server at random moments, under load and while it starts, starts it again, and holds it
 * to its {@link Promises}.
 */
final class Torture {

  private static final String QUEUE = "torture";

  /** One cycle of so many kills the server while it starts. */
  private static final int KILLED_IN_START = 4;

  /** Longer than a start takes, so that some are killed at its very end. */
  private static final int START_MILLIS_MAX = 1_200;

  /** Short, so that what a killed consumer had comes back soon; retried soon, and for ever. */
  private static final QueueSettings SETTINGS =
      QueueSettings.STANDARD
          .lease(Duration.ofSeconds(2))
          .maxAttempts(QueueSettings.UNLIMITED)
          .backoff(new RetryPolicy(Duration.ofMillis(50), 1, Duration.ofMillis(50), 0));

  private static final Duration DRAIN_MAX = Duration.ofMinutes(2);
  private static final long LOOK_MILLIS = 50;

  private final Path folder;
  private final Duration perCycle;
  private final PrintStream out;
  private final Random random;
  private final Promises promises;
  private final Map<Promises.Sending, TortureClients.Old> old = new ConcurrentHashMap<>();

  /**
   * @param folder where the server keeps its data; new and empty
   * @param perCycle how long a server lives under load, on average
   */
  Torture(Path folder, long seed, Duration perCycle, PrintStream out) {
    this.folder = folder;
    this.perCycle = perCycle;
    this.out = out;
    this.random = new Random(seed);
    this.promises = new Promises(seed);
  }

  /** Starts a server and kills it, so many times. */
  void kill(int cycles) throws IOException, InterruptedException {
    for (int i = 1; i <= cycles && promises.broken().isEmpty(); i++) {
      String what = random.nextInt(KILLED_IN_START) == 0 ? killInStart() : killUnderLoad();
      out.printf("%d of %d: %s%n", i, cycles, what);
    }
  }

  private String killInStart() throws IOException, InterruptedException {
    int millis = random.nextInt(START_MILLIS_MAX);
    Process process = ServerProcess.launch(server(), log());
    boolean ended = process.waitFor(millis, TimeUnit.MILLISECONDS);
    process.destroyForcibly().waitFor();
    if (ended) {
      promises.broken("the server ended by itself while it started, see " + log());
    }
    return "killed " + millis + " ms after its start began";
  }

  private String killUnderLoad() throws IOException, InterruptedException {
    long millis = random.nextLong(2 * perCycle.toMillis());
    long before = promises.confirmed();
    try (ServerProcess server = ServerProcess.start(server(), log());
        HttpBroker broker = HttpBroker.of(URI.create(server.url()))) {
      Queue queue = broker.queue(QUEUE);
      queue.configure(SETTINGS);
      try (TortureClients _ = TortureClients.start(queue, promises, random.nextLong(), old)) {
        if (server.endsWithin(Duration.ofMillis(millis))) {
          promises.broken("the server ended by itself under load, see " + log());
        }
        server.kill();
      }
      return "started in %,d ms, killed after %,d ms and %,d confirmed messages"
          .formatted(server.startTime().toMillis(), millis, promises.confirmed() - before);
    }
  }

  /**
   * Starts a server once more, and lets it hand out all that is left.
   *
   * @return what was broken, in words; empty: nothing
   */
  List<String> finish() throws IOException, InterruptedException {
    if (promises.broken().isEmpty()) {
      out.println("handing out what is left");
      handOut();
      promises.finished();
    }
    out.println(promises.summary());
    return promises.broken();
  }

  private void handOut() throws IOException, InterruptedException {
    try (ServerProcess server = ServerProcess.start(server(), log());
        HttpBroker broker = HttpBroker.of(URI.create(server.url()))) {
      Queue queue = broker.queue(QUEUE);
      queue.configure(SETTINGS);
      try (TortureClients _ = TortureClients.startCalm(queue, promises)) {
        awaitEmpty(queue);
      }
    }
  }

  private void awaitEmpty(Queue queue) throws InterruptedException {
    long began = System.nanoTime();
    while (depth(queue) > 0) {
      if (System.nanoTime() - began > DRAIN_MAX.toNanos()) {
        promises.broken(depth(queue) + " messages are left that are never handed out");
        return;
      }
      Thread.sleep(LOOK_MILLIS);
    }
    if (queue.stats().dead() > 0) {
      promises.broken(queue.stats().dead() + " messages are dead");
    }
  }

  private static long depth(Queue queue) {
    return queue.stats().depth();
  }

  private ProcessBuilder server() {
    return ServerProcess.builder(folder.resolve("data"), List.of());
  }

  private Path log() {
    return folder.resolve("log");
  }
}
