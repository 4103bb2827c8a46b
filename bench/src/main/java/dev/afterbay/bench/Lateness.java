package dev.afterbay.bench;

import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.worker.Worker;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadLocalRandom;

/**
 * How late a delayed job starts: of an idle process, of one that worked hard for a while before,
 * and of one with very many others that are due later.
 */
record Lateness(int scheduled, Duration load) implements Benchmark {

  /** Of the issue (issue 13, Numbers). */
  static final Lateness STANDARD = new Lateness(1_000_000, Duration.ofMinutes(2));

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MIB = 1 << 20;
  private static final double SHARE_P99 = 0.99;
  private static final Duration DELAY = Duration.ofMillis(500);
  private static final int GAP_MILLIS_MAX = 20;
  private static final int SEND_MAX = 1_000;

  /** Spread behind everything that is measured. */
  private static final int LATER_MINUTES_MIN = 60;

  private static final int LATER_MINUTES_MAX = 60 * 24 * 30;

  @Override
  public String name() {
    return "due";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    BlockingQueue<Long> starts = new LinkedBlockingQueue<>();
    List<Row> rows = new ArrayList<>();
    try (RocksStore store =
            RocksStore.open(plan.folder().resolve("data"), RocksStore.Settings.STANDARD);
        Engine engine = Engine.open(store)) {
      Queue queue = engine.queue("due");
      try (Worker _ = Worker.of(queue).handle(Worker.ANY, _ -> started(starts)).start()) {
        late(plan, queue, starts); // Until the compiler has seen it.
        rows.addAll(rows(plan, "idle", queue, starts));
        work(plan, engine);
        rows.addAll(rows(plan, "after load", queue, starts));
        schedule(plan, engine.queue("later"));
        String many = String.format(Locale.ROOT, "with %,d scheduled", scheduled);
        rows.addAll(rows(plan, many, queue, starts));
        double memory = Jvm.residentBytes(ProcessHandle.current().pid()) / MIB;
        rows.add(new Row("due, " + many + ", memory", "MiB", new Numbers(memory), Goal.NONE));
      }
    }
    return rows;
  }

  private static List<Row> rows(Plan plan, String when, Queue queue, BlockingQueue<Long> starts)
      throws Exception {
    double[] p50s = new double[plan.repeat()];
    double[] p99s = new double[plan.repeat()];
    for (int i = 0; i < plan.repeat(); i++) {
      Numbers late = late(plan, queue, starts);
      p50s[i] = late.median();
      p99s[i] = late.percentile(SHARE_P99);
      plan.progress().printf(Locale.ROOT, "  %s: late by %s%n", when, p99s[i]);
    }
    return List.of(
        new Row("due, " + when + ", p50 late", "ms", new Numbers(p50s), Goal.NONE),
        new Row("due, " + when + ", p99 late", "ms", new Numbers(p99s), Goal.atMost(50)));
  }

  /** In the order in which they were sent, which is that in which they are due. */
  private static Numbers late(Plan plan, Queue queue, BlockingQueue<Long> starts)
      throws InterruptedException {
    int count = plan.count(1_000 / GAP_MILLIS_MAX);
    long[] due = new long[count];
    Message message = Message.of(BenchPayload.random()).delay(DELAY);
    for (int i = 0; i < count; i++) {
      due[i] = System.nanoTime() + DELAY.toNanos();
      queue.send(message);
      Thread.sleep(ThreadLocalRandom.current().nextInt(1, GAP_MILLIS_MAX));
    }
    double[] millis = new double[count];
    for (int i = 0; i < count; i++) {
      millis[i] = (starts.take() - due[i]) / NANOS_PER_MILLI;
    }
    return new Numbers(millis);
  }

  private void work(Plan plan, Engine engine) throws InterruptedException {
    plan.progress().println("  load for " + load);
    Queue queue = engine.queue("load");
    try (Consumers consumers = Consumers.start(Consumers.Kind.WORKER, queue);
        Producers _ = Producers.start(queue, Message.of(BenchPayload.random()), 64)) {
      plan.progress().printf(Locale.ROOT, "  %,.0f/s%n", consumers.perSecond(load));
    }
  }

  private void schedule(Plan plan, Queue queue) {
    long began = System.nanoTime();
    for (int sent = 0; sent < scheduled; sent += SEND_MAX) {
      int minutes = ThreadLocalRandom.current().nextInt(LATER_MINUTES_MIN, LATER_MINUTES_MAX);
      Message message = Message.of(BenchPayload.random()).delay(Duration.ofMinutes(minutes));
      queue.send(Collections.nCopies(SEND_MAX, message));
    }
    double seconds = Numbers.seconds(System.nanoTime() - began);
    plan.progress().printf(Locale.ROOT, "  scheduled at %,.0f/s%n", scheduled / seconds);
  }

  private static Outcome started(BlockingQueue<Long> starts) {
    starts.add(System.nanoTime());
    return Outcome.done();
  }
}
