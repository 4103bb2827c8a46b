package dev.afterbay.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * One message to a request by TLS, beside the same in clear text: two servers, which take turns.
 * The client, on the same machine, has to encrypt and decrypt as much as the server.
 */
record OverTls() implements Benchmark {

  private static final double GOAL_OF_PLAIN = 0.8;

  @Override
  public String name() {
    return "http-send-tls";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Path folder = plan.folder();
    SnsMessages.create(folder);
    Path store = folder.resolve(SnsMessages.STORE);
    Path password = Files.writeString(folder.resolve("password"), SnsMessages.PASSWORD);
    List<String> tls =
        List.of(
            "--set",
            "http.tls.certificate=" + store,
            "--set",
            "http.tls.password_file=" + password);
    try (ServerProcess plain = start(folder, "plain", List.of());
        ServerProcess secure = start(folder, "tls", tls);
        Load plainLoad = Load.on(plain.url());
        Load secureLoad = Load.on(secure.url(), store)) {
      double[] ratios = new double[plan.repeat()];
      int[] runs = {0};
      plan.warmUp(time -> perSecond(plainLoad, time));
      plan.warmUp(time -> perSecond(secureLoad, time));
      Numbers values =
          plan.repeat(time -> {
            double before = perSecond(plainLoad, time.dividedBy(2));
            double value = perSecond(secureLoad, time);
            double beside = (before + perSecond(plainLoad, time.dividedBy(2))) / 2;
            ratios[runs[0]++] = value / beside;
            return value;
          });
      return List.of(
          new Row(
              name() + ", of plain",
              "/s",
              values,
              Goal.NONE,
              new Numbers(ratios),
              Goal.atLeast(GOAL_OF_PLAIN)));
    }
  }

  private static ServerProcess start(Path folder, String name, List<String> options)
      throws IOException {
    return ServerProcess.start(
        ServerProcess.builder(folder.resolve("data-" + name), options), folder.resolve(name));
  }

  private static double perSecond(Load load, Duration time) throws IOException {
    Task task = new Task(Task.Kind.SEND, "bench", OverHttp.CONNECTIONS, 1, Long.MAX_VALUE, time);
    return load.run(task).perSecond();
  }
}
