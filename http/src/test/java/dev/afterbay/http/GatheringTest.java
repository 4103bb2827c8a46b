package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.BrokerException.LeaseLost;
import dev.afterbay.BrokerException.QueueFull;
import dev.afterbay.BrokerException.Rejected;
import dev.afterbay.Delivery;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiver;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.worker.HandlerOptions;
import dev.afterbay.worker.Worker;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads at one broker: fewer requests, and each is told what became of its own. */
@Timeout(60)
final class GatheringTest {

  private static final int THREADS = 64;

  private final Served served = Served.open();
  private final HttpBroker broker = served.broker();
  private final Queue queue = broker.queue("q");
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  @AfterEach
  void close() {
    threads.close();
    broker.close();
    served.close();
  }

  /** What each of the calls came to, all of them begun together: empty if it went well. */
  private <T> List<Optional<BrokerException>> together(List<Callable<T>> calls) throws Exception {
    CountDownLatch begin = new CountDownLatch(1);
    List<Future<Optional<BrokerException>>> all = new ArrayList<>();
    for (Callable<T> call : calls) {
      all.add(
          threads.submit(() -> {
            begin.await();
            try {
              call.call();
              return Optional.empty();
            } catch (BrokerException e) {
              return Optional.of(e);
            }
          }));
    }
    begin.countDown();
    List<Optional<BrokerException>> results = new ArrayList<>();
    for (Future<Optional<BrokerException>> each : all) {
      results.add(each.get());
    }
    return results;
  }

  private long requests(String route) {
    return served.meters.find("afterbay.http.requests").timers().stream()
        .filter(timer -> String.valueOf(timer.getId().getTag("route")).endsWith(route))
        .mapToLong(Timer::count)
        .sum();
  }

  @Test
  void whatManyThreadsSendGoesInFewerRequests() throws Exception {
    List<Callable<JobId>> sends = new ArrayList<>();
    for (int i = 0; i < 10 * THREADS; i++) {
      sends.add(() -> queue.send(Message.of("t", "x")));
    }
    assertThat(together(sends)).allMatch(Optional::isEmpty);
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(10 * THREADS);
    assertThat(requests("/messages/batch")).isPositive().isLessThan(5 * THREADS);
  }

  @Test
  void aMessageThatIsRefusedFailsOnlyWhoSentIt() throws Exception {
    Message bad = Message.of("t", "x").attributes(Map.of("a", "x".repeat(65 << 10)));
    List<Callable<JobId>> sends = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      boolean isBad = i % 8 == 0;
      sends.add(() -> queue.send(isBad ? bad : Message.of("t", "x")));
    }
    List<Optional<BrokerException>> results = together(sends);
    for (int i = 0; i < THREADS; i++) {
      assertThat(results.get(i).isPresent()).as("thread " + i).isEqualTo(i % 8 == 0);
      results
          .get(i)
          .ifPresent(
              e -> assertThat(e).isInstanceOf(Rejected.class).hasMessageContaining("line 1: "));
    }
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(THREADS * 7 / 8);
  }

  @Test
  void aQueueThatIsNearlyFullTakesWhatItHasRoomFor() throws Exception {
    queue.admin().orElseThrow().configure(QueueSettings.STANDARD.depthMax(10L));
    List<Callable<JobId>> sends = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      sends.add(() -> queue.send(Message.of("t", "x")));
    }
    List<Optional<BrokerException>> results = together(sends);
    assertThat(results.stream().filter(Optional::isEmpty)).hasSize(10);
    assertThat(results.stream().flatMap(Optional::stream)).allMatch(QueueFull.class::isInstance);
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(10);
  }

  @Test
  void aBatchStaysAllOrNoneAmongOthers() throws Exception {
    queue.admin().orElseThrow().configure(QueueSettings.STANDARD.depthMax(20L));
    List<Callable<List<?>>> sends = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      sends.add(() -> queue.send(List.of(Message.of("t", "x"), Message.of("t", "y"))));
    }
    List<Optional<BrokerException>> results = together(sends);
    assertThat(results.stream().filter(Optional::isEmpty)).hasSize(10);
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(20);
  }

  @Test
  void aKeyThatManyThreadsSendIsStoredOnceAndTheOthersGetItsId() throws Exception {
    List<JobId> ids = new ArrayList<>();
    List<Future<JobId>> all = new ArrayList<>();
    for (int i = 0; i < THREADS; i++) {
      all.add(threads.submit(() -> queue.send(Message.of("t", "x").key("k"))));
    }
    for (Future<JobId> each : all) {
      ids.add(each.get());
    }
    assertThat(ids).containsOnly(ids.getFirst());
    assertThat(served.engine.queue("q").stats().pending()).isEqualTo(1);
  }

  private List<Delivery> received(Receiver receiver) throws InterruptedException {
    queue.send(Collections.nCopies(THREADS, Message.of("t", "x")));
    List<Delivery> deliveries = receiver.receive(THREADS, Duration.ofSeconds(10));
    assertThat(deliveries).hasSize(THREADS);
    return deliveries;
  }

  @Test
  void whatManyThreadsSettleAndRenewGoesInFewerRequestsAndALostLeaseFailsOnlyItsOwner()
      throws Exception {
    try (Receiver receiver = queue.receiver()) {
      List<Delivery> deliveries = received(receiver);
      assertThat(
              together(
                  deliveries.stream()
                      .map(delivery -> (Callable<Boolean>) () -> renewed(delivery))
                      .toList()))
          .allMatch(Optional::isEmpty);
      served.engine.jobs().orElseThrow().cancel(deliveries.get(3).job().id());
      List<Callable<Boolean>> settles = new ArrayList<>();
      for (Delivery delivery : deliveries) {
        settles.add(() -> settled(delivery));
      }
      List<Optional<BrokerException>> results = together(settles);
      assertThat(results.stream().flatMap(Optional::stream))
          .allMatch(LeaseLost.class::isInstance)
          .hasSizeLessThanOrEqualTo(1);
    }
    assertThat(served.engine.queue("q").stats().processing()).isZero();
    assertThat(requests("/settle")).isPositive().isLessThan(THREADS);
    assertThat(requests("/renew")).isPositive().isLessThan(THREADS);
  }

  private static boolean renewed(Delivery delivery) {
    delivery.renew();
    return true;
  }

  private static boolean settled(Delivery delivery) {
    delivery.settle(Outcome.done());
    return true;
  }

  @Test
  void aWorkerSettlesTogetherWhatEndsTogether() throws Exception {
    CountDownLatch running = new CountDownLatch(THREADS);
    HandlerOptions options = HandlerOptions.STANDARD.concurrency(THREADS);
    Worker.Builder builder =
        Worker.of(queue)
            .handle(
                Worker.ANY,
                _ -> {
                  running.countDown();
                  running.await();
                  return Outcome.done();
                },
                options);
    queue.send(Collections.nCopies(THREADS, Message.of("t", "x")));
    try (Worker _ = builder.start()) {
      running.await();
      Soon.until("all are done", () -> served.engine.queue("q").stats().depth() == 0);
    }
    assertThat(requests("/settle")).isPositive().isLessThan(THREADS);
  }
}
