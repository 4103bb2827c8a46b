package dev.afterbay.contract;

import dev.afterbay.BrokerException;
import dev.afterbay.QueueSettings;
import dev.afterbay.RetryPolicy;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.Ledger;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * What a simulation runs on: one thread, one clock, tables that crash, an engine that is reopened.
 */
final class World {

  static final String PLAIN = "plain";
  static final String FIFO = "fifo";
  static final String ONCE = "once";
  static final List<String> QUEUES = List.of(PLAIN, FIFO, ONCE);

  static final Duration LEASE = Duration.ofSeconds(5);

  /** So many of these are found by chance alone. */
  private static final double FAULTS = 0.03;

  final SplittableRandom random;
  final ArrayDeque<Runnable> late = new ArrayDeque<>();
  final TestClock clock = new TestClock(late::add);
  private final Ledger.Sizes sizes;
  private CrashingTables tables = new CrashingTables();
  private SimulatedStore store;
  private Engine engine;

  World(long seed) {
    this.random = new SplittableRandom(seed);
    this.sizes = new Ledger.Sizes(1 + random.nextInt(6), 1 + random.nextInt(4));
    this.store = openStore();
    this.engine = openEngine();
    configure();
  }

  SimulatedStore store() {
    return store;
  }

  Engine engine() {
    return engine;
  }

  static QueueSettings settings(String queue) {
    RetryPolicy backoff = new RetryPolicy(Duration.ofMillis(500), 3, Duration.ofSeconds(5), 0.5);
    QueueSettings settings =
        QueueSettings.STANDARD.lease(LEASE).backoff(backoff).dedupWindow(Duration.ofHours(1));
    return switch (queue) {
      case FIFO -> settings.order(QueueSettings.Order.FIFO);
      case ONCE -> settings.delivery(QueueSettings.DeliveryMode.AT_MOST_ONCE);
      default -> settings;
    };
  }

  void faults(boolean on) {
    store.faults(on ? FAULTS : 0);
  }

  /** Lets time pass, with what it brings. */
  void advance(Duration duration) {
    clock.advance(duration);
    runLate();
  }

  void runLate() {
    for (Runnable next = late.poll(); next != null; next = late.poll()) {
      next.run();
    }
  }

  /** The process ends as it should. */
  void restart() {
    faults(false);
    engine.close();
    store.close();
    tables = tables.crash(0);
    store = openStore();
    engine = openEngine();
  }

  /** The power is lost. */
  void crash() {
    tables = store.crash();
    closeDeadEngine();
    store = openStore();
    engine = openEngine();
  }

  void close() {
    engine.close();
    store.close();
  }

  private void closeDeadEngine() {
    try {
      engine.close();
    } catch (BrokerException.Unavailable _) {
      // Its store is gone; all that matters is that it does nothing more.
    }
  }

  private SimulatedStore openStore() {
    return new SimulatedStore(tables, clock, sizes, random);
  }

  private Engine openEngine() {
    Engine.Settings settings =
        Engine.Settings.standard().random(random.split()).background(Runnable::run);
    return Engine.open(store, settings);
  }

  private void configure() {
    for (String queue : QUEUES) {
      engine.queue(queue).admin().orElseThrow().configure(settings(queue));
    }
  }
}
