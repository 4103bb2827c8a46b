package dev.afterbay.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A server that may take 256 MiB in all: very many small messages are taken, kept over a restart
 * and drained, then the largest bodies are received and listed by many at a time.
 *
 * <p>Its memory is what is in RAM at most, files included, as a memory group would count it.
 *
 * @param messages of 200 bytes
 * @param bodies of 1 MiB
 */
record SmallMachine(int messages, int bodies) implements Benchmark {

  /** Of the issue (issue 14, Numbers). */
  static final SmallMachine STANDARD = new SmallMachine(1_000_000, 60);

  private static final double MIB = 1L << 20;
  private static final Goal MEMORY = Goal.atMost(256);
  private static final Duration PATIENCE = Duration.ofMinutes(20);
  private static final Duration PAUSE = Duration.ofMillis(100);

  private static final String QUEUE = "small";
  private static final int MESSAGE_BYTES = 200;
  private static final int BATCH = 500;
  private static final int SENDERS = 8;
  private static final int WORKERS = 4;

  private static final String LARGE = "large";
  private static final int LISTS_EACH = 12;
  private static final int RECEIVES = 8;

  private static final int OK = 200;
  private static final int CREATED = 201;
  private static final int UNAVAILABLE = 503;

  @Override
  public String name() {
    return "small-machine";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    List<Row> rows = new ArrayList<>();
    try (ServerProcess server = start(plan);
        Calls calls = new Calls(server.url())) {
      plan.progress().println("  sending");
      rows.add(row("taken", "/s", messages / calls.fill(messages), Goal.NONE));
      rows.add(memory("memory while taken", server));
    }
    try (ServerProcess server = start(plan);
        Load load = Load.on(server.url())) {
      plan.progress().println("  draining, after a restart");
      Task.Result drained =
          load.run(new Task(Task.Kind.WORK, QUEUE, WORKERS, BATCH, messages, PATIENCE));
      if (drained.items() != messages) {
        throw new IllegalStateException("drained " + drained.items() + " of " + messages);
      }
      rows.add(row("drained", "/s", drained.perSecond(), Goal.NONE));
      rows.add(memory("memory while drained", server));
      try (Calls calls = new Calls(server.url())) {
        plan.progress().println("  the largest bodies");
        rows.add(row("largest bodies, answered at once", "", calls.large(bodies), Goal.NONE));
      }
      rows.add(memory("memory with the largest bodies", server));
    }
    return rows;
  }

  private Row memory(String what, ServerProcess server) throws IOException {
    return row(what, "MiB", Jvm.residentBytesMax(server.pid()) / MIB, MEMORY);
  }

  private Row row(String what, String unit, double value, Goal goal) {
    return new Row(name() + ", " + what, unit, new Numbers(value), goal);
  }

  /**
   * By the launcher, which gives the heap its part of the memory, unless it would have to build.
   */
  private static ServerProcess start(Plan plan) throws IOException {
    Path data = plan.folder().resolve("data");
    ProcessBuilder builder;
    if (Launcher.hasCache()) {
      builder = Launcher.serve(data, "");
      builder.environment().put("AFTERBAY_PROFILE", "small");
    } else {
      builder = ServerProcess.builder(data, List.of("--set", "memory=256MiB"));
    }
    return ServerProcess.start(builder, plan.folder().resolve("log"));
  }

  /** What a program asks of the server that waits a little and asks again when it is told to. */
  private record Calls(String url, HttpClient client, ExecutorService threads)
      implements AutoCloseable {

    Calls(String url) {
      this(
          url,
          HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build(),
          Executors.newVirtualThreadPerTaskExecutor());
    }

    /** Sends so many messages, and tells how many seconds that took. */
    double fill(int messages) throws Exception {
      byte[] body = Arrays.copyOf(BenchPayload.text(), MESSAGE_BYTES);
      String line = "{\"body\":\"" + new String(body, StandardCharsets.US_ASCII) + "\"}\n";
      AtomicInteger left = new AtomicInteger(messages);
      long began = System.nanoTime();
      all(
          SENDERS,
          () -> {
            for (int n = left.getAndAdd(-BATCH); n > 0; n = left.getAndAdd(-BATCH)) {
              String batch = line.repeat(Math.min(n, BATCH));
              requireCreated(post("/queues/" + QUEUE + "/messages/batch", batch));
            }
            return 0;
          });
      return Numbers.seconds(System.nanoTime() - began);
    }

    /** Sends the largest bodies, then asks for all of them many times at once. */
    int large(int bodies) throws Exception {
      String body = "y".repeat(1 << 20);
      for (int i = 0; i < bodies; i++) {
        requireCreated(post("/queues/" + LARGE + "/messages", body));
      }
      List<Callable<Integer>> asked = new ArrayList<>();
      for (int i = 0; i < LISTS_EACH; i++) {
        asked.add(() -> get("/queues/" + LARGE + "/peek?limit=1000"));
        asked.add(() -> get("/jobs?limit=500&include=payload"));
        asked.add(() -> get("/jobs?queue=" + LARGE + "&limit=500&include=payload,detail"));
      }
      for (int i = 0; i < RECEIVES; i++) {
        asked.add(() -> postOnce("/queues/" + LARGE + "/receive", "{\"max\":1000}"));
      }
      int answered = 0;
      for (Future<Integer> each : threads.invokeAll(asked)) {
        int status = each.get();
        if (status != OK && status != UNAVAILABLE) {
          throw new IllegalStateException("answered " + status);
        }
        answered += status == OK ? 1 : 0;
      }
      if (get("/health/live") != OK) {
        throw new IllegalStateException("the server is not well any more");
      }
      return answered;
    }

    private void all(int count, Callable<Integer> work)
        throws InterruptedException, ExecutionException {
      for (Future<Integer> each : threads.invokeAll(Collections.nCopies(count, work))) {
        each.get();
      }
    }

    private static void requireCreated(int status) {
      if (status != CREATED) {
        throw new IllegalStateException("answered " + status);
      }
    }

    /** Again while there is no room for it. */
    private int post(String path, String body) throws IOException, InterruptedException {
      int status = postOnce(path, body);
      while (status == UNAVAILABLE) {
        Thread.sleep(PAUSE);
        status = postOnce(path, body);
      }
      return status;
    }

    private int postOnce(String path, String body) throws IOException, InterruptedException {
      return status(
          HttpRequest.newBuilder(URI.create(url + path)).POST(BodyPublishers.ofString(body)));
    }

    private int get(String path) throws IOException, InterruptedException {
      return status(HttpRequest.newBuilder(URI.create(url + path)));
    }

    private int status(HttpRequest.Builder request) throws IOException, InterruptedException {
      return client.send(request.build(), BodyHandlers.discarding()).statusCode();
    }

    @Override
    public void close() {
      threads.close();
      client.close();
    }
  }
}
