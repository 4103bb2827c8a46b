package dev.afterbay.bench;

import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.worker.Worker;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * From the call that sends a message to the first line of its handler, while nothing else goes on.
 */
record IdleLatency() implements Benchmark {

  private static final double NANOS_PER_MILLI = 1e6;

  /** Time between two messages, so that all threads have gone to sleep. */
  private static final int GAP_MILLIS_MIN = 5;

  private static final int GAP_MILLIS_MAX = 25;
  private static final int PER_SECOND = 1_000 / GAP_MILLIS_MAX;
  private static final double SHARE_P99 = 0.99;

  @Override
  public String name() {
    return "idle-latency";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    BlockingQueue<Long> starts = new LinkedBlockingQueue<>();
    try (RocksStore store =
            RocksStore.open(plan.folder().resolve("data"), RocksStore.Settings.STANDARD);
        Engine engine = Engine.open(store)) {
      Queue queue = engine.queue("bench");
      try (Worker _ = Worker.of(queue).handle(Worker.ANY, _ -> started(starts)).start()) {
        return rows(plan, () -> millis(queue, starts));
      }
    }
  }

  private List<Row> rows(Plan plan, Callable<Double> sample) throws Exception {
    int count = plan.count(PER_SECOND);
    List<Numbers> runs = new ArrayList<>();
    plan.warmUp(_ -> median(samples(count, sample), runs));
    runs.clear();
    Numbers medians = plan.repeat(_ -> median(samples(count, sample), runs));
    double[] p99s = runs.stream().mapToDouble(run -> run.percentile(SHARE_P99)).toArray();
    return List.of(
        new Row(name() + ", p50", "ms", medians, Goal.atMost(1)),
        new Row(name() + ", p99", "ms", new Numbers(p99s), Goal.atMost(10)));
  }

  private static double median(Numbers run, List<Numbers> runs) {
    runs.add(run);
    return run.median();
  }

  private static Numbers samples(int count, Callable<Double> sample) throws Exception {
    double[] millis = new double[count];
    for (int i = 0; i < count; i++) {
      Thread.sleep(ThreadLocalRandom.current().nextInt(GAP_MILLIS_MIN, GAP_MILLIS_MAX));
      millis[i] = sample.call();
    }
    return new Numbers(millis);
  }

  private static double millis(Queue queue, BlockingQueue<Long> starts)
      throws InterruptedException {
    long sent = System.nanoTime();
    queue.send(Message.of(BenchPayload.random()));
    return (starts.take() - sent) / NANOS_PER_MILLI;
  }

  private static Outcome started(BlockingQueue<Long> starts) {
    starts.add(System.nanoTime());
    return Outcome.done();
  }
}
