package dev.afterbay.bench;

import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.rocksdb.RocksStore;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The whole life of messages inside of one process: 256 producers send one message of 1 KiB each
 * and wait until it is durable, while consumers claim and settle what comes.
 *
 * @param tracked jobs are kept for 24 h once they are done
 */
record Lifecycle(String name, boolean tracked, Consumers.Kind kind, Goal goal, Goal ratioGoal)
    implements Benchmark {

  static final Lifecycle GONE =
      new Lifecycle(
          "lifecycle", false, Consumers.Kind.RECEIVERS, Goal.atLeast(100_000), Goal.atLeast(0.20));

  static final Lifecycle KEPT =
      new Lifecycle(
          "lifecycle-kept",
          true,
          Consumers.Kind.RECEIVERS,
          Goal.atLeast(90_000),
          Goal.atLeast(0.18));

  static final Lifecycle WORKER =
      new Lifecycle(
          "lifecycle-worker", false, Consumers.Kind.WORKER, Goal.atLeast(50_000), Goal.NONE);

  private static final int PRODUCERS = 256;

  /** Until producers and consumers have found their pace. */
  private static final Duration SETTLING_IN = Duration.ofSeconds(1);

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    try (RocksStore store =
            RocksStore.open(plan.folder().resolve("data"), RocksStore.Settings.STANDARD);
        Engine engine = Engine.open(store)) {
      plan.warmUp(time -> run(plan, engine, time));
      Plan.Compared compared =
          plan.compare(Plan.batchOf(PRODUCERS), time -> run(plan, engine, time));
      return List.of(new Row(name, "/s", compared.values(), goal, compared.ratios(), ratioGoal));
    }
  }

  private double run(Plan plan, Engine engine, Duration time) throws InterruptedException {
    Queue queue = engine.queue("bench");
    Message message = Message.of(BenchPayload.random());
    try (Consumers consumers = Consumers.start(kind, queue)) {
      double perSecond;
      try (Producers _ = Producers.start(queue, tracked ? message.tracked() : message, PRODUCERS)) {
        Thread.sleep(SETTLING_IN);
        perSecond = consumers.perSecond(time);
      }
      plan.progress()
          .printf(Locale.ROOT, "  sent but not done at the end: %,d%n", queue.stats().depth());
      consumers.finish();
      return perSecond;
    }
  }
}
