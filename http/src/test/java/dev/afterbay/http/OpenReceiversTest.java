package dev.afterbay.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.afterbay.Broker;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.contract.TestClock;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

/** What receivers, at both ends, leave in memory. */
final class OpenReceiversTest {

  private static final String NOTHING_TO_DO = "{\"max\":1}";

  private final AtomicInteger opened = new AtomicInteger();
  private final AtomicInteger closed = new AtomicInteger();

  @Test
  void aReceiveLeavesNoReceiverHoweverItEnds() {
    UnaryOperator<HttpApiServices> counted =
        services ->
            new HttpApiServices(
                counted(Broker.class, services.broker()),
                services.clock(),
                services.defaults(),
                services.health(),
                services.types(),
                services.meters(),
                services.scrape(),
                services.version(),
                services.sns());
    try (Served served =
            Served.open(null, engine -> engine.autoCreateQueues(false), same -> same, counted);
        Http http = new Http(served)) {
      for (int i = 0; i < 100; i++) {
        assertThat(http.post("/queues/never" + i + "/receive", NOTHING_TO_DO).status())
            .isEqualTo(404);
      }
      assertThat(http.put("/queues/q", "{}").status()).isIn(200, 201);
      assertThat(http.post("/queues/q/receive", NOTHING_TO_DO).status()).isEqualTo(200);
      assertThat(http.post("/queues/q/messages", "x").status()).isEqualTo(201);
      assertThat(http.post("/queues/q/receive", NOTHING_TO_DO).status()).isEqualTo(200);
      assertThat(opened).hasValue(102);
      assertThat(closed).hasValue(102);
    }
  }

  /** The server's calendar is a day behind, so that all leases are over for the client. */
  @Test
  void aClientForgetsDeliveriesThatLapsed() throws Exception {
    TestClock clock = new TestClock();
    clock.setWall(Instant.now().minus(Duration.ofDays(1)));
    try (Served served = Served.on(clock);
        HttpBroker broker = served.broker()) {
      HttpReceiver receiver =
          (HttpReceiver)
              broker.queue("q").receiver(ReceiveOptions.STANDARD.lease(Duration.ofHours(1)));
      for (int round = 1; round <= 3; round++) {
        served.engine.queue("q").send(Collections.nCopies(1_000, Message.of("note", "hello")));
        assertThat(receiver.receive(Receiver.RECEIVE_MAX, Duration.ZERO)).hasSize(1_000);
        assertThat(receiver.openCount()).isEqualTo(1_000);
      }
    }
  }

  @Test
  void aClientKeepsDeliveriesWhoseLeasesLive() throws Exception {
    try (Served served = Served.open();
        HttpBroker broker = served.broker()) {
      HttpReceiver receiver = (HttpReceiver) broker.queue("q").receiver();
      for (int round = 1; round <= 3; round++) {
        served.engine.queue("q").send(Collections.nCopies(1_000, Message.of("note", "hello")));
        assertThat(receiver.receive(Receiver.RECEIVE_MAX, Duration.ZERO)).hasSize(1_000);
      }
      assertThat(receiver.openCount()).isEqualTo(3_000);
      receiver.close();
      assertThat(served.engine.queue("q").stats().pending()).isEqualTo(3_000);
    }
  }

  /** Counts the receivers that are opened and closed. */
  private <T> T counted(Class<T> type, T object) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (_, method, arguments) -> {
              Object answer;
              try {
                answer = method.invoke(object, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
              if (object instanceof Receiver && method.getName().equals("close")) {
                closed.incrementAndGet();
              }
              if (answer instanceof Receiver receiver) {
                opened.incrementAndGet();
                return counted(Receiver.class, receiver);
              }
              return answer instanceof Queue queue ? counted(Queue.class, queue) : answer;
            }));
  }
}
