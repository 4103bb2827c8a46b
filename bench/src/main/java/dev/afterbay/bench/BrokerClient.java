package dev.afterbay.bench;

import dev.afterbay.Broker;
import dev.afterbay.Delivery;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.Settlement;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/**
 * A process that uses a broker as a user's program does. Each line of its input is a task, each
 * line of its output what came of one.
 */
public final class BrokerClient {

  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final double NANOS_PER_MILLI = 1e6;
  private static final double SHARE_P99 = 0.99;
  private static final int RECEIVERS = 4;
  private static final int RECEIVE_MAX = 256;
  private static final Duration WAIT = Duration.ofSeconds(1);
  private static final String SENT_AT = "sent-at";

  private final Broker broker;
  private final Message message =
      Message.of("bench", new String(BenchPayload.text(), StandardCharsets.US_ASCII));

  private BrokerClient(Broker broker) {
    this.broker = broker;
  }

  /**
   * @param arguments the URL of a server, or a folder for a store in this process
   */
  public static void main(String[] arguments) throws Exception {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    try (Broker broker = open(arguments[0])) {
      BrokerClient client = new BrokerClient(broker);
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        System.out.println(client.run(BrokerTask.parse(line)).line());
      }
    } catch (IOException e) {
      throw new IllegalStateException("the tasks cannot be read", e);
    }
    System.exit(0);
  }

  private static Broker open(String place) {
    return place.startsWith("http:")
        ? Broker.connect(URI.create(place))
        : Broker.onDisk(Path.of(place));
  }

  private Task.Result run(BrokerTask task) throws InterruptedException {
    Queue queue = broker.queue(task.queue());
    return switch (task.kind()) {
      case SEND -> send(queue, task);
      case LIFECYCLE -> lifecycle(queue, task);
      case LATENCY -> new Latency(queue).run(task.time());
    };
  }

  private Task.Result send(Queue queue, BrokerTask task) {
    LongAdder sent = new LongAdder();
    long began = System.nanoTime();
    long end = began + task.time().toNanos();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < task.threads(); i++) {
      Runnable sending =
          () -> {
            while (System.nanoTime() < end) {
              queue.send(message);
              sent.increment();
            }
          };
      threads.add(Thread.ofVirtual().name("sender").start(sending));
    }
    Threads.join(threads);
    return new Task.Result(sent.sum(), Numbers.seconds(System.nanoTime() - began), 0, 0);
  }

  private Task.Result lifecycle(Queue queue, BrokerTask task) throws InterruptedException {
    try (Consumers consumers = Consumers.start(Consumers.Kind.RECEIVERS, queue)) {
      double perSecond;
      try (Producers _ = Producers.start(queue, message, task.threads())) {
        perSecond = consumers.perSecond(task.time());
      }
      consumers.finish();
      double seconds = Numbers.seconds(task.time().toNanos());
      return new Task.Result(Math.round(perSecond * seconds), seconds, 0, 0);
    }
  }

  /** From the moment at which a message should be sent to the return of the call that gets it. */
  private final class Latency {
    private final Queue queue;
    private final ConcurrentLinkedQueue<Double> millis = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;

    Latency(Queue queue) {
      this.queue = queue;
    }

    Task.Result run(Duration time) {
      List<Thread> receivers = new ArrayList<>();
      for (int i = 0; i < RECEIVERS; i++) {
        receivers.add(Thread.ofVirtual().name("receiver").start(this::receive));
      }
      long gap = NANOS_PER_SECOND / BrokerTask.LATENCY_PER_SECOND;
      long count = Math.max(1, time.toNanos() / gap);
      long began = System.nanoTime();
      List<Thread> senders = new ArrayList<>();
      for (long i = 0; i < count; i++) {
        long at = began + i * gap;
        while (System.nanoTime() < at) {
          LockSupport.parkNanos(at - System.nanoTime());
        }
        // Each by itself: one that takes long does not put off the next.
        senders.add(Thread.startVirtualThread(() -> send(at)));
      }
      Threads.join(senders);
      while (millis.size() < count) {
        LockSupport.parkNanos(NANOS_PER_SECOND / 1_000);
      }
      stopped = true;
      Threads.join(receivers);
      Numbers all = new Numbers(millis.stream().mapToDouble(Double::doubleValue).toArray());
      double seconds = Numbers.seconds(System.nanoTime() - began);
      return new Task.Result(count, seconds, all.median(), all.percentile(SHARE_P99));
    }

    private void send(long at) {
      queue.send(message.attributes(Map.of(SENT_AT, Long.toString(at))));
    }

    private void receive() {
      try (Receiver receiver = queue.receiver(ReceiveOptions.STANDARD.detached(true))) {
        while (!stopped) {
          List<Delivery> deliveries = receiver.receive(RECEIVE_MAX, WAIT);
          long now = System.nanoTime();
          List<Settlement> settlements = new ArrayList<>();
          for (Delivery delivery : deliveries) {
            long sent = Long.parseLong(delivery.message().attributes().get(SENT_AT));
            millis.add((now - sent) / NANOS_PER_MILLI);
            settlements.add(new Settlement(delivery.detach(), Outcome.done()));
          }
          queue.settle(settlements);
        }
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
