package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.BrokerException;
import dev.afterbay.Delivery;
import dev.afterbay.Job;
import dev.afterbay.JobId;
import dev.afterbay.Message;
import dev.afterbay.Outcome;
import dev.afterbay.Queue;
import dev.afterbay.QueueSettings;
import dev.afterbay.Receiver;
import dev.afterbay.Status;
import dev.afterbay.client.HttpBroker;
import dev.afterbay.contract.FaultyProxy;
import dev.afterbay.contract.ScriptedServer;
import dev.afterbay.contract.ScriptedServer.Step;
import dev.afterbay.worker.Worker;
import io.micrometer.core.instrument.Timer;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A worker whose server is away for a while. */
final class HttpWorkerTest {

  private final Served served = Served.open();
  private final FaultyProxy proxy = FaultyProxy.before(served.api.port());
  private final HttpBroker broker = HttpBroker.of(URI.create("http://127.0.0.1:" + proxy.port()));
  private final Queue queue = broker.queue("q");

  @AfterEach
  void close() {
    broker.close();
    proxy.close();
    served.close();
  }

  @Test
  void anOutageShorterThanTheLeaseRunsNothingTwice() throws Exception {
    Duration day = Duration.ofDays(1);
    queue
        .admin()
        .orElseThrow()
        .configure(QueueSettings.STANDARD.retention(new QueueSettings.Retention(day, day)));
    AtomicInteger runs = new AtomicInteger();
    CountDownLatch inside = new CountDownLatch(1);
    CountDownLatch goOn = new CountDownLatch(1);
    JobId id = queue.send(Message.of("t", "x"));
    Worker.Builder builder =
        Worker.of(queue)
            .handle(
                "t",
                _ -> {
                  runs.incrementAndGet();
                  inside.countDown();
                  goOn.await();
                  return Outcome.done();
                });
    try (Worker worker = builder.start()) {
      inside.await();
      proxy.down();
      try (ScriptedServer broken = ScriptedServer.open(proxy.port())) {
        broken.script(new Step.ReadRequest(), new Step.Reset());
        goOn.countDown();
        Soon.until("its first try has met the outage", () -> isAskedToSettle(broken));
      }
      proxy.up();
      Soon.until("it is done", () -> job(id).status().kind() == Status.Kind.DONE);
      assertThat(worker.abandoned()).isZero();
    }
    assertThat(runs).hasValue(1);
    assertThat(job(id).state().attempts()).isEqualTo(1);
  }

  private static boolean isAskedToSettle(ScriptedServer server) {
    return server.requests().stream().anyMatch(it -> it.startsWith("POST /queues/q/settle "));
  }

  private Job job(JobId id) {
    return served.engine.jobs().orElseThrow().find(id).orElseThrow();
  }

  @Test
  void manyLeasesAreRenewedInOneRequest() throws Exception {
    queue.send(Collections.nCopies(500, Message.of("t", "x")));
    try (Receiver receiver = queue.receiver()) {
      List<Delivery> deliveries = receiver.receive(500, Duration.ofSeconds(5));
      List<Instant> before = deliveries.stream().map(Delivery::leasedUntil).toList();
      List<Optional<BrokerException>> results = receiver.renewAll(deliveries);
      assertThat(results).hasSameSizeAs(deliveries).allMatch(Optional::isEmpty);
      for (int i = 0; i < before.size(); i++) {
        assertThat(deliveries.get(i).leasedUntil()).isAfterOrEqualTo(before.get(i));
      }
      Soon.until("the count of one request", () -> renewals() == 1);
    }
  }

  private long renewals() {
    return served
        .meters
        .find("afterbay.http.requests")
        .tag("route", "/queues/{q}/renew")
        .timers()
        .stream()
        .mapToLong(Timer::count)
        .sum();
  }
}
