package dev.afterbay.bench;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;

/**
 * What a server takes in its first seconds after the ready line, beside what the same one takes
 * once it is warm. The client is warm from the beginning.
 *
 * @param first how many they are
 */
record FirstSeconds(Duration first) implements Benchmark {

  /** Of the issue (issue 14, Numbers). */
  static final FirstSeconds STANDARD = new FirstSeconds(Duration.ofSeconds(3));

  @Override
  public String name() {
    return "first-seconds";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    int port = freePort();
    double[] firsts = new double[plan.repeat()];
    double[] ratios = new double[plan.repeat()];
    try (Load load = Load.on("http://127.0.0.1:" + port)) {
      try (ServerProcess _ = start(plan, port, "before")) {
        plan.warmUp(time -> perSecond(load, time));
      }
      for (int i = 0; i < firsts.length; i++) {
        try (ServerProcess _ = start(plan, port, "data" + i)) {
          firsts[i] = perSecond(load, first);
          plan.warmUp(time -> perSecond(load, time));
          ratios[i] = firsts[i] / perSecond(load, first);
          plan.progress().printf(Locale.ROOT, "  %,.0f/s, %.2f of warm%n", firsts[i], ratios[i]);
        }
      }
    }
    Goal half = Goal.atLeast(0.5);
    return List.of(
        new Row(
            name() + ", of warm", "/s", new Numbers(firsts), Goal.NONE, new Numbers(ratios), half));
  }

  private static double perSecond(Load load, Duration time) throws IOException {
    Task task = new Task(Task.Kind.SEND, "bench", OverHttp.CONNECTIONS, 1, Long.MAX_VALUE, time);
    return load.run(task).perSecond();
  }

  /** With what the launcher learnt, unless it would have to build first. */
  private static ServerProcess start(Plan plan, int port, String name) throws IOException {
    Path data = plan.folder().resolve(name);
    ProcessBuilder builder =
        Launcher.hasCache()
            ? Launcher.serve(data, "", port)
            : ServerProcess.builder(data, List.of(), port);
    return ServerProcess.start(builder, plan.folder().resolve("log"));
  }

  /** The client is told once where its servers are, which come one after the other. */
  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
