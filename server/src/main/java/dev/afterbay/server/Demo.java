package dev.afterbay.server;

import dev.afterbay.Event;
import dev.afterbay.Jobs;
import dev.afterbay.QueueStats;
import dev.afterbay.Watch;
import java.io.File;
import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;

/**
 * A newcomer's first minute: a real server on a temporary folder between a played SNS and a service
 * that is not always well, and what becomes of each message in plain words.
 */
final class Demo {
  private static final String QUEUE = "orders";
  private static final int ORDERS = 10;
  private static final int TRIES = 4;
  private static final String POISON = "order-7";
  private static final int TWICE = 5;
  private static final int FORGED = 8;
  private static final int OK = 200;
  private static final int REFUSED = 403;
  private static final Map<String, Integer> REFUSALS =
      Map.of("order-3", 1, "order-6", 2, "order-9", 1, POISON, Integer.MAX_VALUE);
  private static final Duration BETWEEN_ORDERS = Duration.ofMillis(150);

  /** Then something is wrong, and the demo says so. */
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final PrintStream out;
  private final Path folder;
  private long beganNanos;

  private Demo(PrintStream out, Path folder) {
    this.out = out;
    this.folder = folder;
  }

  /**
   * @return the exit code; 0 if everything went as it should
   */
  static int run(PrintStream out) throws Exception {
    LogLines.onlyErrors();
    Path folder = Files.createTempDirectory("afterbay-demo");
    Thread tidying = new Thread(() -> delete(folder));
    Runtime.getRuntime().addShutdownHook(tidying);
    return new Demo(out, folder).run();
  }

  private int run() throws Exception {
    KeyPair keys = SnsPublisher.newKeys();
    Files.writeString(
        folder.resolve(SnsPublisher.CERTIFICATE_FILE),
        SnsPublisher.certificate(keys, Instant.now()));
    try (DemoService service = DemoService.open(REFUSALS);
        Server server = Server.start(configuration(service.url()));
        SnsPublisher sns = new SnsPublisher(keys, URI.create(server.url() + "/sns/orders"))) {
      introduce(server, service);
      return play(server, service, sns) ? ExitCode.STOPPED : ExitCode.FAILED;
    }
  }

  private Config configuration(URI service) throws IOException {
    String yaml =
        String.format(
            Locale.ROOT,
            """
            data: %s
            http: {port: 0}
            queues:
              orders: {max_attempts: %d, backoff: {first: 200ms, factor: 2, jitter: 0}}
            sns:
              cert_dir: %s
              topics:
                - {arn: "%s", queue: orders}
            workers:
              - {queue: orders, http: {url: "%s"}}
            """,
            folder.resolve("data"),
            TRIES,
            folder,
            SnsPublisher.ARN,
            service);
    Path file = Files.writeString(folder.resolve("afterbay.yaml"), yaml);
    return ConfigReader.read(file, new Overrides(Map.of(), Map.of()));
  }

  private void introduce(Server server, DemoService service) {
    out.printf(
        Locale.ROOT,
        """
        Orders come from Amazon SNS, and go to a service that is not always well.
        Afterbay stands between them, so that no order is lost.

          SNS (played)  %s
               |        POST %s/sns/orders
          Afterbay      checks the signature, stores, syncs, and only then says 200
               |        POST %s
          service       2xx: done    5xx: again in 0.2 s, 0.4 s, 0.8 s, and failed after %d attempts

        """,
        SnsPublisher.ARN,
        server.url(),
        service.url(),
        TRIES);
  }

  private boolean play(Server server, DemoService service, SnsPublisher sns) throws Exception {
    beganNanos = System.nanoTime();
    Jobs jobs = server.engine().jobs().orElseThrow();
    try (Watch watch = jobs.watch(null)) {
      Thread teller = Thread.startVirtualThread(() -> tell(watch, service));
      boolean asExpected = publish(sns);
      teller.join(PATIENCE);
      return conclude(server.engine().queue(QUEUE).stats(), service) && asExpected;
    }
  }

  /** Publishes the orders, one of them twice, and a forged one. */
  private boolean publish(SnsPublisher sns)
      throws GeneralSecurityException, IOException, InterruptedException {
    boolean asExpected = true;
    for (int number = 1; number <= ORDERS; number++) {
      String order = "order-" + number;
      Map<String, String> message =
          sns.notification(UUID.randomUUID().toString(), order, Instant.now());
      asExpected &= post(sns, message, "from SNS", OK, "stored");
      if (number == TWICE) {
        asExpected &= post(sns, message, "from SNS again", OK, "known, nothing new");
      }
      if (number == FORGED) {
        message.put("Subject", "and free of charge");
        asExpected &= post(sns, message, "forged", REFUSED, "refused, nothing stored");
      }
      Thread.sleep(BETWEEN_ORDERS);
    }
    return asExpected;
  }

  /** Nothing else is said in between: the order may be delivered before its answer is here. */
  private synchronized boolean post(
      SnsPublisher sns, Map<String, String> message, String what, int expected, String meaning)
      throws IOException, InterruptedException {
    int status = sns.post(message);
    boolean asExpected = status == expected;
    line(
        message.getOrDefault("Message", ""),
        what + ": " + status,
        asExpected ? meaning : "but " + expected + " was expected");
    return asExpected;
  }

  /** Says what becomes of the orders until all have ended. */
  private void tell(Watch watch, DemoService service) {
    try {
      int left = ORDERS;
      while (left > 0) {
        for (Event event : watch.next(ORDERS, PATIENCE)) {
          left -= tell(event, service) ? 1 : 0;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * @return whether this was the end of a job
   */
  private boolean tell(Event event, DemoService service) {
    String order = service.order(String.valueOf(event.job()));
    String attempt = "  try " + event.attempt() + ": ";
    switch (event.type()) {
      case DONE -> line(order, attempt + "taken", "done");
      case RETRIED -> line(order, attempt + "503", "again in " + pause(event.attempt()));
      case FAILED -> line(order, attempt + "503", "failed, kept for you to look at");
      default -> {
        return false;
      }
    }
    return event.type() != Event.Type.RETRIED;
  }

  private static String pause(int attempts) {
    return String.format(Locale.ROOT, "%.1f s", 0.2 * (1 << (attempts - 1)));
  }

  private boolean conclude(QueueStats stats, DemoService service) {
    List<String> taken = service.taken();
    boolean once = taken.stream().distinct().count() == taken.size();
    boolean asExpected = stats.done() == ORDERS - 1 && stats.failed() == 1 && stats.depth() == 0;
    out.printf(
        Locale.ROOT,
        """

        %d orders came, one of them twice, and one forged:
          %2d done      the service took %s
          %2d failed    %s, after %d attempts; redrive it when the service is well again
          %2d left
        %s

        Now yours:
          ./afterbay serve
          curl -d '{"job_type": "hello", "payload": {"to": "world"}}' http://127.0.0.1:8080/jobs
          and a browser at http://127.0.0.1:8080/
        """,
        ORDERS,
        stats.done(),
        once ? "each of them once" : "some of them twice: " + taken,
        stats.failed(),
        POISON,
        TRIES,
        stats.depth(),
        asExpected && once ? "Nothing was lost." : "That is not what should have happened.");
    return asExpected && once;
  }

  private synchronized void line(String order, String what, String result) {
    double seconds = (System.nanoTime() - beganNanos) / 1e9;
    out.printf(Locale.ROOT, "  %5.2f s  %-9s %-20s %s%n", seconds, order, what, result);
  }

  private static void delete(Path folder) {
    try (Stream<Path> all = Files.walk(folder)) {
      all.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
    } catch (IOException e) {
      System.err.println("afterbay: " + folder + " is left behind: " + e);
    }
  }
}
