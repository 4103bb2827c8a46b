package dev.afterbay.server;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Some seconds of real work for a server that the launcher starts to learn from, so that its cache
 * has the profiles of the methods that messages go through, and not only those of a start.
 *
 * <p>Its time is bounded and its work is not counted: whatever was learnt by then is of use.
 */
final class Training {

  private static final Duration TIME = Duration.ofSeconds(5);
  private static final int SENDERS = 16;
  private static final int RECEIVERS = 2;
  private static final int BATCH = 20;
  private static final int RECEIVE_MAX = 100;
  private static final Duration WAIT = Duration.ofMillis(100);
  private static final String TEXT = "0123456789abcdef".repeat(64);

  private final URI server;
  private final Broker broker;
  private final Queue queue;
  private final long end = System.nanoTime() + TIME.toNanos();

  private Training(URI server, Broker broker) {
    this.server = server;
    this.broker = broker;
    this.queue = broker.queue("training");
  }

  /**
   * @param arguments the URL of the server, which must be one that is thrown away
   */
  public static void main(String[] arguments) throws Exception {
    URI server = URI.create(arguments[0]);
    try (Broker broker = Broker.connect(server)) {
      new Training(server, broker).run();
    }
    System.exit(ExitCode.STOPPED);
  }

  private void run() throws InterruptedException, ExecutionException {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<Integer>> all = new ArrayList<>();
      for (int i = 0; i < SENDERS; i++) {
        all.add(threads.submit(this::send));
      }
      all.add(threads.submit(this::sendBatches));
      all.add(threads.submit(this::post));
      for (int i = 0; i < RECEIVERS; i++) {
        all.add(threads.submit(this::receive));
      }
      for (Future<Integer> each : all) {
        each.get();
      }
    }
  }

  private boolean isOver() {
    return System.nanoTime() - end >= 0;
  }

  private int send() {
    int sent = 0;
    while (!isOver()) {
      queue.send(Message.of("training", TEXT));
      sent++;
    }
    return sent;
  }

  private int sendBatches() {
    int sent = 0;
    while (!isOver()) {
      Message message = Message.of("training", TEXT).tracked().key("key-" + sent);
      queue.send(Collections.nCopies(BATCH, message));
      queue.stats();
      sent += BATCH;
    }
    return sent;
  }

  /** As those do who have no client of ours. */
  private int post() throws IOException, InterruptedException {
    int sent = 0;
    try (HttpClient client = HttpClient.newHttpClient()) {
      HttpRequest message =
          HttpRequest.newBuilder(server.resolve("/queues/training/messages"))
              .timeout(TIME)
              .POST(BodyPublishers.ofString(TEXT))
              .build();
      HttpRequest job =
          HttpRequest.newBuilder(server.resolve("/jobs"))
              .timeout(TIME)
              .POST(
                  BodyPublishers.ofString(
                      "{\"job_type\":\"training\",\"queue\":\"training\",\"payload\":{\"n\":1}}"))
              .build();
      while (!isOver()) {
        client.send(message, BodyHandlers.discarding());
        client.send(job, BodyHandlers.discarding());
        sent += 2;
      }
    }
    return sent;
  }

  private int receive() throws InterruptedException {
    int received = 0;
    try (Receiver receiver = broker.queue("training").receiver()) {
      while (!isOver()) {
        List<Delivery> deliveries = receiver.receive(RECEIVE_MAX, WAIT);
        settle(deliveries);
        received += deliveries.size();
      }
    }
    return received;
  }

  private void settle(List<Delivery> deliveries) {
    List<Settlement> settlements = new ArrayList<>();
    for (Delivery delivery : deliveries) {
      Outcome outcome = settlements.isEmpty() ? Outcome.release() : Outcome.done();
      settlements.add(new Settlement(delivery.detach(), outcome));
    }
    queue.settle(settlements);
  }
}
