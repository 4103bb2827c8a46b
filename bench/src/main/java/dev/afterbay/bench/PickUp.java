package dev.afterbay.bench;

import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * From the request that submits a job to the answer that hands it to somebody who waits, over HTTP,
 * while nothing else goes on.
 */
record PickUp() implements Benchmark {

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double SHARE_P99 = 0.99;

  /** Time between two jobs, so that all threads have gone to sleep. */
  private static final int GAP_MILLIS_MIN = 5;

  private static final int GAP_MILLIS_MAX = 25;
  private static final int PER_SECOND = 1_000 / GAP_MILLIS_MAX;
  private static final long WAIT_MILLIS = 20_000;
  private static final String QUEUE = "bench";

  @Override
  public String name() {
    return "http-pick-up";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    ProcessBuilder builder = ServerProcess.builder(plan.folder().resolve("data"), List.of());
    double[] p50s = new double[plan.repeat()];
    double[] p99s = new double[plan.repeat()];
    int count = plan.count(PER_SECOND);
    try (ServerProcess server = ServerProcess.start(builder, plan.folder().resolve("log"));
        Caller submits = new Caller(URI.create(server.url()));
        Caller waits = new Caller(URI.create(server.url()))) {
      plan.warmUp(_ -> samples(submits, waits, count).median());
      for (int i = 0; i < plan.repeat(); i++) {
        Numbers run = samples(submits, waits, count);
        p50s[i] = run.median();
        p99s[i] = run.percentile(SHARE_P99);
      }
    }
    return List.of(
        new Row(name() + ", p50", "ms", new Numbers(p50s), Goal.atMost(2)),
        new Row(name() + ", p99", "ms", new Numbers(p99s), Goal.atMost(15)));
  }

  private static Numbers samples(Caller submits, Caller waits, int count)
      throws IOException, InterruptedException {
    byte[] job = Requests.job(QUEUE, BenchPayload.text());
    byte[] receive = Requests.receive(QUEUE, 1, WAIT_MILLIS);
    double[] millis = new double[count];
    for (int i = 0; i < count; i++) {
      waits.send(receive);
      Thread.sleep(ThreadLocalRandom.current().nextInt(GAP_MILLIS_MIN, GAP_MILLIS_MAX));
      long began = System.nanoTime();
      submits.send(job);
      List<String> receipts = waits.answer().receipts();
      millis[i] = (System.nanoTime() - began) / NANOS_PER_MILLI;
      submits.answer();
      waits.call(Requests.settle(QUEUE, receipts));
    }
    return new Numbers(millis);
  }
}
