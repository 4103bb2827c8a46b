package dev.afterbay.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** A server in a process of its own, and a client in another, that sends or works. */
record OverHttp(String name, Task.Kind kind, int batch, Goal goal) implements Benchmark {

  static final OverHttp SEND = new OverHttp("http-send", Task.Kind.SEND, 1, Goal.atLeast(20_000));
  static final OverHttp BATCH =
      new OverHttp("http-batch", Task.Kind.BATCH, 100, Goal.atLeast(100_000));
  static final OverHttp WORK =
      new OverHttp("http-receive-settle", Task.Kind.WORK, 100, Goal.atLeast(40_000));

  /** Of the goal (issue 2, Numbers). */
  static final int CONNECTIONS = 64;

  /** So many messages wait to be received for each second; when they are gone, it ends earlier. */
  private static final int PREPARED_PER_SECOND = 120_000;

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Path folder = plan.folder();
    ProcessBuilder server = ServerProcess.builder(folder.resolve("data"), List.of());
    try (ServerProcess running = ServerProcess.start(server, folder.resolve("log"));
        Load load = Load.on(running.url())) {
      Runs runs = new Runs(load, plan.count(PREPARED_PER_SECOND));
      plan.warmUp(runs::next);
      if (kind == Task.Kind.WORK) {
        return List.of(new Row(name, "/s", plan.repeat(runs::next), goal));
      }
      double together = Plan.batchOf(CONNECTIONS) * batch;
      return List.of(new Row(name, "/s", plan.compare(together, runs::next), goal));
    }
  }

  /** Each has a queue of its own, so that none begins with what another left. */
  private final class Runs {
    private final Load load;
    private final int prepared;
    private int count;

    Runs(Load load, int prepared) {
      this.load = load;
      this.prepared = prepared;
    }

    double next(Duration time) throws IOException {
      String queue = "bench-" + count++;
      if (kind == Task.Kind.WORK) {
        load.run(new Task(Task.Kind.BATCH, queue, CONNECTIONS, batch, prepared, Task.FOREVER));
      }
      long items = kind == Task.Kind.WORK ? prepared : Long.MAX_VALUE;
      Task task = new Task(kind, queue, CONNECTIONS, batch, items, time);
      return load.run(task).perSecond();
    }
  }
}
