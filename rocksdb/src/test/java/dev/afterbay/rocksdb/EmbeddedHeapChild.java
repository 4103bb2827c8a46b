package dev.afterbay.rocksdb;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Jobs;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The process of {@link EmbeddedHeapTest}: has a broker with more in it than fits into its heap,
 * and asks for all of it in every way.
 */
final class EmbeddedHeapChild {

  static final int MESSAGES = 120;
  private static final int BODY_BYTES = 1 << 20;
  private static final int ROUND_TRIPS = 50;

  private final Broker broker;
  private final Queue queue;
  private final List<JobId> ids = new ArrayList<>();

  private EmbeddedHeapChild(Broker broker) {
    this.broker = broker;
    this.queue = broker.queue("large");
    for (int n = 0; n < MESSAGES; n++) {
      ids.add(queue.send(Message.of("large", new byte[BODY_BYTES])));
    }
  }

  static Process start(Path data) throws IOException {
    return ChildJvm.of(List.of(), EmbeddedHeapChild.class, data).redirectErrorStream(true).start();
  }

  @SuppressWarnings("SystemOut")
  public static void main(String[] args) throws Exception {
    try (Broker broker = Broker.onDisk(Path.of(args[0]))) {
      EmbeddedHeapChild child = new EmbeddedHeapChild(broker);
      System.out.println("found " + child.findAll());
      System.out.println("listed " + child.listAndPeek());
      System.out.println("failed " + child.receiveAll(Outcome.fail("not today")));
      System.out.println("dead " + child.deadLetters());
      System.out.println("handled " + child.work());
    }
  }

  private int findAll() {
    Jobs jobs = broker.jobs().orElseThrow();
    return ids.stream().mapToInt(id -> jobs.find(id).isPresent() ? 1 : 0).sum();
  }

  private int listAndPeek() {
    Jobs jobs = broker.jobs().orElseThrow();
    int pages = 0;
    int listed = 0;
    String cursor = null;
    do {
      Jobs.JobPage page = jobs.list(Jobs.JobQuery.ALL, cursor, Jobs.PAGE_MAX);
      listed += page.jobs().size();
      cursor = page.next();
      pages++;
      queue.peek(Jobs.PAGE_MAX);
    } while (cursor != null && pages < MESSAGES);
    return listed;
  }

  private int receiveAll(Outcome outcome) throws InterruptedException {
    int settled = 0;
    try (Receiver receiver = queue.receiver()) {
      while (settled < MESSAGES) {
        List<Delivery> some = receiver.receive(Receiver.RECEIVE_MAX, Duration.ofSeconds(10));
        some.forEach(delivery -> delivery.settle(outcome));
        settled += some.size();
        if (some.isEmpty()) {
          break;
        }
      }
    }
    return settled;
  }

  private int deadLetters() {
    queue.deadLetters().orElseThrow().peek(Receiver.RECEIVE_MAX);
    return Math.toIntExact(queue.stats().failed());
  }

  /** Its handlers keep what they get as long as there may come more. */
  private int work() throws InterruptedException {
    for (int n = 0; n < MESSAGES; n++) {
      queue.send(Message.of("large", new byte[BODY_BYTES]));
    }
    CountDownLatch gate = new CountDownLatch(1);
    AtomicInteger handled = new AtomicInteger();
    HandlerOptions many = HandlerOptions.STANDARD.concurrency(MESSAGES);
    try (Worker _ =
        Worker.of(queue)
            .consume(
                "large",
                delivery -> {
                  handled.incrementAndGet();
                  gate.await();
                },
                many)
            .start()) {
      Waiting.until("there are some", () -> handled.get() > 0);
      otherWork();
      gate.countDown();
      Waiting.until("all are handled", () -> handled.get() == MESSAGES);
    }
    return handled.get();
  }

  /** In that time the worker could claim as often. */
  private void otherWork() throws InterruptedException {
    Queue other = broker.queue("other");
    try (Receiver receiver = other.receiver()) {
      for (int n = 0; n < ROUND_TRIPS; n++) {
        other.send(Message.of("small", "x"));
        receiver
            .receive(1, Duration.ofSeconds(10))
            .forEach(delivery -> delivery.settle(Outcome.done()));
      }
    }
  }
}
