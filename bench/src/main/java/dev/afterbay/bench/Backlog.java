package dev.afterbay.bench;

import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.rocksdb.RocksStore;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/** What a queue is like with millions of messages in it, beside the same queue when it is empty. */
record Backlog() implements Benchmark {

  private static final String QUEUE = "bench";
  private static final int SEND_MAX = 1_000;

  /** Few enough to be in memory from the moment they are sent. */
  private static final int ROUND = 10_000;

  private static final int RECEIVE_MAX = 10;

  /** Messages to a measurement of the latency: a hundredth of the backlog, at most these. */
  private static final long RECEIVED_MAX = 20_000;

  private static final int RECEIVED_SHARE = 100;

  /** Of the backlog, the share that at most is drained over HTTP. */
  private static final int DRAINED_SHARE = 10;

  private static final double MIB = 1L << 20;
  private static final double MILLIS_PER_SECOND = 1e3;

  @Override
  public String name() {
    return "backlog";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Path data = plan.folder().resolve("data");
    double before = emptyRate(plan, data);
    fill(plan, data);
    List<Row> rows = new ArrayList<>();
    rows.add(open(plan, data));
    rows.addAll(overHttp(plan, data));
    Numbers drain = drain(plan, data);
    double empty = (before + emptyRate(plan, data)) / 2;
    rows.add(new Row(name() + ", drain", "/s", drain, Goal.NONE));
    rows.add(row("drain of an empty queue", "/s", empty, Goal.NONE));
    rows.add(row("drain to that of empty", "x", drain.median() / empty, Goal.atLeast(0.8)));
    return rows;
  }

  private Row open(Plan plan, Path data) throws Exception {
    plan.progress().println("  opening");
    Numbers seconds =
        plan.repeat(_ -> {
          long began = System.nanoTime();
          try (Opened opened = Opened.at(data)) {
            opened.queue().peek(1);
            return Numbers.seconds(System.nanoTime() - began);
          }
        });
    return new Row(name() + ", open", "s", seconds, Goal.atMost(3));
  }

  /** Start, latency and memory are those of a server, as a user has one. */
  private List<Row> overHttp(Plan plan, Path data) throws Exception {
    plan.progress().println("  receiving from a server");
    ProcessBuilder builder = ServerProcess.builder(data, List.of());
    try (ServerProcess server = ServerProcess.start(builder, plan.folder().resolve("log"));
        Load load = Load.on(server.url())) {
      double ready = server.startTime().toMillis() / MILLIS_PER_SECOND;
      long few = Math.min(RECEIVED_MAX, plan.backlog() / RECEIVED_SHARE);
      receive(load, 1, RECEIVE_MAX, few);
      Numbers p99s = plan.repeat(_ -> receive(load, 1, RECEIVE_MAX, few).p99Millis());
      double memory = Jvm.residentBytesMax(server.pid()) / MIB;
      long many = plan.backlog() / DRAINED_SHARE;
      Task.Result drain = receive(load, OverHttp.CONNECTIONS, OverHttp.WORK.batch(), many);
      double memoryMax = Jvm.residentBytesMax(server.pid()) / MIB;
      return List.of(
          row("server ready", "s", ready, Goal.NONE),
          new Row(name() + ", receive p99", "ms", p99s, Goal.atMost(50)),
          row("memory", "MiB", memory, Goal.atMost(512)),
          row("drain over HTTP", "/s", drain.perSecond(), Goal.NONE),
          row("memory after that", "MiB", memoryMax, Goal.atMost(512)));
    }
  }

  private static Task.Result receive(Load load, int connections, int batch, long count)
      throws IOException {
    return load.run(new Task(Task.Kind.WORK, QUEUE, connections, batch, count, Task.FOREVER));
  }

  private Row row(String what, String unit, double value, Goal goal) {
    return new Row(name() + ", " + what, unit, new Numbers(value), goal);
  }

  private static Numbers drain(Plan plan, Path data) throws Exception {
    plan.progress().println("  draining");
    try (Opened opened = Opened.at(data);
        Consumers consumers = opened.consumers()) {
      return rates(plan, opened.queue(), consumers);
    }
  }

  /** Until nothing is left, for each full time that went by; if none did, of the whole. */
  private static Numbers rates(Plan plan, Queue queue, Consumers consumers)
      throws InterruptedException {
    long began = System.nanoTime();
    List<Double> rates = new ArrayList<>();
    double rate = consumers.perSecond(plan.time());
    while (queue.stats().depth() > 0) {
      plan.progress().printf(Locale.ROOT, "  %,.0f/s%n", rate);
      rates.add(rate);
      rate = consumers.perSecond(plan.time());
    }
    return rates.isEmpty()
        ? new Numbers(consumers.done() / Numbers.seconds(System.nanoTime() - began))
        : new Numbers(rates.stream().mapToDouble(Double::doubleValue).toArray());
  }

  private static double emptyRate(Plan plan, Path data) throws Exception {
    plan.progress().println("  draining an empty queue");
    try (Opened opened = Opened.at(data)) {
      plan.warmUp(time -> emptyRate(opened, time));
      return plan.repeat(time -> emptyRate(opened, time)).median();
    }
  }

  /** Only draining counts, not the sending before. */
  private static double emptyRate(Opened opened, Duration time) throws InterruptedException {
    long drained = 0;
    long taken = 0;
    while (taken < time.toNanos()) {
      send(opened.queue(), ROUND);
      long began = System.nanoTime();
      try (Consumers consumers = opened.consumers()) {
        consumers.await(ROUND);
        taken += System.nanoTime() - began;
      }
      drained += ROUND;
    }
    return drained / Numbers.seconds(taken);
  }

  private void fill(Plan plan, Path data) {
    plan.progress().printf(Locale.ROOT, "  sending %,d messages%n", plan.backlog());
    long began = System.nanoTime();
    try (Opened opened = Opened.at(data)) {
      send(opened.queue(), plan.backlog());
    }
    double seconds = Numbers.seconds(System.nanoTime() - began);
    plan.progress().printf(Locale.ROOT, "  %,.0f/s%n", plan.backlog() / seconds);
  }

  private static void send(Queue queue, long count) {
    Message message = Message.of(BenchPayload.random());
    for (long sent = 0; sent < count; sent += SEND_MAX) {
      queue.send(Collections.nCopies((int) Math.min(SEND_MAX, count - sent), message));
    }
  }

  private record Opened(RocksStore store, Engine engine) implements AutoCloseable {

    static Opened at(Path data) {
      RocksStore store = RocksStore.open(data, RocksStore.Settings.STANDARD);
      return new Opened(store, Engine.open(store));
    }

    Queue queue() {
      return engine.queue(QUEUE);
    }

    Consumers consumers() {
      return Consumers.start(Consumers.Kind.RECEIVERS, queue());
    }

    @Override
    public void close() {
      engine.close();
      store.close();
    }
  }
}
