package dev.afterbay.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * The same payload as a job and as a message, in turns: what it costs that a job can be looked up.
 */
record JobsOverHttp() implements Benchmark {

  @Override
  public String name() {
    return "http-jobs";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    ProcessBuilder server = ServerProcess.builder(plan.folder().resolve("data"), List.of());
    try (ServerProcess running = ServerProcess.start(server, plan.folder().resolve("log"));
        Load load = Load.on(running.url())) {
      plan.warmUp(time -> perSecond(load, Task.Kind.SEND, time));
      plan.warmUp(time -> perSecond(load, Task.Kind.JOB, time));
      double[] ratios = new double[plan.repeat()];
      int[] runs = {0};
      Numbers values =
          plan.repeat(time -> {
            double before = perSecond(load, Task.Kind.SEND, time);
            double jobs = perSecond(load, Task.Kind.JOB, time);
            double messages = (before + perSecond(load, Task.Kind.SEND, time)) / 2;
            plan.progress().printf(Locale.ROOT, "  as messages: %,.0f/s%n", messages);
            ratios[runs[0]++] = jobs / messages;
            return jobs;
          });
      return List.of(
          new Row(name(), "/s", values, Goal.NONE),
          new Row(name() + ", to messages", "x", new Numbers(ratios), Goal.atLeast(0.85)));
    }
  }

  private static double perSecond(Load load, Task.Kind kind, Duration time) throws IOException {
    Task task = new Task(kind, "bench", OverHttp.CONNECTIONS, 1, Long.MAX_VALUE, time);
    return load.run(task).perSecond();
  }
}
