package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A server with a heap of 128 MiB, and the largest bodies that it takes. */
@Timeout(120)
final class SmallHeapTest {

  private static final List<String> JVM =
      List.of("-Xmx128m", "-XX:+ExitOnOutOfMemoryError", "-XX:MaxDirectMemorySize=64m");

  private static final int MESSAGES = 60;
  private static final int BODY_BYTES = 1 << 20;
  private static final int ANSWER_BYTES_MAX = 17 << 20;
  private static final Pattern BATCH_BYTES = Pattern.compile("\"batch_bytes\":(\\d+)");
  private static final Pattern TOKEN = Pattern.compile("\"token\":\"([^\"]+)\"");
  private static final Pattern ID = Pattern.compile("\"id\":\"([0-9a-f-]{36})\"");
  private static final String RECEIVE = "{\"max\":1000,\"wait\":\"5s\"}";
  private static final Pattern RECEIPT = Pattern.compile("\"receipt\":\"([^\"]+)\"");

  @TempDir private Path folder;

  @Test
  void manyAskForAllThatThereIsAndTheServerLives() throws Exception {
    try (TestServer server =
            TestServer.start(folder, Map.of(), JVM, "serve", "--port", "0").ready();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      String body = "x".repeat(BODY_BYTES);
      for (int i = 0; i < MESSAGES; i++) {
        assertThat(server.post("/queues/q/messages", body).statusCode()).isEqualTo(201);
      }
      List<Callable<HttpResponse<String>>> calls =
          List.of(
              () -> server.get("/queues/q/peek?limit=1000"),
              () -> server.get("/jobs?limit=500&include=payload"),
              () -> server.get("/jobs?queue=q&status=pending&limit=500&include=payload,detail"));
      askAll(callers, calls);
      assertThat(received(server, callers, "{\"max\":1000}", "fail")).isEqualTo(MESSAGES);
      checked(server.get("/jobs?queue=q&status=failed&limit=500&include=payload"));
      askAll(
          callers,
          List.of(
              () -> server.get("/queues/q/dead/peek?limit=1000"),
              () -> server.post("/queues/q/dead/receive", "{\"max\":1000}")));
      exportAtOnce(server, callers);
      assertThat(server.post("/queues/q/redrive", "{}").statusCode()).isEqualTo(202);
      assertThat(received(server, callers, "{\"max\":1000}", "done")).isEqualTo(MESSAGES);
      assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }
  }

  private static void askAll(ExecutorService callers, List<Callable<HttpResponse<String>>> calls)
      throws Exception {
    List<Future<HttpResponse<String>>> answers = new ArrayList<>();
    for (int round = 0; round < 4; round++) {
      calls.forEach(call -> answers.add(callers.submit(call)));
    }
    int answered = 0;
    for (Future<HttpResponse<String>> answer : answers) {
      answered += checked(answer.get()) ? 1 : 0;
    }
    assertThat(answered).as("answered at once or after a wait").isPositive();
  }

  /** All of them together are longer than the heap. */
  private static void exportAtOnce(TestServer server, ExecutorService callers) throws Exception {
    List<Future<Long>> exports = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      exports.add(callers.submit(() -> server.lines("/jobs/export?status=failed&queue=q")));
    }
    for (Future<Long> lines : exports) {
      assertThat(lines.get()).isEqualTo(MESSAGES);
    }
  }

  @Test
  void theConsumerOfASessionAsksForAllOfItAndTheServerLives() throws Exception {
    try (TestServer server =
            TestServer.start(folder, Map.of(), JVM, "serve", "--port", "0").ready();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      String job =
          "{\"job_type\":\"x\",\"queue\":\"q\",\"session\":\"s\",\"payload\":\"%s\"}"
              .replace("%s", "x".repeat(BODY_BYTES - 2));
      for (int i = 0; i < MESSAGES; i++) {
        assertThat(server.post("/jobs", job).statusCode()).isEqualTo(201);
      }
      String accepted = server.post("/queues/q/sessions/accept", "{\"session\":\"s\"}").body();
      Matcher token = TOKEN.matcher(accepted);
      assertThat(token.find()).as(accepted).isTrue();
      String ask = "{\"max\":1000,\"session_token\":\"" + token.group(1) + "\"}";
      assertThat(received(server, callers, ask, "done")).isEqualTo(MESSAGES);
      assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }
  }

  /**
   * With the heap of the smallest machine that is supported, see {@link ProcessMemory#TOTAL_MIN}.
   */
  @Test
  void theLargestBatchesAreTakenOrRefusedAndTheServerLives() throws Exception {
    List<String> smallest = List.of("-Xmx96m", "-XX:+ExitOnOutOfMemoryError");
    try (TestServer server =
            TestServer.start(folder, Map.of(), smallest, "serve", "--port", "0").ready();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      Matcher most = BATCH_BYTES.matcher(server.get("/version").body());
      assertThat(most.find()).isTrue();
      int bodies = Integer.parseInt(most.group(1)) / BODY_BYTES;
      byte[] body = new byte[BODY_BYTES];
      String line = "{\"body_base64\":\"" + Base64.getEncoder().encodeToString(body) + "\"}\n";
      String batch = line.repeat(bodies);
      String path = "/queues/q/messages/batch";
      assertThat(server.post(path, batch).statusCode()).isEqualTo(201);
      assertThat(server.post(path, line.repeat(bodies + 1)).statusCode()).isEqualTo(413);
      // What there is never room for is not to be sent again.
      assertThat(server.post(path, line.repeat(2 * bodies)).statusCode()).isEqualTo(413);
      int taken = 1;
      for (int round = 0; round < 4; round++) {
        List<Future<HttpResponse<String>>> answers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
          answers.add(callers.submit(() -> server.post(path, batch)));
        }
        for (Future<HttpResponse<String>> answer : answers) {
          assertThat(answer.get().statusCode()).isIn(201, 503);
          taken += answer.get().statusCode() == 201 ? 1 : 0;
        }
      }
      assertThat(server.get("/queues/q").body()).contains("\"pending\":" + taken * bodies + ",");
    }
  }

  /** Each job has a history of 130 KB in memory; all of them together have 52 MB. */
  @Test
  void longHistoriesAreAskedForAndTheServerLives() throws Exception {
    int jobs = 400;
    try (TestServer server =
            TestServer.start(folder, Map.of(), JVM, "serve", "--port", "0").ready();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      String failed = withLongHistory(server);
      Matcher id = ID.matcher(failed);
      assertThat(id.find()).as(failed).isTrue();
      StringBuilder lines = new StringBuilder();
      for (int n = 1; n < jobs; n++) {
        String other = id.group(1).substring(0, 24) + "%012x".formatted(n);
        lines.append(failed.replace(id.group(1), other)).append('\n');
      }
      assertThat(server.post("/jobs/import", lines.toString()).statusCode()).isEqualTo(200);
      askAll(
          callers,
          List.of(
              () -> server.get("/queues/q/dead/peek?limit=1000"),
              () -> server.get("/jobs?queue=q&limit=500&include=history"),
              () -> server.get("/queues/q/dead/stats"),
              () -> server.post("/queues/q/dead/receive", "{\"max\":1000}")));
      assertThat(server.post("/queues/q/redrive", "{}").statusCode()).isEqualTo(202);
      int received = 0;
      while (received < jobs) {
        received += receipts(server.post("/queues/q/receive", RECEIVE)).size();
      }
      assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
    }
  }

  /** A job that has failed with as many and as long errors as there may be, as an export has it. */
  private static String withLongHistory(TestServer server) throws Exception {
    String queue = "{\"max_attempts\":33,\"backoff\":{\"first\":\"0s\",\"longest\":\"0s\"}}";
    assertThat(server.put("/queues/q", queue).statusCode()).isEqualTo(201);
    assertThat(server.post("/queues/q/messages", "x").statusCode()).isEqualTo(201);
    for (int attempt = 1; attempt <= 33; attempt++) {
      String receipt = receipts(server.post("/queues/q/receive", RECEIVE)).getFirst();
      String settlement =
          """
          {"settlements":[{"receipt":"%s","outcome":"retry","delay":"0s","reason":"%s"}]}\
          """
              .formatted(receipt, "\u0436".repeat(2_048));
      assertThat(server.post("/queues/q/settle", settlement).statusCode()).isEqualTo(200);
    }
    return server.get("/jobs/export?status=failed&queue=q").body().strip();
  }

  private static List<String> receipts(HttpResponse<String> answer) {
    return checked(answer)
        ? RECEIPT.matcher(answer.body()).results().map(it -> it.group(1)).toList()
        : List.of();
  }

  @Test
  void hostileJsonIsRefusedAndTheServerLives() throws Exception {
    StringBuilder names = new StringBuilder("\"n\":\"\"");
    for (int n = 0; n < 100_000; n++) {
      names.append(",\"").append(n).append("\":\"\"");
    }
    List<String> hostile =
        List.of(
            "{\"job_type\":\"t\",\"attributes\":{" + names + "}}",
            "{\"job_type\":\"t\"," + names + "}",
            "{\"job_type\":\"t\",\"payload\":" + "[".repeat(500_000) + "}",
            "{\"job_type\":\"t\",\"attributes\":" + "{\"a\":".repeat(100_000) + "}");
    try (TestServer server =
            TestServer.start(folder, Map.of(), JVM, "serve", "--port", "0").ready();
        ExecutorService callers = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int round = 0; round < 4; round++) {
        hostile.forEach(body -> answers.add(callers.submit(() -> server.post("/jobs", body))));
      }
      assertThat(server.get("/health/live").statusCode()).isEqualTo(200);
      for (Future<HttpResponse<String>> answer : answers) {
        assertThat(answer.get().statusCode()).isIn(400, 503);
      }
      assertThat(server.get("/health/ready").statusCode()).isEqualTo(200);
    }
  }

  /** Four at a time ask for a thousand each, and settle what they get. */
  private static int received(
      TestServer server, ExecutorService callers, String ask, String outcome) throws Exception {
    int received = 0;
    for (int round = 0; round < MESSAGES && received < MESSAGES; round++) {
      List<Future<HttpResponse<String>>> answers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        answers.add(callers.submit(() -> server.post("/queues/q/receive", ask)));
      }
      for (Future<HttpResponse<String>> answer : answers) {
        if (checked(answer.get())) {
          Matcher receipt = RECEIPT.matcher(answer.get().body());
          StringBuilder settled = new StringBuilder();
          while (receipt.find()) {
            received++;
            settled.append(settled.isEmpty() ? "" : ",").append("{\"receipt\":\"");
            settled
                .append(receipt.group(1))
                .append("\",\"outcome\":\"")
                .append(outcome)
                .append("\"}");
          }
          String all = "{\"settlements\":[" + settled + "]}";
          assertThat(server.post("/queues/q/settle", all).statusCode()).isEqualTo(200);
        }
      }
    }
    return received;
  }

  private static boolean checked(HttpResponse<String> answer) {
    if (answer.statusCode() == 503) {
      assertThat(answer.headers().firstValue("Retry-After")).isPresent();
      return false;
    }
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
    assertThat(answer.body()).hasSizeLessThan(ANSWER_BYTES_MAX);
    return true;
  }
}
