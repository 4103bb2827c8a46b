package dev.afterbay.bench;

import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.engine.Engine;
import dev.afterbay.handlers.EmailHandler;
import dev.afterbay.handlers.SmtpSettings;
import dev.afterbay.rocksdb.RocksStore;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/**
 * E-mail jobs of one process, each with one recipient and a body of 1 KiB, until a mail server
 * beside it has taken them: by a pool of connections that twice as many slots want.
 */
record Emails() implements Benchmark {

  private static final int POOL = 8;
  private static final int SLOTS = 2 * POOL;
  private static final int BATCH = 500;
  private static final int BODY_CHARS = 1_024;

  /** So many are sent before a run that it does not come to their end. */
  private static final int PER_SECOND_MAX = 20_000;

  private static final long LOOK_NANOS = Duration.ofMillis(1).toNanos();

  @Override
  public String name() {
    return "email";
  }

  @Override
  public List<Row> measure(Plan plan) throws Exception {
    try (MailServer server = new MailServer();
        RocksStore store =
            RocksStore.open(plan.folder().resolve("data"), RocksStore.Settings.STANDARD);
        Engine engine = Engine.open(store)) {
      plan.warmUp(time -> run(plan, server, engine, time));
      Numbers rates = plan.repeat(time -> run(plan, server, engine, time));
      Numbers connections = new Numbers(new double[] {server.openMax()});
      return List.of(
          new Row(name(), "/s", rates, Goal.atLeast(500)),
          new Row(
              name() + ", connections of a pool of " + POOL, "", connections, Goal.atMost(POOL)));
    }
  }

  private static double run(Plan plan, MailServer server, Engine engine, Duration time)
      throws InterruptedException {
    Queue queue = engine.queue("mail");
    int count = plan.count(PER_SECOND_MAX);
    for (long ready = queue.stats().depth(); ready < count; ready += BATCH) {
      queue.send(Collections.nCopies(BATCH, mail()));
    }
    SmtpSettings settings =
        SmtpSettings.of(server.host()).port(server.port()).tls(SmtpSettings.Tls.NONE).pool(POOL);
    try (EmailHandler handler = EmailHandler.over("bench@example.com", settings);
        Worker _ =
            Worker.of(queue)
                .handle("email", handler, HandlerOptions.STANDARD.concurrency(SLOTS))
                .start()) {
      long before = server.accepted();
      long began = System.nanoTime();
      while (System.nanoTime() - began < time.toNanos() && server.accepted() - before < count) {
        LockSupport.parkNanos(LOOK_NANOS);
      }
      return (server.accepted() - before) / Numbers.seconds(System.nanoTime() - began);
    }
  }

  private static Message mail() {
    String text = "x".repeat(BODY_CHARS);
    String job =
        "{\"to\": \"ada@example.org\", \"subject\": \"bench\", \"text\": \"" + text + "\"}";
    return Message.of("email", job).contentType("application/json");
  }
}
