package dev.afterbay.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.afterbay.Event;
import dev.afterbay.Jobs;
import dev.afterbay.Jobs.JobQuery;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.Watch;
import dev.afterbay.contract.TestClock;
import dev.afterbay.engine.Engine;
import dev.afterbay.ledger.MemoryStore;
import dev.afterbay.worker.BreakerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A target that is down for a day: nothing is lost, and it is not flooded when it is back. */
@Timeout(120)
final class OutageTest {
  private static final int JOBS = 200;
  private static final int CONCURRENCY = 10;
  private static final int PROBES = BreakerSettings.STANDARD.successes();

  /** All slots, and those that are free again before the breaker opens. */
  private static final int BEFORE_IT_OPENS = CONCURRENCY + BreakerSettings.STANDARD.failures() - 1;

  private static final Duration DAY = Duration.ofDays(1);
  private static final Duration BREAKER_OPEN = BreakerSettings.STANDARD.open();

  /** Longer than the longest backoff: whatever waits is due after it. */
  private static final Duration STEP = Duration.ofMinutes(6);

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path folder;

  private final TestClock clock = new TestClock();
  private int openings;

  @Test
  void aTargetThatIsDownForADayLosesNothingAndIsNotFloodedAfterwards() throws Exception {
    try (MoodyTarget target = new MoodyTarget();
        MemoryStore store = MemoryStore.open(clock);
        Engine engine = Engine.open(store)) {
      Config config = config(target.url());
      Queue queue = engine.queue("orders");
      queue.admin().orElseThrow().configure(config.queues().get("orders"));
      for (int i = 0; i < JOBS; i++) {
        queue.send(Message.of("order", "" + i).tracked());
      }
      Jobs jobs = engine.jobs().orElseThrow();
      try (Watch watch = jobs.watch(null);
          ConfiguredWorkers _ = ConfiguredWorkers.start(config, engine)) {
        awaitOpen(watch);
        for (Duration down = Duration.ZERO; down.compareTo(DAY) < 0; down = down.plus(STEP)) {
          clock.advance(STEP);
          awaitOpen(watch);
        }
        assertThat(queue.stats().depth()).isEqualTo(JOBS);
        assertThat(queue.stats().failed()).isZero();
        int failed = target.calls.get();

        target.isDown = false;
        letAllBeDone(queue);
        while (count(watch.next(Jobs.PAGE_MAX, Duration.ZERO))) {
          assertThat(openings).isPositive();
        }
        assertThat(openings).isLessThanOrEqualTo((int) DAY.dividedBy(BREAKER_OPEN) + 1);
        assertThat(failed).as("calls in a day").isLessThanOrEqualTo(openings + BEFORE_IT_OPENS);
        assertThat(target.calls.get()).isLessThanOrEqualTo(openings + BEFORE_IT_OPENS + JOBS);
        assertThat(attemptsOf(jobs)).as("an attempt is a call").isEqualTo(target.calls.get());
        assertThat(target.taken).as("each once").hasValue(JOBS);
        assertThat(target.mostAtOnceWhileProbed).hasValue(1);
        assertThat(target.mostAtOnce.get()).isLessThanOrEqualTo(CONCURRENCY);
      }
    }
  }

  private void awaitOpen(Watch watch) throws InterruptedException {
    int before = openings;
    while (openings == before) {
      assertThat(count(watch.next(Jobs.PAGE_MAX, PATIENCE))).as("the breaker opens").isTrue();
    }
  }

  /**
   * @return whether there were any
   */
  private boolean count(List<Event> events) {
    openings += (int) events.stream().filter(e -> e.type() == Event.Type.BREAKER_OPENED).count();
    return !events.isEmpty();
  }

  /** What has failed lately waits for its backoff, so time must go on. */
  private void letAllBeDone(Queue queue) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (queue.stats().done() < JOBS) {
      assertThat(System.nanoTime() - end).as(queue.stats().toString()).isNegative();
      clock.advance(Duration.ofSeconds(1));
      LockSupport.parkNanos(100_000);
    }
  }

  private static int attemptsOf(Jobs jobs) {
    return jobs.list(JobQuery.ALL, null, Jobs.PAGE_MAX).jobs().stream()
        .mapToInt(job -> job.state().attempts())
        .sum();
  }

  private Config config(String url) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("afterbay.yaml"),
            """
            # Time leaps here: it must not lapse what is on its way to the target.
            queues: {orders: {lease: 12h}}
            workers: [{queue: orders, timeout: 1d, http: {url: '%s'}}]
            """
                .formatted(url));
    return ConfigReader.read(file, new Overrides(Map.of(), Map.of()));
  }

  /** Answers 503 while it is down. */
  private static final class MoodyTarget implements AutoCloseable {
    final AtomicInteger calls = new AtomicInteger();
    final AtomicInteger taken = new AtomicInteger();
    final AtomicInteger mostAtOnce = new AtomicInteger();
    final AtomicInteger mostAtOnceWhileProbed = new AtomicInteger();
    volatile boolean isDown = true;
    private final AtomicInteger atOnce = new AtomicInteger();
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);

    MoodyTarget() throws IOException {
      server.setExecutor(threads);
      server.createContext("/", this::answer);
      server.start();
    }

    String url() {
      return "http://127.0.0.1:" + server.getAddress().getPort() + "/orders";
    }

    private void answer(HttpExchange exchange) throws IOException {
      try (exchange) {
        exchange.getRequestBody().readAllBytes();
        calls.incrementAndGet();
        int now = atOnce.incrementAndGet();
        mostAtOnce.accumulateAndGet(now, Math::max);
        if (!isDown && taken.getAndIncrement() < PROBES) {
          mostAtOnceWhileProbed.accumulateAndGet(now, Math::max);
        }
        int status = isDown ? 503 : 204;
        atOnce.decrementAndGet();
        exchange.sendResponseHeaders(status, -1);
      }
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
