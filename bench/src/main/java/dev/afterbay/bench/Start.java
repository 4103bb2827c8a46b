package dev.afterbay.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** From the launcher to the ready line, and what an idle server takes, as a user meets it. */
record Start() implements Benchmark {

  private static final Duration IDLE = Duration.ofSeconds(10);
  private static final double MB = 1e6;
  private static final double MILLIS_PER_SECOND = 1e3;

  @Override
  public String name() {
    return "start";
  }

  /**
   * With the launcher's cache or without it, as where nobody may write one: then the JVM still has
   * the one of the JDK's own classes, which -XX:AOTMode=off would take away, too.
   */
  private enum Cache {
    YES("", ""),
    NO(" without the cache", "-Xshare:auto");

    private final String words;
    private final String options;

    Cache(String words, String options) {
      this.words = words;
      this.options = options;
    }
  }

  private record Measured(double seconds, double megabytes) {}

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    Launcher.requireCache();
    Map<Cache, List<Measured>> measured = new EnumMap<>(Cache.class);
    for (int i = 0; i < plan.repeat(); i++) {
      // In turns, so that both see the same load of others.
      for (Cache cache : Cache.values()) {
        Measured one = measure(plan, cache, cache.name() + i);
        measured.computeIfAbsent(cache, _ -> new ArrayList<>()).add(one);
        plan.progress()
            .printf(
                Locale.ROOT,
                "  start%s: %.2f s, %.0f MB%n",
                cache.words,
                one.seconds,
                one.megabytes);
      }
    }
    List<Row> rows = new ArrayList<>();
    measured.forEach((cache, all) -> rows.addAll(rows(cache, all)));
    return rows;
  }

  private static Measured measure(Plan plan, Cache cache, String data) throws Exception {
    try (ServerProcess server = start(plan, cache, data)) {
      Thread.sleep(IDLE);
      return new Measured(
          server.startTime().toMillis() / MILLIS_PER_SECOND, Jvm.residentBytes(server.pid()) / MB);
    }
  }

  private List<Row> rows(Cache cache, List<Measured> all) {
    double[] seconds = all.stream().mapToDouble(Measured::seconds).toArray();
    double[] megabytes = all.stream().mapToDouble(Measured::megabytes).toArray();
    String what = name() + cache.words;
    Goal goal = Goal.atMost(cache == Cache.YES ? 0.8 : 1.5);
    return List.of(
        new Row(what, "s", new Numbers(seconds), goal),
        new Row(what + ", idle memory", "MB", new Numbers(megabytes), Goal.atMost(150)));
  }

  private static ServerProcess start(Plan plan, Cache cache, String data) throws IOException {
    Path folder = plan.folder();
    return ServerProcess.start(
        Launcher.serve(folder.resolve(data), cache.options), folder.resolve("log"));
  }
}
