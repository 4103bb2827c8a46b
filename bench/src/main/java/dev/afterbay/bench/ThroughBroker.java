package dev.afterbay.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What a user's program gets of a server: {@code HttpBroker} in a process of its own, cold and
 * warm. Beside it, in turns, a client over plain sockets, which is as much as the server can do,
 * and the same program with a store of its own.
 *
 * <p>The plain sockets carry as many messages at a time as there are threads, or two fewer, in as
 * many requests as {@code HttpBroker} has under way for a queue.
 *
 * @param first how long both are cold
 */
record ThroughBroker(List<Integer> senders, Duration first) implements Benchmark {

  /** Threads that send, where 64 is that of the goals, and the first seconds of issue 12. */
  static final ThroughBroker STANDARD =
      new ThroughBroker(List.of(1, 16, 64, 256), Duration.ofSeconds(5));

  private static final int LIFECYCLE_THREADS = 64;
  private static final int REQUESTS = 3;
  private static final int COLD_RUNS_MAX = 3;

  /** Of what other benchmarks take: a client and a server have to be compiled. */
  private static final int WARM_UPS = 3;

  private static final double MANY = 10;

  @Override
  public String name() {
    return "http-broker";
  }

  /** What is measured of each client. */
  private record Case(BrokerTask.Kind kind, int threads) {
    boolean isLatency() {
      return kind == BrokerTask.Kind.LATENCY;
    }

    BrokerTask task(String queue, Duration time) {
      return new BrokerTask(kind, queue, threads, time);
    }

    String words() {
      return switch (kind) {
        case SEND -> "send, " + threads + (threads == 1 ? " thread" : " threads");
        case LIFECYCLE -> "lifecycle, " + threads + " threads";
        case LATENCY -> "at " + BrokerTask.LATENCY_PER_SECOND + "/s";
      };
    }

    Goal goal() {
      return switch (kind) {
        case SEND -> threads == 64 ? Goal.atLeast(25_000) : Goal.NONE;
        case LIFECYCLE -> Goal.atLeast(15_000);
        case LATENCY -> Goal.atMost(1);
      };
    }

    Goal ofEmbedded() {
      boolean hasGoal = kind == BrokerTask.Kind.LIFECYCLE || threads == 1;
      return hasGoal && !isLatency() ? Goal.atLeast(0.5) : Goal.NONE;
    }

    Goal ofSockets() {
      return threads == 64 ? Goal.atLeast(0.8) : Goal.NONE;
    }
  }

  /** By the name of a row, what was measured, in the order of the table. */
  private static final class Samples {
    private final Map<String, List<Double>> values = new LinkedHashMap<>();
    private final Map<String, Row> rows = new LinkedHashMap<>();

    void add(String what, String unit, double value, Goal goal) {
      List<Double> all = values.computeIfAbsent(what, _ -> new ArrayList<>());
      all.add(value);
      double[] samples = all.stream().mapToDouble(Double::doubleValue).toArray();
      rows.put(what, new Row(what, unit, new Numbers(samples), goal));
    }

    double median(String what) {
      Row row = rows.get(what);
      return row == null ? Double.NaN : row.values().median();
    }
  }

  private List<Case> cases() {
    List<Case> cases = new ArrayList<>();
    senders.forEach(threads -> cases.add(new Case(BrokerTask.Kind.SEND, threads)));
    cases.add(new Case(BrokerTask.Kind.LIFECYCLE, LIFECYCLE_THREADS));
    cases.add(new Case(BrokerTask.Kind.LATENCY, 1));
    return cases;
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Samples samples = new Samples();
    for (int i = 0; i < Math.min(COLD_RUNS_MAX, plan.repeat()); i++) {
      for (Case each : cases()) {
        cold(
            plan,
            each,
            plan.folder().resolve("cold" + i + "-" + each.kind + each.threads),
            samples);
      }
    }
    warm(plan, samples);
    for (Case each : cases()) {
      if (!each.isLatency()) {
        double ratio = samples.median(row("cold", each)) / samples.median(row("warm", each));
        samples.add(row("cold to warm", each), "x", ratio, Goal.atLeast(0.5));
      }
    }
    return List.copyOf(samples.rows.values());
  }

  private String row(String how, Case each) {
    return name() + " " + how + ", " + each.words();
  }

  /** What a server and a client do in their first seconds, both started for it. */
  private void cold(Plan plan, Case each, Path data, Samples samples) throws Exception {
    try (ServerProcess server = serve(plan, data);
        Load broker = Load.ofBroker(server.url())) {
      Task.Result result = broker.run(each.task("cold", first));
      note(plan, "cold", each, "HttpBroker", result);
      take(samples, "cold", each, result, Goal.NONE);
    }
  }

  private void take(Samples samples, String how, Case each, Task.Result result, Goal goal) {
    if (each.isLatency()) {
      samples.add(row(how, each) + ", p50", "ms", result.medianMillis(), goal);
      boolean hasGoal = !goal.equals(Goal.NONE);
      samples.add(
          row(how, each) + ", p99", "ms", result.p99Millis(), hasGoal ? Goal.atMost(8) : goal);
    } else {
      samples.add(row(how, each), "/s", result.perSecond(), goal);
    }
  }

  private void warm(Plan plan, Samples samples) throws Exception {
    try (ServerProcess server = serve(plan, plan.folder().resolve("warm"));
        Load broker = Load.ofBroker(server.url());
        Load sockets = Load.on(server.url());
        Load embedded = Load.ofBroker(plan.folder().resolve("embedded").toString())) {
      Rivals rivals = new Rivals(plan, broker, sockets, embedded);
      long end = System.nanoTime() + WARM_UPS * plan.warmUp().toNanos();
      while (System.nanoTime() < end) {
        for (Case each : cases()) {
          rivals.run(each, new Samples());
        }
      }
      for (int i = 0; i < plan.repeat(); i++) {
        for (Case each : cases()) {
          rivals.run(each, samples);
        }
      }
    }
  }

  /** The three, each in its own process, in turns. */
  private final class Rivals {
    private final Plan plan;
    private final Load broker;
    private final Load sockets;
    private final Load embedded;
    private int runs;

    Rivals(Plan plan, Load broker, Load sockets, Load embedded) {
      this.plan = plan;
      this.broker = broker;
      this.sockets = sockets;
      this.embedded = embedded;
    }

    void run(Case each, Samples samples) throws IOException {
      String queue = "warm-" + runs++; // So that none begins with what another left.
      Task.Result own = embedded.run(each.task(queue, plan.time()));
      note(plan, "warm", each, "embedded", own);
      Task.Result ours = broker.run(each.task(queue, plan.time()));
      note(plan, "warm", each, "HttpBroker", ours);
      take(samples, "warm", each, ours, each.goal());
      take(samples, "embedded", each, own, Goal.NONE);
      if (each.isLatency()) {
        return;
      }
      double ratio = ours.perSecond() / own.perSecond();
      samples.add(row("to embedded", each), "x", ratio, each.ofEmbedded());
      if (each.kind == BrokerTask.Kind.SEND) {
        Task.Result raw = sockets.run(socketTask(each, queue + "-sockets"));
        note(plan, "warm", each, "sockets", raw);
        take(samples, "sockets", each, raw, Goal.NONE);
        double ofRaw = ours.perSecond() / raw.perSecond();
        samples.add(row("to sockets", each), "x", ofRaw, each.ofSockets());
      }
    }

    private Task socketTask(Case each, String queue) {
      int requests = Math.min(REQUESTS, each.threads);
      int batch = each.threads / requests;
      Task.Kind kind = batch == 1 ? Task.Kind.SEND : Task.Kind.BATCH;
      return new Task(kind, queue, requests, batch, Long.MAX_VALUE, plan.time());
    }
  }

  private static void note(Plan plan, String how, Case each, String who, Task.Result result) {
    String value =
        each.isLatency()
            ? String.format(
                Locale.ROOT, "p50 %.2f, p99 %.2f ms", result.medianMillis(), result.p99Millis())
            : String.format(
                Locale.ROOT, result.perSecond() < MANY ? "%.2f/s" : "%,.0f/s", result.perSecond());
    plan.progress().printf(Locale.ROOT, "  %s, %s, %s: %s%n", how, each.words(), who, value);
  }

  /** As a user starts it: with the launcher's cache, if there is one. */
  private static ServerProcess serve(Plan plan, Path data) throws IOException {
    ProcessBuilder server =
        Launcher.hasCache() ? Launcher.serve(data, "") : ServerProcess.builder(data, List.of());
    return ServerProcess.start(server, plan.folder().resolve("log"));
  }
}
