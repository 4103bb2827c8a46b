package dev.afterbay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Locale;

/**
 * SNS messages, each verified and durable before it is answered.
 *
 * @param pace messages a second: so many are signed for each run, which takes ten times as long as
 *     sending them
 */
record OverSns(int pace) implements Benchmark {

  static final int GOAL_PER_SECOND = 8_000;
  private static final int WARM_UP_RUNS = 2;

  @Override
  public String name() {
    return "sns";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Path folder = plan.folder();
    Deque<Path> messages = messages(plan);
    Path config = folder.resolve("afterbay.yaml");
    Files.writeString(config, config(folder));
    ProcessBuilder server =
        ServerProcess.builder(folder.resolve("data"), List.of("--config", config.toString()));
    try (ServerProcess running = ServerProcess.start(server, folder.resolve("log"));
        Load load = Load.on(running.url())) {
      for (int i = 0; i < WARM_UP_RUNS; i++) {
        perSecond(load, messages.remove());
      }
      double batch = Plan.batchOf(OverHttp.CONNECTIONS);
      Plan.Compared compared = plan.compare(batch, _ -> perSecond(load, messages.remove()));
      return List.of(new Row(name(), "/s", compared, Goal.atLeast(GOAL_PER_SECOND)));
    }
  }

  /** For each run as many as it needs at that pace; no message comes twice. */
  private Deque<Path> messages(Plan plan) throws Exception {
    plan.progress().println("  signing messages, which takes ten times as long as sending them");
    SnsMessages messages = SnsMessages.create(plan.folder());
    Deque<Path> files = new ArrayDeque<>();
    for (int i = 0; i < plan.repeat() + WARM_UP_RUNS; i++) {
      Path file = plan.folder().resolve("messages-" + i);
      messages.write(file, plan.count(pace));
      files.add(file);
    }
    return files;
  }

  private static double perSecond(Load load, Path file) throws IOException {
    Task task =
        new Task(
            Task.Kind.SNS, file.toString(), OverHttp.CONNECTIONS, 1, Long.MAX_VALUE, Task.FOREVER);
    return load.run(task).perSecond();
  }

  private static String config(Path certificates) {
    return String.format(
        Locale.ROOT,
        """
        sns:
          topics:
            - {arn: "%s", queue: bench, name: bench}
          cert_dir: "%s"
        """,
        SnsMessages.TOPIC,
        certificates);
  }
}
