package dev.afterbay.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.afterbay.BrokerException;
import dev.afterbay.Message;
import dev.afterbay.Queue;
import dev.afterbay.ReceiveOptions;
import dev.afterbay.Receiver;
import dev.afterbay.contract.Fault;
import dev.afterbay.contract.Fault.Way;
import dev.afterbay.contract.FaultyProxy;
import dev.afterbay.contract.TestClock;
import dev.afterbay.http.Served;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How our client closes and what it keeps, before a real server. */
@Timeout(60)
final class HttpBrokerServedTest {

  @Test
  void closingManyReceiversOfASilentServerTakesNoLongerThanOne() throws Exception {
    HttpTransport.Patience patience =
        new HttpTransport.Patience(
            Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(100));
    try (Served served = Served.open();
        FaultyProxy proxy = FaultyProxy.before(served.port())) {
      HttpBroker broker = HttpBroker.of(URI.create("http://127.0.0.1:" + proxy.port()), patience);
      Queue queue = broker.queue("q");
      for (int i = 0; i < 50; i++) {
        queue.send(Message.of("t", "x"));
        assertThat(queue.receiver().receive(1, Duration.ZERO)).hasSize(1);
      }
      proxy.set(Fault.stall(Way.TO_SERVER, 0));
      long began = System.nanoTime();
      broker.close();
      assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(4));
    }
  }

  @Test
  void anInterruptFromBeforeDoesNotKeepACloseFromHandingBack() throws Exception {
    try (Served served = Served.open()) {
      CompletableFuture<Boolean> still = new CompletableFuture<>();
      Thread.ofVirtual()
          .start(() -> {
            try (HttpBroker broker = served.broker()) {
              broker.queue("q").send(Message.of("t", "x"));
              broker.queue("q").receiver().receive(1, Duration.ZERO);
              Thread.currentThread().interrupt();
            } catch (InterruptedException e) {
              throw new AssertionError(e);
            }
            still.complete(Thread.currentThread().isInterrupted());
          });
      assertThat(still.get(10, TimeUnit.SECONDS)).isTrue();
      assertThat(served.engine().queue("q").stats().pending()).isEqualTo(1);
    }
  }

  @Test
  void aPathBeforeOursIsKept() {
    try (Served served = Served.open();
        HttpBroker broker = HttpBroker.of(URI.create(served.uri() + "/prefix/"))) {
      assertThatThrownBy(broker::queues).isInstanceOf(BrokerException.QueueNotFound.class);
    }
  }

  @Test
  void closingHandsBackWhatIsOpen() throws Exception {
    try (Served served = Served.open()) {
      try (HttpBroker broker = served.broker()) {
        broker.queue("q").send(Message.of("t", "x"));
        assertThat(broker.queue("q").receiver().receive(1, Duration.ofSeconds(5))).hasSize(1);
      }
      assertThat(served.engine().queue("q").stats().pending()).isEqualTo(1);
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
        served.engine().queue("q").send(Collections.nCopies(1_000, Message.of("note", "hello")));
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
        served.engine().queue("q").send(Collections.nCopies(1_000, Message.of("note", "hello")));
        assertThat(receiver.receive(Receiver.RECEIVE_MAX, Duration.ZERO)).hasSize(1_000);
      }
      assertThat(receiver.openCount()).isEqualTo(3_000);
      receiver.close();
      assertThat(served.engine().queue("q").stats().pending()).isEqualTo(3_000);
    }
  }
}
