package dev.afterbay.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Very many connections, each of which waits for a message: how quick the server's health stays
 * meanwhile, how long it takes until each has got one, and what memory that takes.
 */
record Crowd(int connections) implements Benchmark {

  /** Of the issue (issue 2, Faults and bad input). */
  static final Crowd STANDARD = new Crowd(10_000);

  private static final double NANOS_PER_MILLI = 1e6;
  private static final double MIB = 1 << 20;
  private static final double SHARE_P99 = 0.99;
  private static final int HEALTH_PER_SECOND = 100;
  private static final int HEALTH_GAP_MILLIS = 1_000 / HEALTH_PER_SECOND;
  private static final int BATCH = 100;
  private static final long WAIT_MILLIS = 60_000;
  private static final String QUEUE = "bench";

  @Override
  public String name() {
    return "http-connections";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Path folder = plan.folder();
    List<Double> connect = new ArrayList<>();
    List<Double> health = new ArrayList<>();
    List<Double> all = new ArrayList<>();
    List<Double> memory = new ArrayList<>();
    for (int i = 0; i < plan.repeat(); i++) {
      ProcessBuilder builder = ServerProcess.builder(folder.resolve("data" + i), List.of());
      try (ServerProcess server = ServerProcess.start(builder, folder.resolve("log"));
          Waiting waiting = new Waiting(URI.create(server.url()), connections)) {
        connect.add(millis(waiting::connect));
        health.add(health(server.url(), plan.count(HEALTH_PER_SECOND)).percentile(SHARE_P99));
        all.add(millis(() -> waiting.each(BATCH)));
        memory.add(Jvm.residentBytes(server.pid()) / MIB);
        plan.progress().printf(Locale.ROOT, "  %d: health p99 %.1f ms%n", i + 1, health.getLast());
      }
    }
    String what = String.format(Locale.ROOT, "%s (%,d)", name(), connections);
    return List.of(
        row(what + ", all connected", "ms", connect),
        row(what + ", health p99 meanwhile", "ms", health),
        row(what + ", a message to each", "ms", all),
        row(what + ", memory", "MiB", memory));
  }

  private static Row row(String what, String unit, List<Double> values) {
    double[] samples = values.stream().mapToDouble(Double::doubleValue).toArray();
    return new Row(what, unit, new Numbers(samples), Goal.NONE);
  }

  private static double millis(Step step) throws Exception {
    long began = System.nanoTime();
    step.take();
    return (System.nanoTime() - began) / NANOS_PER_MILLI;
  }

  @FunctionalInterface
  private interface Step {
    void take() throws Exception;
  }

  private static Numbers health(String url, int count) throws Exception {
    double[] millis = new double[count];
    byte[] request = Requests.get("/health/live");
    try (Caller caller = new Caller(URI.create(url))) {
      for (int i = 0; i < count; i++) {
        millis[i] = millis(() -> caller.call(request));
        Thread.sleep(HEALTH_GAP_MILLIS);
      }
    }
    return new Numbers(millis);
  }

  /** Those who wait, each on a connection and a virtual thread of its own. */
  private static final class Waiting implements AutoCloseable {
    private final URI server;
    private final int count;
    private final List<Caller> callers = new ArrayList<>();
    private final List<Future<Integer>> received = new ArrayList<>();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

    Waiting(URI server, int count) {
      this.server = server;
      this.count = count;
    }

    /** Opens all connections and lets each ask for a message. */
    void connect() throws IOException {
      byte[] request = Requests.receive(QUEUE, 1, WAIT_MILLIS);
      for (int i = 0; i < count; i++) {
        Caller caller = new Caller(server);
        callers.add(caller);
        caller.send(request);
        Callable<Integer> answer = () -> caller.answer().receipts().size();
        received.add(threads.submit(answer));
      }
    }

    /** Sends as many messages as there are waiting, and waits until each has got one. */
    void each(int batch) throws Exception {
      byte[] text = BenchPayload.text();
      try (Caller sender = new Caller(server)) {
        for (int left = count; left > 0; left -= batch) {
          sender.call(Requests.batch(QUEUE, text, Math.min(batch, left)));
        }
      }
      for (Future<Integer> each : received) {
        if (each.get() != 1) {
          throw new IllegalStateException("one of those who wait got " + each.get() + " messages");
        }
      }
    }

    @Override
    public void close() throws IOException {
      for (Caller caller : callers) {
        caller.close();
      }
      threads.close();
    }
  }
}
